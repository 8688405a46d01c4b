using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>One line: what is known of it, and what is under way. Values are logical.</summary>
internal sealed class GpioLine(GpioLineOptions options)
{
    private readonly RetryDelay _retry = new();
    private bool? _lastKnown;
    private bool _lastSent;

    public GpioLineOptions Options { get; } = options;

    public string Name => Options.Name;

    public ushort Offset => (ushort)Options.Offset;

    public bool IsOutput { get; } = options.Direction == "output";

    /// <summary>As the hardware confirmed it; null: nobody knows.</summary>
    public bool? Value { get; private set; }

    /// <summary>When it became so, for the wall; null where it has not changed since it is known.</summary>
    public DateTimeOffset? ChangedAt { get; set; }

    /// <summary>When the hardware said so.</summary>
    public Instant SeenAt { get; private set; }

    /// <summary>Null: it is in order, or being opened.</summary>
    public DeviceFault? Fault { get; private set; }

    /// <summary>When it is requested anew.</summary>
    public Instant RetryAt { get; set; } = Instant.Never;

    public GpioPulse? Pulse { get; set; }

    public GpioGoal? Goal { get; set; }

    public OperationWindow Operations { get; } = new(options.MaxOperationsPerMinute);

    public Announcements Announcements { get; } = new();

    /// <summary>Values sent and not confirmed yet.</summary>
    public int UnderWay { get; private set; }

    private int OnsUnderWay { get; set; }

    /// <summary>Since when it is on without a break, as far as anybody knows.</summary>
    public Instant? OnSince { get; private set; }

    /// <summary>The value that it has once everything under way is done.</summary>
    public bool? Expected => UnderWay > 0 ? _lastSent : Value;

    /// <summary>Nobody could swear that it is off.</summary>
    public bool MayBeOn => Value != false || OnsUnderWay > 0;

    public void Sent(bool value, Instant now)
    {
        UnderWay++;
        _lastSent = value;
        if (!value)
            return;
        OnsUnderWay++;
        OnSince ??= now;
    }

    public void Answered(bool value)
    {
        UnderWay--;
        if (value)
            OnsUnderWay--;
    }

    /// <summary>The hardware has this value.</summary>
    /// <returns>Whether it is another than the last one known.</returns>
    public bool Take(bool value, Instant at)
    {
        var isEdge = _lastKnown is { } last && last != value;
        (Value, _lastKnown, SeenAt, Fault, RetryAt) = (value, value, at, null, Instant.Never);
        _retry.Reset();
        if (value)
            OnSince ??= at;
        else if (OnsUnderWay == 0)
            OnSince = null;
        return isEdge;
    }

    /// <summary>Nobody knows any more what it is; <see cref="OnSince"/> runs on, for it may well still be on.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Fail(DeviceFault fault, Instant now, bool isRetried)
    {
        var isNews = Fault != fault;
        Forget();
        Fault = fault;
        RetryAt = isRetried ? now + _retry.Next() : Instant.Never;
        return isNews;
    }

    /// <summary>Its port is open, and it is asked what it is.</summary>
    public void Opened()
    {
        Forget();
        (Fault, RetryAt) = (null, Instant.Never);
        _retry.Reset();
    }

    private void Forget() => (Value, Pulse, Goal, UnderWay, OnsUnderWay) = (null, null, null, 0, 0);
}
