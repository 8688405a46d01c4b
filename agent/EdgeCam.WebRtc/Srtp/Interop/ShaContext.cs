using System.Runtime.CompilerServices;

namespace EdgeCam.WebRtc.Srtp.Interop;

/// <summary>SHA_CTX of sha.h: 24 words, public and unchanged since OpenSSL 0.9. A value: copying it copies the hash state.</summary>
[InlineArray(24)]
internal struct ShaContext
{
    private uint _first;
}
