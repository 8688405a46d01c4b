using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Srtp;

namespace EdgeCam.WebRtc;

/// <summary>Lets the RTP sender protect its packets without knowing SRTP.</summary>
internal sealed class SrtpProtector(KeyingMaterial keys) : IRtpProtector, IDisposable
{
    private readonly SrtpSession _session = new(keys);

    public int Overhead { get; } = keys.Profile == SrtpProfile.AeadAes128Gcm ? 16 : 10;

    public int Protect(Span<byte> buffer, int length, bool isRepeat) => _session.Protect(buffer, length, isRepeat);

    public int ProtectRtcp(Span<byte> buffer, int length) => _session.ProtectRtcp(buffer, length);

    public bool TryUnprotectRtcp(Span<byte> packet, out int length) => _session.TryUnprotectRtcp(packet, out length);

    public void Dispose() => _session.Dispose();
}
