namespace EdgeCam.WebRtc.Congestion;

/// <summary>What is remembered of one sent packet until feedback speaks of it.</summary>
internal struct PacketRecord
{
    public long SentAt; // ticks of an Instant
    public ushort Number;
    public ushort Size;
    public PacketFate Fate;

    /// <summary>Number of the probe that the packet belongs to, or 0.</summary>
    public byte Probe;
}
