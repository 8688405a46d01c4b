using System.Runtime.InteropServices;

namespace EdgeCam.WebRtc.Dtls.Interop;

/// <summary>An SSL_CTX. Connections hold their own reference, so it may be disposed before them.</summary>
internal sealed class SslContextHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_CTX_free(handle);
        return true;
    }
}
