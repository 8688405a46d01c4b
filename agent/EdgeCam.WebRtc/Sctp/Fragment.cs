namespace EdgeCam.WebRtc.Sctp;

/// <summary>The payload of one DATA chunk that waits for the rest of its message.</summary>
internal sealed class Fragment(byte[] payload)
{
    public byte[] Payload { get; } = payload;

    public Fragment? Next { get; set; }
}
