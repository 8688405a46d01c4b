using System.Runtime.InteropServices;

namespace EdgeCam.WebRtc.Dtls.Interop;

/// <summary>An SSL, which owns its BIO.</summary>
internal sealed class SslHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_free(handle);
        return true;
    }
}
