using EdgeCam.Agent.Security;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers.Relays;

/// <summary>A configured server, and when it may be asked next.</summary>
internal sealed class RelayServer(TurnServer server)
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromSeconds(1); // never more than one attempt a second
    private static readonly TimeSpan s_maxDelay = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_provedAfter = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_forgottenAfter = TimeSpan.FromMinutes(10);

    private int _failures;
    private Instant _failedAt;

    public TurnServer Turn => server;

    /// <summary>Its attempt or allocation; null while there is none. One that retires is no longer here.</summary>
    public Relay? Relay { get; set; }

    /// <summary>The number of the dial that is under way, or 0.</summary>
    public long Dialing { get; set; }

    public Instant NextAttemptAt { get; private set; }

    /// <summary>It was asked since relays are wanted, and did not give one.</summary>
    public bool HasFailed { get; set; }

    /// <summary>Which of its name's addresses the next attempt goes to, modulo their number: the next one after an attempt that failed there.</summary>
    public int AddressIndex { get; set; }

    /// <summary>The next attempt is by a socket of its own: the media port's address is taken at this server.</summary>
    public bool NeedsOwnSocket { get; set; }

    /// <summary>The server that it named in its place, for one attempt.</summary>
    public TransportAddress Redirect { get; set; }

    public bool IsIdle => Relay is null && Dialing == 0;

    /// <summary>Others are asked first. It may not have been asked since, so this does not last.</summary>
    public bool IsFailing(Instant now) => _failures > 0 && now < _failedAt + s_forgottenAfter;

    public void HandleAttempt(Instant now) => NextAttemptAt = now + s_firstDelay;

    /// <summary>Its attempt or allocation is over, or retires. One that stood for long makes up for the failures before it.</summary>
    public void HandleEnded(TimeSpan stoodFor)
    {
        Relay = null;
        if (stoodFor >= s_provedAfter)
            _failures = 0;
    }

    /// <param name="jitter">0 to 1: many devices do not come back to a server in step.</param>
    /// <returns>The wait until the next attempt.</returns>
    public TimeSpan HandleFailure(Instant now, double jitter)
    {
        HasFailed = true;
        _failures = Math.Min(_failures + 1, 10);
        _failedAt = now;
        var delay = TimeSpan.FromTicks(Math.Min(s_maxDelay.Ticks, s_firstDelay.Ticks << (_failures - 1))) * (1 + (0.5 * jitter));
        NextAttemptAt = Instant.Max(NextAttemptAt, now + delay);
        return delay;
    }
}
