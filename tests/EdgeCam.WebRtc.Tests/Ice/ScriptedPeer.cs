using System.Text;
using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Ice;

/// <summary>An agent, a clock, and a peer that says exactly what the test wants, honest or not.</summary>
internal sealed class ScriptedPeer
{
    private readonly byte[] _buffer = new byte[1500];
    private readonly SeededRandom _random = new(77);
    private IceCredentials _theirs;
    private IceCredentials _theirNext;
    private uint _transactions;

    public ScriptedPeer(IceRole role = IceRole.Controlled, int maxPairs = 100, params string[] hosts)
        : this(options => options with { Role = role, MaxPairs = maxPairs }, hosts)
    {
    }

    public ScriptedPeer(Func<IceAgentOptions, IceAgentOptions> configure, params string[] hosts)
    {
        Ours = IceCredentials.Create(_random);
        _theirs = IceCredentials.Create(_random);
        _theirNext = IceCredentials.Create(_random);
        TransportAddress[] addresses = hosts.Length == 0 ? [IceNode.Address("192.0.2.2")] : [.. hosts.Select(ip => IceNode.Address(ip))];
        Agent = new(configure(new(IceRole.Controlled, Ours, _random, addresses)), Now);
        Local = addresses[0];
    }

    public IceAgent Agent { get; }

    public IceCredentials Ours { get; private set; }

    /// <summary>The peer's username fragment after the next restart.</summary>
    public string NextFragment => _theirNext.UsernameFragment;

    public TransportAddress Local { get; }

    public Instant Now { get; private set; } = new(TimeSpan.TicksPerHour);

    public void Connect(bool isLite = false) => Assert.True(Agent.SetRemoteCredentials(_theirs, isLite, Now));

    /// <summary>Both sides take new credentials; <see cref="Connect"/> tells the agent the peer's.</summary>
    public void Restart()
    {
        Ours = IceCredentials.Create(_random);
        (_theirs, _theirNext) = (_theirNext, IceCredentials.Create(_random));
        Assert.True(Agent.Restart(Ours));
    }

    public NetworkPath PathTo(string ip, int port = 5000) => new(Local, IceNode.Address(ip, port));

    public void AddCandidate(string ip, uint priority = 1000, string foundation = "1") =>
        Agent.AddRemoteCandidate(new(foundation, priority, IceNode.Address(ip), CandidateType.Host), Now);

    /// <summary>Lets time pass as the owner's loop would; what is sent on the way is returned.</summary>
    public List<SentMessage> Wait(TimeSpan span)
    {
        var sent = new List<SentMessage>();
        var end = Now + span;
        for (var turns = 0; ; turns++)
        {
            Assert.True(turns < 10_000, "the agent's deadline does not move");
            sent.AddRange(Drain());
            if (Agent.NextTimeout > end)
                break;
            Now = Instant.Max(Now, Agent.NextTimeout);
            Agent.HandleTimeout(Now);
        }

        Now = end;
        return sent;
    }

    /// <summary>All that the agent sends at this moment.</summary>
    public List<SentMessage> Drain()
    {
        var sent = new List<SentMessage>();
        while (Agent.TryTransmit(_buffer, Now, out var transmit))
            sent.Add(new(_buffer[..transmit.Length], transmit.Path));
        return sent;
    }

    public void Deliver(byte[] datagram, NetworkPath path) => Agent.HandleDatagram(datagram, path, Now);

    /// <summary>A connectivity check of the peer.</summary>
    public byte[] Request(
        bool useCandidate = false, string? username = null, string? password = null, uint? priority = 2000,
        StunAttributeType role = StunAttributeType.IceControlling, ulong tieBreaker = 0, bool hasIntegrity = true, StunAttributeType extra = 0)
    {
        var writer = new StunMessageWriter(_buffer, StunMethod.Binding, StunClass.Request, new(1, ++_transactions));
        writer.AddText(StunAttributeType.Username, username ?? $"{Ours.UsernameFragment}:{_theirs.UsernameFragment}");
        if (priority is { } value)
            writer.AddUInt32(StunAttributeType.Priority, value);
        writer.AddUInt64(role, tieBreaker);
        if (useCandidate)
            writer.AddFlag(StunAttributeType.UseCandidate);
        if (extra != 0)
            writer.AddUInt32(extra, 0);
        if (hasIntegrity)
            writer.AddIntegrity(Encoding.ASCII.GetBytes(password ?? Ours.Password));
        writer.AddFingerprint();
        return _buffer[..writer.Length];
    }

    /// <summary>The peer's response to one of the agent's checks.</summary>
    public byte[] Respond(SentMessage check, StunErrorCode error = 0, string? password = null, bool hasAddress = true)
    {
        var messageClass = error == 0 ? StunClass.SuccessResponse : StunClass.ErrorResponse;
        var writer = new StunMessageWriter(_buffer, StunMethod.Binding, messageClass, check.View.TransactionId);
        if (error != 0)
            writer.AddErrorCode(error);
        else if (hasAddress)
            writer.AddXorAddress(StunAttributeType.XorMappedAddress, check.Path.Local);
        writer.AddIntegrity(Encoding.ASCII.GetBytes(password ?? _theirs.Password));
        writer.AddFingerprint();
        return _buffer[..writer.Length];
    }

    /// <summary>Makes the pair valid: the peer's check, ours, and its response.</summary>
    public void Validate(NetworkPath path, bool useCandidate = false, uint priority = 2000)
    {
        Deliver(Request(useCandidate, priority: priority), path);
        Answer(Drain());
    }

    /// <summary>Answers each check among the messages, as a living peer does.</summary>
    public void Answer(IEnumerable<SentMessage> messages)
    {
        foreach (var check in messages.Where(message => message.View.Class == StunClass.Request))
            Deliver(Respond(check), check.Path);
    }

    public List<IceEvent> Events()
    {
        var events = new List<IceEvent>();
        while (Agent.TryGetEvent(out var iceEvent))
            events.Add(iceEvent!);
        return events;
    }
}
