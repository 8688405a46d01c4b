using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>What <see cref="SendHistory"/> remembers of one packet: all that its bytes were made from, and none of the bytes.</summary>
internal struct SentPacket
{
    public SequenceNumber SequenceNumber;
    public ushort TransportSequenceNumber;
    public int PayloadIndex;
    public Instant FirstSent;
    public Instant LastSent;
    public short FrameSlot;
    public bool IsRemembered;
    public bool IsRetransmitted;

    /// <summary>It waits in the <see cref="RetransmissionQueue"/>.</summary>
    public bool IsQueued;

    /// <summary>Its repair is sent once more.</summary>
    public bool IsToRepeat;
}
