using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Congestion;

/// <summary>
/// What was sent, by transport-wide sequence number. Bound: the last 2048 packets, nine seconds of a stream of 2 Mbit/s; policy: the
/// oldest is overwritten, and feedback for it is left aside.
/// </summary>
internal sealed class PacketLog
{
    public const int Capacity = 2048;

    private readonly PacketRecord[] _ring = new PacketRecord[Capacity];
    private PacketRecord _none;

    public void Add(SequenceNumber number, int size, byte probe, Instant now) => _ring[number.Value % Capacity] = new()
    {
        SentAt = now.Ticks,
        Number = number.Value,
        Size = (ushort)size,
        Fate = PacketFate.InFlight,
        Probe = probe,
    };

    /// <summary>The record of that number; its fate is <see cref="PacketFate.None"/> where there is none (any more).</summary>
    public ref PacketRecord Find(SequenceNumber number)
    {
        ref var record = ref _ring[number.Value % Capacity];
        if (record.Number == number.Value)
            return ref record;
        _none = new() { Number = number.Value }; // the other one's record is in use: feedback may name any number
        return ref _none;
    }
}
