using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests.Simulation;

/// <summary>A node whose calls are watched for what they allocate.</summary>
internal sealed class MeteredNode(IVirtualNode node) : IVirtualNode
{
    private readonly Dictionary<string, (long Bytes, int Calls)> _allocations = [];

    public int Datagrams { get; private set; }

    public Instant NextTimeout => node.NextTimeout;

    public void Reset()
    {
        _allocations.Clear();
        Datagrams = 0;
    }

    /// <summary>What allocated, how much and how often; empty where nothing did.</summary>
    public string Report() => string.Join("; ", _allocations.Select(entry => $"{entry.Key}: {entry.Value.Bytes} bytes in {entry.Value.Calls} calls"));

    public void Measure(string what, Action work)
    {
        var before = Now();
        work();
        Add(what, before);
    }

    public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now)
    {
        Datagrams++;
        var kind = datagram[0] switch { <= 3 => "HandleDatagram of STUN", <= 63 => "HandleDatagram of DTLS", _ => "HandleDatagram of RTCP" };
        var before = Now();
        node.HandleDatagram(datagram, path, now);
        Add(kind, before);
    }

    public void HandleTimeout(Instant now)
    {
        var before = Now();
        node.HandleTimeout(now);
        Add("HandleTimeout", before);
    }

    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        var before = Now();
        var sent = node.TryTransmit(buffer, now, out transmit);
        Add("TryTransmit", before);
        return sent;
    }

    /// <summary>In this order, and in <see cref="Add"/> in the other one: a collection between the two readings is to be seen.</summary>
    private static (int Collections, long Bytes) Now() => (GC.CollectionCount(0), GC.GetAllocatedBytesForCurrentThread());

    /// <summary>Where the collector ran meanwhile nothing can be told: the rest of what the thread may allocate from is counted as if it had been allocated.</summary>
    private void Add(string what, (int Collections, long Bytes) before)
    {
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before.Bytes;
        if (bytes == 0 || GC.CollectionCount(0) != before.Collections)
            return;
        var (sum, calls) = _allocations.GetValueOrDefault(what);
        _allocations[what] = (sum + bytes, calls + 1);
    }
}
