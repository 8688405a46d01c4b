using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Congestion;

/// <summary>Packets sent at a higher rate for a moment, and how fast they arrived.</summary>
internal struct ProbeCluster
{
    public byte Number;
    public long Bitrate;
    public int GoalBytes;
    public int GoalPackets;
    public Instant StartedAt;

    public int SentPackets;
    public int SentBytes;
    public int LastBurstBytes; // sent at the last instant
    public long FirstSent, LastSent;

    public int ReceivedPackets;
    public int ReceivedBytes;
    public int FirstBytes; // of the packet that arrived first
    public long FirstArrival, LastArrival;

    public readonly bool IsSent => SentPackets >= GoalPackets && SentBytes >= GoalBytes;

    public void AddSent(int size, Instant now)
    {
        if (SentPackets++ == 0)
            FirstSent = now.Ticks;
        LastBurstBytes = now.Ticks == LastSent ? LastBurstBytes + size : size;
        LastSent = now.Ticks;
        SentBytes += size;
    }

    public void AddReceived(int size, long arrival)
    {
        if (ReceivedPackets++ == 0 || arrival < FirstArrival)
            (FirstArrival, FirstBytes) = (arrival, size);
        LastArrival = ReceivedPackets == 1 ? arrival : Math.Max(LastArrival, arrival);
        ReceivedBytes += size;
    }

    /// <summary>What the cluster proves, or 0 where too little of it arrived.</summary>
    public readonly long Result()
    {
        if (ReceivedPackets < 3 || ReceivedBytes < SentBytes * 0.7 || LastSent <= FirstSent)
            return 0;
        var sent = Rate(SentBytes - LastBurstBytes, LastSent - FirstSent);
        var received = LastArrival <= FirstArrival ? sent : Rate(ReceivedBytes - FirstBytes, LastArrival - FirstArrival);
        var passed = Math.Min(Math.Min(sent, received), Bitrate);
        return received < 0.85 * sent ? (long)(0.9 * passed) : passed; // it queued: that is the capacity, less something for the queue
    }

    private static long Rate(int bytes, long ticks) => bytes * 8L * TimeSpan.TicksPerSecond / ticks;
}
