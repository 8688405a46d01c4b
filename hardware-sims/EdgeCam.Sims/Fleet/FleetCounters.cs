namespace EdgeCam.Sims.Fleet;

/// <summary>What all devices did since the start. From any thread.</summary>
internal sealed class FleetCounters
{
    private readonly long[] _ends = new long[Enum.GetValues<LinkEnd>().Length];
    private long _attempts;
    private long _connects;
    private long _lost;
    private long _mostAttempts;
    private long _messagesOut;
    private long _messagesIn;
    private long _bytesOut;
    private long _bytesIn;
    private long _unsent;
    private long _flooded;

    /// <summary>TCP connections tried.</summary>
    public long Attempts => Interlocked.Read(ref _attempts);

    /// <summary>Those that the broker took.</summary>
    public long Connects => Interlocked.Read(ref _connects);

    public long Connected => Connects - Interlocked.Read(ref _lost);

    public long Failed => Ends(LinkEnd.NoAnswer) + Ends(LinkEnd.NotListening) + Ends(LinkEnd.Refused);

    /// <summary>The most that one device needed, or has needed so far, for one connection.</summary>
    public long MostAttempts => Interlocked.Read(ref _mostAttempts);

    /// <summary>Published by devices and acknowledged by the broker.</summary>
    public long MessagesOut => Interlocked.Read(ref _messagesOut);

    public long MessagesIn => Interlocked.Read(ref _messagesIn);

    /// <summary>That TCP carried, TLS included.</summary>
    public long BytesOut => Interlocked.Read(ref _bytesOut);

    public long BytesIn => Interlocked.Read(ref _bytesIn);

    /// <summary>Messages that a device gave up: they were too old when the broker was back.</summary>
    public long Unsent => Interlocked.Read(ref _unsent);

    /// <summary>Messages that a device dropped since too many of them waited.</summary>
    public long Flooded => Interlocked.Read(ref _flooded);

    public long Ends(LinkEnd end) => Interlocked.Read(ref _ends[(int)end]);

    /// <param name="inSuccession">Of this device since it was last connected, this one included.</param>
    public void Tried(int inSuccession)
    {
        Interlocked.Increment(ref _attempts);
        for (var most = MostAttempts; inSuccession > most && Interlocked.CompareExchange(ref _mostAttempts, inSuccession, most) != most;)
            most = MostAttempts;
    }

    public void WasConnected() => Interlocked.Increment(ref _connects);

    /// <summary>An attempt, or a connection, is over.</summary>
    public void Ended(LinkEnd end, bool wasConnected)
    {
        Interlocked.Increment(ref _ends[(int)end]);
        if (wasConnected)
            Interlocked.Increment(ref _lost);
    }

    public void Published() => Interlocked.Increment(ref _messagesOut);

    public void Heard() => Interlocked.Increment(ref _messagesIn);

    public void GaveUp(int messages) => Interlocked.Add(ref _unsent, messages);

    public void WasFlooded() => Interlocked.Increment(ref _flooded);

    public void Sent(int bytes) => Interlocked.Add(ref _bytesOut, bytes);

    public void Received(int bytes) => Interlocked.Add(ref _bytesIn, bytes);
}
