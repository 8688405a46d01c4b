using EdgeCam.WebRtc.Rtp;

namespace EdgeCam.Fuzz;

/// <summary>Leaves packets as they are.</summary>
internal sealed class NoProtection : IRtpProtector
{
    public int Overhead => 0;

    public int Protect(Span<byte> buffer, int length, bool isRepeat = false) => length;

    public int ProtectRtcp(Span<byte> buffer, int length) => length;
}
