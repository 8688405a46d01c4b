using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>What <see cref="SendHistory"/> remembers of one packet: all that its bytes were made from, and none of the bytes.</summary>
internal struct SentPacket
{
    private const long Step = TimeSpan.TicksPerMillisecond / 10;

    public Instant FirstSent;
    private int _sentAgainAfter; // in steps: each viewer has 2048 of these

    public SequenceNumber SequenceNumber;
    public ushort TransportSequenceNumber;
    public ushort PayloadIndex;
    public byte FrameSlot;
    public bool IsRetransmitted;

    /// <summary>It waits in the <see cref="RetransmissionQueue"/>.</summary>
    public bool IsQueued;

    /// <summary>Its repair is sent once more.</summary>
    public bool IsToRepeat;

    /// <summary>To a tenth of a millisecond.</summary>
    public Instant LastSent
    {
        readonly get => new(FirstSent.Ticks + (_sentAgainAfter * Step));
        set => _sentAgainAfter = (int)((value.Ticks - FirstSent.Ticks) / Step);
    }
}
