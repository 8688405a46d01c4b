using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>
/// Packets that a viewer asked for again. Bounded in number and in bytes per second; what does not fit is dropped and counted, the
/// viewer asks again or for an IDR picture. A packet is sent again once per round trip, however often it is asked for; a tenth less,
/// since a viewer whose repair was lost too asks exactly one round trip later.
/// </summary>
internal sealed class RetransmissionQueue(SendHistory history, int mostBytesPerSecond)
{
    public const int Capacity = 512;

    private readonly SequenceNumber[] _ring = new SequenceNumber[Capacity];
    private int _first;
    private int _count;
    private readonly int _mostBytesPerSecond = mostBytesPerSecond;
    private int _bytesPerSecond = mostBytesPerSecond;
    private double _budget = Burst(mostBytesPerSecond);
    private Instant _refilledAt;

    public bool IsEmpty => _count == 0;

    /// <summary>Asked for, and not in the history (any more).</summary>
    public long Unknown { get; private set; }

    /// <summary>Asked for again before an answer could have arrived.</summary>
    public long Suppressed { get; private set; }

    /// <summary>The queue or the budget was full.</summary>
    public long Dropped { get; private set; }

    /// <summary>Each repair is sent twice: on a path that loses packets and is long, a lost repair costs a visible pause.</summary>
    public bool IsRepeating { get; set; }

    /// <summary>Bounds what repairs may cost, never above what the options allow.</summary>
    public void SetBytesPerSecond(long bytesPerSecond) => _bytesPerSecond = (int)Math.Min(bytesPerSecond, _mostBytesPerSecond);

    public void Request(SequenceNumber sequenceNumber, TimeSpan roundTripTime, Instant now)
    {
        var index = history.Find(sequenceNumber);
        if (index < 0)
        {
            Unknown++;
            return;
        }

        ref var packet = ref history.PacketAt(index);
        if (packet.IsQueued || (packet.IsRetransmitted && now - packet.LastSent < roundTripTime * 0.9))
        {
            Suppressed++;
            return;
        }

        if (_count == Capacity)
        {
            Dropped++;
            return;
        }

        packet.IsQueued = true;
        packet.IsToRepeat = IsRepeating;
        _ring[(_first + _count++) % Capacity] = sequenceNumber;
    }

    /// <summary>The next packet that may be sent now, as an index of the history; it stays queued until <see cref="Remove"/>.</summary>
    public bool TryPeek(Instant now, out int index)
    {
        Refill(now);
        while (_count > 0)
        {
            index = history.Find(_ring[_first]);
            if (index >= 0 && _budget >= RtpLimits.MaxDatagram)
                return true;
            if (index < 0)
                Unknown++; // left the history while it waited
            else
                Dropped++;
            Remove(index, 0, now);
        }

        index = -1;
        return false;
    }

    /// <summary>Takes the first packet off the queue.</summary>
    /// <param name="size">Bytes that it cost; 0 where it was not sent.</param>
    public void Remove(int index, int size, Instant now)
    {
        _first = (_first + 1) % Capacity;
        _count--;
        _budget -= size;
        if (index < 0)
            return;
        ref var packet = ref history.PacketAt(index);
        packet.IsQueued = false;
        if (size == 0)
            return;
        packet.IsRetransmitted = true;
        packet.LastSent = now;
        if (!packet.IsToRepeat || _count == Capacity)
            return;
        packet.IsToRepeat = false;
        packet.IsQueued = true;
        _ring[(_first + _count++) % Capacity] = packet.SequenceNumber;
    }

    private void Refill(Instant now)
    {
        _budget = Math.Min(Burst(_bytesPerSecond), _budget + ((now - _refilledAt).TotalSeconds * _bytesPerSecond));
        _refilledAt = now;
    }

    /// <summary>A quarter of a second at once.</summary>
    private static int Burst(int bytesPerSecond) => Math.Max(bytesPerSecond / 4, 2 * RtpLimits.MaxDatagram);
}
