using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers.Mdns;
using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>The viewers of one loop: who they are, whose datagram this is, what each connection tells. Touched by that loop only.</summary>
internal sealed partial class ViewerSet(
    PeersOptions options, DtlsContext dtls, StunServers stun, MdnsResolver names, MediaPort port, LoopInbox inbox, IChannelHandler channels, PeerLoopStatistics statistics, DropCounters drops, ILogger log)
    : IDisposable
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Viewer> _viewers = new(StringComparer.Ordinal);
    private readonly SystemRandom _random = new();
    private readonly PeerRoutes _routes = new();
    private readonly LinkMemory _links = new();
    private readonly PeerMetrics _metrics = new();
    private readonly Audience _audience = new(inbox, static peer => peer.Estimate, viewer => TellSwitched(viewer, channels));
    private readonly List<(Viewer Viewer, CloseReason Reason, string Detail)> _ended = [];
    private readonly List<Viewer> _ready = [];
    private IReadOnlyList<TransportAddress> _hosts = port.HostAddresses(options.ExcludedInterfaces);
    private readonly IReadOnlyList<TransportAddress> _advertised = AdvertisedAddress.Parse(options.Advertise);
    private int _maxViewers = options.MaxViewers;
    private Instant _nextRefusalLine = new(long.MinValue);

    /// <summary>Viewers that may have something to send.</summary>
    public List<Viewer> Ready => _ready;

    /// <summary>Above it a further viewer is refused; those that are there stay. Set from any thread.</summary>
    public int MaxViewers
    {
        get => Volatile.Read(ref _maxViewers);
        set => Volatile.Write(ref _maxViewers, value);
    }

    /// <summary>Connections have ended, and <see cref="RemoveEnded"/> is due.</summary>
    public bool HasEnded => _ended.Count > 0;

    /// <summary>The device's addresses, as <see cref="HandleAddresses"/> was told last.</summary>
    public IReadOnlyList<TransportAddress> Hosts => _hosts;

    /// <summary>
    /// When the first of the connections wants to be called, or earlier: they are asked only once that time has come, by <see cref="HandleTimeouts"/>. The audience's
    /// time comes with a picture or a datagram: alone it is not worth a wake.
    /// </summary>
    public Instant NextTimeout { get; private set; } = Instant.Never;

    /// <summary>Answers an offer. One of the viewer's live connection goes on with that; another replaces it, if it can be answered.</summary>
    public OfferResult Accept(LoopOrder.Offer offer, Instant now)
    {
        _viewers.TryGetValue(offer.Viewer, out var previous);
        if (previous is not null && (offer.Stream == previous.Offered || offer.Stream == previous.Stream) && Renegotiate(previous, offer.Sdp, null, now) is { } result)
        {
            if (result.Answer is not null)
                previous.Observer = offer.Observer; // whoever was refused waits for no news of this connection
            return result;
        }

        var silent = previous is null && ViewerCount >= MaxViewers ? FindSilent(now) : null;
        if (previous is null && ViewerCount >= MaxViewers && silent is null)
            return Refuse(offer, 429, $"{MaxViewers} viewers are watching, which is the limit (peers.maxViewers); try again later", now);
        if (offer.Stream.Info is not { } info)
            return Refuse(offer, 480, NoPicture(offer.Stream), now);

        PeerConnection? peer;
        string answer;
        try
        {
            if (!PeerConnection.TryAccept(offer.Sdp, ConnectionOptions(offer.Stream, info.Profile, now), now, out peer, out answer, out var error))
                return Refuse(offer, error.Code, error.Message, now);
        }
        catch (Exception fault) when (IsFault(offer.Viewer, fault))
        {
            return s_fault;
        }

        if (previous is not null)
            Replace(previous, "replaced by a new offer");
        if (silent is not null)
            GiveWay(silent);
        Add(new(offer.Viewer, peer, offer.Stream, offer.Observer, now));
        return new(answer);
    }

    public void AddCandidate(LoopOrder.Candidate order, Instant now)
    {
        if (_viewers.TryGetValue(order.Viewer, out var viewer))
            Guard(viewer, (order.Value, now), static (target, order) => target.Peer.AddRemoteCandidate(order.Value, order.now));
    }

    public void Close(string key, Instant now)
    {
        if (_viewers.TryGetValue(key, out var viewer))
            Guard(viewer, now, static (target, now) => target.Peer.Close(now));
    }

    public void CloseAll(Instant now)
    {
        foreach (var key in _viewers.Keys.ToArray())
            Close(key, now);
    }

    public void Send(LoopOrder.Message order, Instant now)
    {
        if (!_viewers.TryGetValue(order.Channel.Viewer, out var viewer) || viewer.Channels.GetValueOrDefault(order.Channel.Id) != order.Channel)
        {
            statistics.DroppedMessages++;
            return;
        }

        Guard(viewer, (order, now, statistics), static (target, message) =>
        {
            if (!target.Peer.SendMessage(message.order.Channel.Id, message.order.Data, message.order.IsText, message.now))
                message.statistics.DroppedMessages++;
        });
    }

    /// <summary>Lends a picture to everyone who watches the stream.</summary>
    /// <param name="transmit">Sends for ready viewers, at once: the viewer's state is in the processor's cache. False: not for the rest.</param>
    public void Deliver(LiveStream stream, AccessUnit unit, Instant now, Func<Instant, bool> transmit)
    {
        var goesOn = true;
        foreach (var viewer in _viewers.Values)
        {
            if (viewer.IsWatching && viewer.Takes(stream) && viewer.Peer.IsConnected)
            {
                Guard(viewer, (_audience, stream, unit, now), static (target, picture) => picture._audience.Deliver(target, picture.stream, picture.unit, picture.now));
                goesOn = goesOn && transmit(now);
            }
        }
    }

    public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now)
    {
        if (datagram.Length == 0 || IsOurs(path.Remote) || _routes.Find(datagram, path) is not { } viewer)
        {
            statistics.UnknownDatagrams++;
            return;
        }

        Guard(viewer, new Arrival(datagram, path, now, _routes), static (target, arrival) => arrival.Routes.Deliver(target, arrival.Datagram, arrival.Path, arrival.Now));
    }

    public void HandleTimeouts(Instant now)
    {
        _audience.HandleTimeout(now);
        if (NextTimeout > now)
            return;
        NextTimeout = Instant.Never;
        foreach (var viewer in _viewers.Values)
        {
            if (viewer.Deadline > now)
            {
                NextTimeout = Instant.Min(NextTimeout, viewer.Deadline);
                continue;
            }

            viewer.Deadline = Instant.Never; // until it has sent what this brings
            Guard(viewer, now, static (target, now) => target.Peer.HandleTimeout(now));
        }
    }

    /// <summary>Writes the viewer's next message; false where it has nothing to send, and then takes what its connection tells.</summary>
    public bool TryTransmit(Viewer viewer, Span<byte> buffer, Instant now, out Transmit transmit)
    {
        transmit = default;
        try
        {
            if (viewer.Peer.TryTransmit(buffer, now, out transmit))
            {
                _routes.HandleSent(viewer, buffer[transmit.Headroom..transmit.Length]);
                return true;
            }

            HandleEvents(viewer, now);
            viewer.Deadline = viewer.Peer.NextTimeout;
            NextTimeout = Instant.Min(NextTimeout, viewer.Deadline);
        }
        catch (Exception fault) when (Ends(viewer, fault))
        {
        }

        return false;
    }

    /// <summary>Lets go of viewers whose connection ended. Not while their list is read.</summary>
    public void RemoveEnded()
    {
        foreach (var (viewer, reason, detail) in _ended)
        {
            if (!_viewers.Remove(viewer.Key))
                continue; // ended twice in one turn
            _routes.Remove(viewer);
            _ready.RemoveAll(other => other == viewer);
            _audience.Leave(viewer);
            foreach (var channel in viewer.Channels.Values)
                channels.OnClosed(channel);
            CountDrops(viewer);
            viewer.Dispose();
            CountViewers(viewer, -1);
            if (viewer.Output is null)
                log.ViewerClosed(viewer.Key, viewer.Stream.Name, reason, detail);
            viewer.Observer.OnClosed(reason, detail);
        }

        _ended.Clear();
    }

    /// <summary>Once a second: what the connections dropped since, where everyone looks for it.</summary>
    public void CountDrops(Instant now)
    {
        foreach (var viewer in _viewers.Values)
        {
            CountDrops(viewer);
            Measure(viewer, now);
        }
    }

    public void Dispose()
    {
        foreach (var viewer in _viewers.Values)
            _ended.Add((viewer, CloseReason.Local, "the agent stops"));
        RemoveEnded();
        _metrics.Dispose();
    }

    private void HandleEvents(Viewer viewer, Instant now)
    {
        while (viewer.Peer.TryGetEvent(out var peerEvent))
        {
            switch (peerEvent)
            {
                case PeerEvent.Connected connected:
                    if (viewer.Output is null)
                        log.ViewerConnected(viewer.Key, viewer.Stream.Name, connected.Path, connected.Protection);
                    _audience.Join(viewer, now);
                    MarkReady(viewer);
                    viewer.Observer.OnConnected(connected.Path, connected.Protection);
                    break;
                case PeerEvent.LocalCandidate local:
                    Tell(viewer, local.Candidate);
                    break;
                case PeerEvent.RemoteName named:
                    if (!options.IsRelayOnly)
                        Ask(viewer, named.Candidate);
                    break;
                case PeerEvent.KeyFrameRequested:
                    Audience.RequestKeyFrame(viewer, now);
                    break;
                case PeerEvent.FellBehind:
                    _audience.HandleFellBehind(viewer, now);
                    break;
                case PeerEvent.ChannelOpened opened:
                    var made = new ViewerChannel(viewer.Key, viewer.CameraName, opened.Channel, opened.Label, opened.Protocol, viewer.Peer.TimestampAt, inbox);
                    viewer.Channels[opened.Channel] = made;
                    channels.OnOpened(made);
                    break;
                case PeerEvent.MessageReceived message when viewer.Channels.TryGetValue(message.Channel, out var channel):
                    if (channels.Bounds(channel) || viewer.TryTakeMessage(now))
                    {
                        channels.OnMessage(channel, message.Data, message.IsText);
                    }
                    else
                    {
                        drops.Count(Stage.Control, DropReason.RateLimited);
                        channels.OnRefused(channel);
                    }

                    break;
                case PeerEvent.ChannelClosed closed when viewer.Channels.Remove(closed.Channel, out var channel):
                    if (viewer.SignalsBy == channel)
                        viewer.SignalsBy = null;
                    channels.OnClosed(channel);
                    break;
                case PeerEvent.Closed closed:
                    _ended.Add((viewer, closed.Reason, closed.Detail));
                    break;
                default:
                    break;
            }
        }
    }

    private PeerConnectionOptions ConnectionOptions(LiveStream stream, ProfileLevelId profile, Instant now) => new(
        dtls, _random, MonotonicClock.ToNtp(), options.IsRelayOnly ? [] : _hosts, options.IsRelayOnly ? [] : stun.Addresses, profile, stream.Name,
        options.IsRelayOnly ? [] : _advertised, options.HideHostCandidates, MoreAddressesFollow: Relays?.IsSettled == false,
        RelayedAddresses: [.. Relays?.Addresses ?? []], Remembered: address => _links.Recall(address, now));

    private void Add(Viewer viewer)
    {
        _viewers.Add(viewer.Key, viewer);
        _routes.Add(viewer);
        CountViewers(viewer, 1);
        MarkReady(viewer);
    }

    private void Replace(Viewer previous, string detail)
    {
        _ended.Add((previous, CloseReason.Remote, detail));
        RemoveEnded();
    }

    private void MarkReady(Viewer viewer)
    {
        if (viewer.IsReady)
            return;
        viewer.IsReady = true;
        _ready.Add(viewer);
    }

    /// <summary>A line of log a second at most: whoever is refused is told, and signaling counts it.</summary>
    private OfferResult Refuse(LoopOrder.Offer offer, int code, string message, Instant now)
    {
        if (now >= _nextRefusalLine)
        {
            _nextRefusalLine = now + s_second;
            log.OfferRefused(offer.Viewer, message);
        }

        return new(null, code, message);
    }

    /// <summary>A datagram of our own: an offer may name us as its candidate, and two such sessions would keep each other alive for ever.</summary>
    private bool IsOurs(TransportAddress remote) => (remote.Port == port.Port && _hosts.Contains(remote)) || Relays?.IsOurs(remote) == true;

    private void CountDrops(Viewer viewer)
    {
        var (counters, before) = (viewer.Peer.Counters, viewer.Counted);
        drops.Count(Stage.FeedBack, DropReason.Malformed, counters.Malformed + counters.Unrecognised - before.Malformed - before.Unrecognised);
        drops.Count(Stage.FeedBack, DropReason.Unvalidated, counters.Unvalidated - before.Unvalidated);
        drops.Count(Stage.FeedBack, DropReason.Unauthenticated, counters.Unauthenticated - before.Unauthenticated);
        drops.Count(Stage.FeedBack, DropReason.Unsupported, counters.UnexpectedRtp - before.UnexpectedRtp);
        drops.Count(Stage.Pace, DropReason.SlowReceiver, counters.Pictures - before.Pictures);
        viewer.Counted = counters;
    }

    private void Measure(Viewer viewer, Instant now)
    {
        if (!viewer.IsWatching)
            return;
        var congestion = viewer.Peer.Congestion;
        _metrics.Record(viewer.Stream.Name, congestion, viewer.CountedCongestion);
        viewer.CountedCongestion = congestion;
        if (viewer.Peer.SelectedPath is { } path)
            _links.Remember(path.Remote, viewer.Peer.Estimate, congestion.Decreases > 0, now);
    }

    /// <summary>Lets a viewer's connection work, and lists the viewer as one that may have something to send.</summary>
    private void Guard<TArgument>(Viewer viewer, TArgument argument, Action<Viewer, TArgument> work)
        where TArgument : allows ref struct
    {
        try
        {
            work(viewer, argument);
            MarkReady(viewer);
        }
        catch (Exception fault) when (Ends(viewer, fault))
        {
        }
    }

    /// <summary>Our own bug costs one viewer, never the camera.</summary>
    private bool Ends(Viewer viewer, Exception fault)
    {
        _ended.Add((viewer, CloseReason.Local, "a fault of the agent"));
        return IsFault(viewer.Key, fault);
    }

    private bool IsFault(string viewer, Exception fault)
    {
        statistics.Faults++;
        log.ViewerFaulted(viewer, fault);
        return true;
    }

    private readonly ref struct Arrival(Span<byte> datagram, NetworkPath path, Instant now, PeerRoutes routes)
    {
        public Span<byte> Datagram { get; } = datagram;

        public NetworkPath Path { get; } = path;

        public Instant Now { get; } = now;

        public PeerRoutes Routes { get; } = routes;
    }
}
