using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Tests.Ice;

internal sealed record SentMessage(byte[] Bytes, NetworkPath Path)
{
    public StunMessageView View => StunMessageView.TryParse(Bytes, out var message) ? message : throw new InvalidDataException();

    public StunErrorCode? Error => View.TryGetErrorCode(out var code) ? code : null;
}
