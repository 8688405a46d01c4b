using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Congestion;

/// <summary>
/// Packets sent at a higher rate for a moment, and how fast they left and arrived: the slopes of time over bytes, by least squares, since
/// jitter of one packet at the end of a short cluster would tell of another rate.
/// </summary>
internal struct ProbeCluster
{
    private const double Queued = 0.85;

    private double _bytes, _bytesSquared, _sent, _sentByBytes, _arrival, _arrivalByBytes;
    private long _firstSent, _firstArrival;
    private int _receivedBytes;

    public byte Number;
    public long Bitrate;
    public int GoalBytes;
    public int GoalPackets;
    public Instant StartedAt;
    public int SentPackets;
    public int SentBytes;
    public long LastSent;
    public int ReceivedPackets;

    public readonly bool IsSent => SentPackets >= GoalPackets && SentBytes >= GoalBytes;

    public void AddSent(int size, Instant now)
    {
        SentPackets++;
        SentBytes += size;
        LastSent = now.Ticks;
    }

    /// <summary>Takes packets in the order of sending.</summary>
    public void AddReceived(int size, long sentAt, long arrival)
    {
        if (ReceivedPackets++ == 0)
            (_firstSent, _firstArrival) = (sentAt, arrival);
        _receivedBytes += size;
        double bytes = _receivedBytes, sent = sentAt - _firstSent, arrived = arrival - _firstArrival;
        _bytes += bytes;
        _bytesSquared += bytes * bytes;
        _sent += sent;
        _sentByBytes += sent * bytes;
        _arrival += arrived;
        _arrivalByBytes += arrived * bytes;
    }

    /// <summary>What the cluster proves in bits per second, or 0 where too little of it arrived.</summary>
    /// <param name="isSaturated">It queued on its way: there is no more.</param>
    public readonly long Result(out bool isSaturated)
    {
        isSaturated = true;
        if (ReceivedPackets < 3 || _receivedBytes < SentBytes * 0.7)
            return 0;
        var sent = Rate(_sent, _sentByBytes);
        var received = Rate(_arrival, _arrivalByBytes);
        var passed = (long)Math.Min(Math.Min(sent, received), Bitrate);
        isSaturated = received < Queued * sent;
        return isSaturated ? (long)(0.9 * passed) : passed; // the capacity, less something for the queue
    }

    private readonly double Rate(double times, double timesByBytes)
    {
        var ticksPerByte = ((ReceivedPackets * timesByBytes) - (times * _bytes)) / ((ReceivedPackets * _bytesSquared) - (_bytes * _bytes));
        return ticksPerByte <= 0 ? double.MaxValue : 8.0 * TimeSpan.TicksPerSecond / ticksPerByte;
    }
}
