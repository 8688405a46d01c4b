namespace EdgeCam.Agent.Mqtt;

/// <summary>
/// How long to wait before the next attempt: anywhere between nothing and a bound that doubles (full jitter). Where nobody answers the bound ends at
/// 7 s, since a SYN costs a dead broker nothing and the device shall be back within 10 s of it; where a broker answers and does not keep us it ends at
/// 60 s, since it is overloaded or does not want us.
/// </summary>
/// <remarks>
/// Two clients under one id end each other's connections for ever. By MQTT 5 a broker may say so to the one that goes; others just close, mosquitto 2.0
/// among them, and three connections in succession that were closed within 30 s are taken for the same thing. A broker that refuses TCP in between was
/// restarted: what was counted before says nothing about it. One that is restarted three times, each within a second and within half a minute of the
/// last, looks like a take-over.
/// </remarks>
internal sealed class ReconnectPolicy(Func<double> random, TimeSpan first, TimeSpan maxAway, TimeSpan maxPresent)
{
    /// <summary>A connection that lived for so long was a good one.</summary>
    public static readonly TimeSpan Stable = TimeSpan.FromSeconds(30);

    /// <summary>After a take-over one must live for longer: while both clients wait for up to 60 s, either has half a minute of peace.</summary>
    public static readonly TimeSpan Calm = TimeSpan.FromMinutes(5);

    private const int Suspicious = 3;

    private readonly BackOff _away = new(first, maxAway, random);
    private readonly BackOff _present = new(first, maxPresent, random);
    private int _closings; // in succession

    public ReconnectPolicy(Func<double> random)
        : this(random, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(60))
    {
    }

    /// <summary>Another client seems to connect under our id.</summary>
    public bool SuspectsTakeOver => _closings >= Suspicious;

    /// <summary>The wait after this end.</summary>
    public TimeSpan Next(BrokerEnd end)
    {
        switch (end.Kind)
        {
            case BrokerEndKind.Moved:
                return TimeSpan.Zero; // the broker is as it was
            case BrokerEndKind.Unreachable:
                return _away.Next();
            case BrokerEndKind.NotListening:
                Forget();
                return _away.Next();
        }

        _away.Reset();
        if (end.Lived >= (SuspectsTakeOver ? Calm : Stable))
            Forget();
        if (end.Kind == BrokerEndKind.TakenOver)
            _closings = Suspicious;
        else if (end.Kind == BrokerEndKind.Closed && end.Lived < Stable)
            _closings++;
        return _present.Next();
    }

    private void Forget()
    {
        _present.Reset();
        _closings = 0;
    }
}
