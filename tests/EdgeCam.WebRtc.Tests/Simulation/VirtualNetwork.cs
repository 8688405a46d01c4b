using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests.Simulation;

/// <summary>A network in virtual time: seeded loss, delay, reordering and duplication. Nothing sleeps; nothing is a socket.</summary>
internal sealed class VirtualNetwork(int seed)
{
    private readonly Random _random = new(seed);
    private readonly PriorityQueue<(byte[] Datagram, NetworkPath Path), (long Ticks, long Order)> _inFlight = new();
    private readonly List<IVirtualNode> _nodes = [];
    private readonly Dictionary<TransportAddress, IVirtualNode> _addresses = [];
    private readonly Dictionary<TransportAddress, Bottleneck> _bottlenecks = [];
    private readonly byte[] _buffer = new byte[65536];
    private long _order;

    public Instant Now { get; private set; } = new(TimeSpan.TicksPerHour);

    /// <summary>Probability that a datagram is lost, 0 to 1.</summary>
    public double Loss { get; set; }

    /// <summary>Probability that a datagram arrives twice, 0 to 1.</summary>
    public double Duplication { get; set; }

    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Uniform extra delay; more than the spacing of datagrams reorders them.</summary>
    public TimeSpan Jitter { get; set; }

    /// <summary>Sees each datagram as it is sent and says whether it may pass.</summary>
    public Func<ReadOnlyMemory<byte>, NetworkPath, bool> Filter { get; set; } = static (_, _) => true;

    public int Sent { get; private set; }

    public int Delivered { get; private set; }

    public int Lost { get; private set; }

    public void Attach(IVirtualNode node, params ReadOnlySpan<TransportAddress> addresses)
    {
        _nodes.Add(node);
        foreach (var address in addresses)
            _addresses[address] = node;
    }

    /// <summary>Lets all that is sent from the address pass a bottleneck; several may share one.</summary>
    public void Limit(TransportAddress local, Bottleneck bottleneck) => _bottlenecks[local] = bottleneck;

    /// <summary>Makes an address lead nowhere, as when an interface goes down.</summary>
    public void Detach(TransportAddress address) => _addresses.Remove(address);

    public void Send(ReadOnlySpan<byte> datagram, NetworkPath path)
    {
        Sent++;
        var copy = datagram.ToArray();
        if (_random.NextDouble() < Loss || !Filter(copy, path))
        {
            Lost++;
            return;
        }

        var left = Now;
        if (_bottlenecks.TryGetValue(path.Local, out var bottleneck) && !bottleneck.TryPass(path.Local, datagram.Length, Now, out left))
        {
            Lost++;
            return;
        }

        var copies = _random.NextDouble() < Duplication ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            var arrival = left + Latency + (Jitter * _random.NextDouble());
            _inFlight.Enqueue((i == 0 ? copy : [.. copy], path), (arrival.Ticks, _order++));
        }
    }

    public void RunFor(TimeSpan span)
    {
        var end = Now + span;
        while (Step(end))
        {
        }
    }

    /// <summary>Runs until the condition holds; false when the virtual time limit passes first.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        var end = Now + limit;
        Flush();
        while (!condition())
        {
            if (!Step(end))
                return condition();
        }

        return true;
    }

    private bool Step(Instant end)
    {
        Flush();
        var next = end;
        if (_inFlight.TryPeek(out _, out var first))
            next = Instant.Min(next, new(first.Ticks));
        foreach (var node in _nodes)
            next = Instant.Min(next, node.NextTimeout);
        Now = Instant.Max(Now, next);
        if (Now >= end)
            return false;

        while (_inFlight.TryPeek(out var arriving, out var at) && at.Ticks <= Now.Ticks)
        {
            _inFlight.Dequeue();
            if (_addresses.TryGetValue(arriving.Path.Remote, out var receiver))
            {
                Delivered++;
                receiver.HandleDatagram(arriving.Datagram, new(arriving.Path.Remote, arriving.Path.Local), Now);
            }
        }

        foreach (var node in _nodes)
        {
            if (node.NextTimeout <= Now)
                node.HandleTimeout(Now);
        }

        return true;
    }

    private void Flush()
    {
        foreach (var node in _nodes)
        {
            while (node.TryTransmit(_buffer, Now, out var transmit))
            {
                for (var at = 0; at < transmit.Length; at += transmit.SegmentSize)
                    Send(_buffer.AsSpan(at, Math.Min(transmit.SegmentSize, transmit.Length - at)), transmit.Path);
            }
        }
    }
}
