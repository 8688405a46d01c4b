using System.Net;
using System.Threading.Channels;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers.Interop;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Turn;

namespace EdgeCam.Agent.Peers.Relays;

/// <summary>
/// The relays of one loop, shared by all its viewers: allocations are made when the first comes and given back a while after the last has
/// gone. Two are held where two servers or ways to one are configured, so that there is another when one dies. Touched by that loop only.
/// </summary>
/// <remarks>
/// An allocation stays as long as its server refreshes it, also beyond the end of the credentials it was made with: coturn looks at these
/// once, and each change of address costs viewers a change of path. A server that refuses a refresh is asked for another allocation at
/// once; by then the old one has half of its lifetime left, in which viewers find the new one.
/// </remarks>
internal sealed partial class RelaySet : IDisposable
{
    private const int Wanted = 2;
    private const int Ranks = 3; // UDP, TCP, TLS: as they cost

    private static readonly TimeSpan s_stagger = TimeSpan.FromMilliseconds(200); // between further attempts side by side
    private static readonly TimeSpan s_settled = TimeSpan.FromSeconds(5);        // what comes later is told, but not waited for
    private static readonly TimeSpan s_linger = TimeSpan.FromMinutes(1);

    private readonly RelaySettings _settings;
    private readonly MediaPort _port;
    private readonly IRelayUsers _users;
    private readonly RelayDialer _dialer;
    private readonly Channel<RelayDialed> _dialed; // of its own: a server whose answer is lost would never be asked again
    private readonly RelayServer[] _servers;
    private readonly List<Relay> _relays = [];
    private readonly List<TaskCompletionSource> _waiting = [];
    private readonly SystemRandom _random = new();
    private readonly RelayMetrics _metrics = new();
    private readonly ILogger _log;
    private readonly TimeProvider _time;

    private long _dials;
    private Instant _wantedSince = Instant.Never;
    private Instant _nextStartAt;
    private Instant _releaseAt = Instant.Never;
    private bool _wasSettled;

    /// <param name="wake">Wakes the loop, which then calls <see cref="HandleTimeouts"/>.</param>
    /// <param name="lookUp">Finds a name's addresses; null asks the system.</param>
    public RelaySet(
        RelaySettings settings, MediaPort port, WakeSignal wake, IRelayUsers users, TimeProvider time, ILogger log,
        Func<string, CancellationToken, Task<IPAddress[]>>? lookUp = null)
    {
        (_settings, _port, _users, _time, _log) = (settings, port, users, time, log);
        _servers = [.. settings.Servers.Select(server => new RelayServer(server))];
        _dialed = Channel.CreateBounded<RelayDialed>(new BoundedChannelOptions(Math.Max(1, _servers.Length)) { SingleReader = true });
        _dialer = new(settings.CaFile, Report, wake, lookUp);

        // Bound: an answer for each server, which has one dial at a time; so none finds it full. Refused only after the end.
        bool Report(RelayDialed dialed)
        {
            var taken = _dialed.Writer.TryWrite(dialed);
            wake.Set();
            return taken;
        }
    }

    public bool IsConfigured => _servers.Length > 0;

    /// <summary>What a viewer that comes now is given.</summary>
    public IEnumerable<LocalAddress> Addresses =>
        _relays.Where(relay => relay is { IsInUse: true, IsRetiring: false }).Select(relay => relay.Local);

    /// <summary>Nothing more is to be waited for.</summary>
    public bool IsSettled { get; private set; } = true;

    public Instant NextTimeout
    {
        get
        {
            if (!IsConfigured)
                return Instant.Never;
            var next = _releaseAt;
            foreach (var relay in _relays)
                next = Instant.Min(next, relay.Client.NextTimeout);
            if (_wantedSince == Instant.Never)
                return next;
            if (!IsSettled)
                next = Instant.Min(next, _wantedSince + s_settled);
            if (LiveCount >= Wanted)
                return next;
            foreach (var server in _servers)
            {
                if (server.IsIdle)
                    next = Instant.Min(next, Instant.Max(server.NextAttemptAt, _nextStartAt));
            }

            return next;
        }
    }

    /// <summary>A server's address or connection is waited for.</summary>
    public bool IsDialing => Array.Exists(_servers, static server => server.Dialing != 0);

    private int LiveCount
    {
        get
        {
            var count = 0;
            foreach (var relay in _relays)
                count += relay is { IsInUse: true, IsRetiring: false } ? 1 : 0;
            return count;
        }
    }

    /// <summary>Looks names up and runs the connections, beside the loop.</summary>
    public Task RunDialerAsync(CancellationToken stop) => _dialer.RunAsync(stop);

    /// <summary>Somebody comes: relays are needed from now on.</summary>
    /// <param name="whenReady">Completed when there is one, or none to be waited for; may be null.</param>
    public void Want(TaskCompletionSource? whenReady, Instant now)
    {
        if (IsConfigured && _wantedSince == Instant.Never)
        {
            _wantedSince = _nextStartAt = now;
            IsSettled = _wasSettled = false;
            foreach (var server in _servers)
                server.HasFailed = false;
            Start(now);
        }

        if (_wantedSince != Instant.Never)
            _releaseAt = now + s_linger;
        if (whenReady is null)
            return;
        if (IsSettled || LiveCount > 0)
            whenReady.TrySetResult();
        else
            _waiting.Add(whenReady);
    }

    public void HandleTimeouts(Instant now)
    {
        if (!IsConfigured)
            return;
        while (_dialed.Reader.TryRead(out var dialed))
            HandleDialed(dialed, now);
        for (var i = _relays.Count - 1; i >= 0; i--)
        {
            var relay = _relays[i];
            Receive(relay, now);
            if (relay.Client.NextTimeout <= now)
                relay.Client.HandleTimeout(now);
            TakeEvents(relay, now);
        }

        if (_wantedSince == Instant.Never)
            return;
        if (_users.Count > 0)
        {
            if (now >= _releaseAt)
                _releaseAt = now + s_linger;
        }
        else if (now >= _releaseAt)
        {
            Release(now);
            return;
        }

        Start(now);
        Settle(now);
    }

    private void HandleDialed(RelayDialed dialed, Instant now)
    {
        var server = Array.Find(_servers, server => server.Dialing == dialed.Dial.Number);
        if (server is null || _wantedSince == Instant.Never)
        {
            dialed.Connection?.Dispose();
            if (server is not null)
                server.Dialing = 0;
            return;
        }

        server.Dialing = 0;
        var reachable = dialed.Addresses.Where(address => dialed.Connection is not null || _port.IndexFor(address) >= 0).ToArray();
        if (reachable.Length == 0)
        {
            server.AddressIndex++;
            var delay = server.HandleFailure(now, Jitter());
            _metrics.CountFailure(null);
            _log.RelayRefused(server.Turn.ToString(), dialed.Failure ?? "it has no IPv4 address, and this device no IPv6", (long)delay.TotalSeconds);
            Settle(now);
            return;
        }

        var credential = server.Turn.Mint(_settings.DeviceName, _time.GetUtcNow(), _settings.CredentialLifetime);
        var path = dialed.Connection?.Path ?? new NetworkPath(default, reachable[0]);
        var client = new TurnClient(new(path, dialed.Connection?.IsStream == true, credential.Username, credential.Password, _random), now);
        server.Relay = new(server, client, path.Remote, dialed.Connection);
        _relays.Add(server.Relay);
    }

    /// <summary>Gives all back at the end; what can be said at once goes out by <see cref="TryTransmit"/>.</summary>
    public void CloseAll(Instant now)
    {
        _dialed.Writer.TryComplete();
        if (_wantedSince != Instant.Never)
            Release(now);
    }

    public void Dispose()
    {
        foreach (var relay in _relays)
            relay.Dispose();
        EndWaiting();
        _metrics.Dispose();
    }

    private double Jitter() => _random.NextUInt32() / (double)uint.MaxValue;

    /// <summary>Two at once, and while that does not bring two allocations, a further one every 200 ms, the cheapest way first.</summary>
    private void Start(Instant now)
    {
        while (true)
        {
            var (live, trying) = (LiveCount, 0);
            RelayServer? best = null;
            foreach (var server in _servers)
            {
                if (!server.IsIdle)
                    trying += server.Relay is { IsInUse: true } ? 0 : 1;
                else if (now >= server.NextAttemptAt && (best is null || Rank(server) < Rank(best)))
                    best = server;
            }

            if (best is null || live >= Wanted || (live + trying >= Wanted && now < _nextStartAt))
                return;
            _nextStartAt = now + s_stagger;
            best.HandleAttempt(now);
            var hasOwnSocket = best.NeedsOwnSocket || HasMediaPort(best);
            var dial = new RelayDial(++_dials, best.Turn.Address, best.Redirect, hasOwnSocket, best.AddressIndex);
            if (!_dialer.TryDial(dial))
                return;
            best.Dialing = dial.Number;
            (best.Redirect, best.NeedsOwnSocket) = (default, false); // for one attempt: what comes later may have the media port again
        }

        int Rank(RelayServer server) => (int)server.Turn.Address.Transport + (server.IsFailing(now) ? Ranks : 0);
    }

    /// <summary>An allocation that retires holds the media port's address at this server.</summary>
    private bool HasMediaPort(RelayServer server)
    {
        foreach (var relay in _relays)
        {
            if (relay.Server == server && relay.Connection is null)
                return true;
        }

        return false;
    }

    /// <summary>Tells once that those who wait for relays need wait no longer.</summary>
    private void Settle(Instant now)
    {
        if (LiveCount > 0)
            EndWaiting();
        IsSettled = _wasSettled || LiveCount >= Wanted || now >= _wantedSince + s_settled
            || Array.TrueForAll(_servers, server => server.HasFailed || server.Relay is { IsInUse: true });
        if (!IsSettled || _wasSettled)
            return;
        _wasSettled = true;
        EndWaiting();
        _users.EndRelayedAddresses(now);
    }

    private void EndWaiting()
    {
        foreach (var waiting in _waiting)
            waiting.TrySetResult();
        _waiting.Clear();
    }

    private void Release(Instant now)
    {
        (_wantedSince, _releaseAt, IsSettled) = (Instant.Never, Instant.Never, true);
        EndWaiting();
        if (LiveCount > 0)
            _log.RelaysReleased();
        foreach (var relay in _relays.ToArray())
        {
            TakeBack(relay, now);
            relay.Client.Close(now);
            TakeEvents(relay, now);
        }
    }
}
