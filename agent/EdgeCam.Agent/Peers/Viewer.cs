using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>A viewer as its loop holds it: the peer connection, the stream it watches and what it has been sent.</summary>
internal sealed class Viewer(string key, PeerConnection peer, LiveStream stream, IViewerObserver observer, Instant offeredAt = default) : IDisposable
{
    private const int MessagesPerSecond = 200; // more than a joystick sends
    private const int MessageBurst = 400;
    private const double OffersPerSecond = 0.5; // each may make us check 100 pairs
    private const int OfferBurst = 8;
    private const double SelectionsPerSecond = 0.5; // each may bring a group of pictures, or a key frame that all others pay for
    private const int SelectionBurst = 8;
    private static readonly TimeSpan s_shortestKeyFrameWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longestKeyFrameWait = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_keyFramePeace = TimeSpan.FromSeconds(10); // without a request: all is well again

    private volatile LiveStream _stream = stream;
    private long _lastPicture = -1;
    private bool _needsIdr = true;
    private double _mayTake = MessageBurst;
    private Instant _refilledAt;
    private double _mayOffer = OfferBurst;
    private Instant _offeredAt;
    private double _maySelect = SelectionBurst;
    private Instant _selectedAt;
    private Instant _keyFrameAskedAt = new(long.MinValue / 2);
    private TimeSpan _keyFrameWait;

    /// <summary>The session that its signaling chose.</summary>
    public string Key { get; } = key;

    public PeerConnection Peer { get; } = peer;

    /// <summary>When it was answered first.</summary>
    public Instant OfferedAt { get; } = offeredAt;

    /// <summary>The main stream of the camera that it watches; after <see cref="Watch"/> pictures of the one before still go out. Read from any thread.</summary>
    public LiveStream Stream => _stream;

    /// <summary>What the offer that made the connection named.</summary>
    public LiveStream Offered { get; } = stream;

    /// <summary>That of the latest offer.</summary>
    public IViewerObserver Observer { get; set; } = observer;

    /// <summary>The data channel that the latest offer came by; null where it was signaling.</summary>
    public ViewerChannel? SignalsBy { get; set; }

    /// <summary>The username fragment before the last restart, in use until a path of the new one is valid; null before any.</summary>
    public string? FormerFragment { get; set; }

    /// <summary>What it is sent now: the main stream or the substream of its camera, or of the one before.</summary>
    public LiveStream Current { get; private set; } = stream;

    /// <summary>What it will be sent from that stream's next IDR picture on; null where nothing changes.</summary>
    public LiveStream? Next { get; set; }

    public Instant NextSince { get; set; }

    /// <summary>Its network, and which stream it is to take for that.</summary>
    public ViewerDemand Demand { get; private set; } = new();

    /// <summary>The camera before, whose pictures go out until the first one of <see cref="Stream"/> does, and the demand on it; null where there is none.</summary>
    public (LiveStream Camera, ViewerDemand Demand)? Former { get; private set; }

    /// <summary>It asked for an IDR picture too soon after the last time, and has not got one since.</summary>
    public bool IsKeyFrameDue { get; private set; }

    public Dictionary<ushort, ViewerChannel> Channels { get; } = [];

    /// <summary>Paths by which its datagrams are recognised.</summary>
    public HashSet<NetworkPath> Paths { get; } = [];

    /// <summary>The output of that name: a server to which we offered the stream, and no viewer that takes another's place; null for a viewer.</summary>
    public string? Output { get; init; }

    /// <summary>True once it counts to its stream's audience.</summary>
    public bool IsWatching { get; set; }

    /// <summary>True while it is on the loop's list of viewers with something to do.</summary>
    public bool IsReady { get; set; }

    /// <summary>When its connection wants to be called next, as it was when it had nothing more to send. Kept here since all viewers are asked for it in each turn.</summary>
    public Instant Deadline { get; set; } = Instant.Never;

    /// <summary>Index of the socket that its last message went out by.</summary>
    public int Sender { get; set; }

    /// <summary>What its connection had dropped when that was counted last.</summary>
    public PeerCounters Counted { get; set; }

    /// <summary>What its congestion control had done when that was measured last.</summary>
    public CongestionStatistics CountedCongestion { get; set; }

    /// <summary>Pictures left out: before the first IDR picture, or after a gap.</summary>
    public long Skipped { get; private set; }

    /// <summary>Nothing has been sent yet, and this stream will be.</summary>
    public void Begin(LiveStream stream) => Current = stream;

    /// <summary>The name of that camera, from any thread.</summary>
    public string CameraName() => _stream.Name;

    /// <summary>It turns to another camera; what it is sent changes with that one's IDR picture, and stays the stream that it is until then.</summary>
    public void Watch(LiveStream camera, StreamChoice choice)
    {
        if (Former is { } former && former.Camera == camera)
        {
            (_stream, Demand, Former) = (camera, former.Demand, null); // it turns back
            Demand.Choice = choice;
            return;
        }

        if (Former is null)
        {
            Demand.Choice = Current == _stream ? StreamChoice.Main : StreamChoice.Substream;
            Former = (_stream, Demand);
        }

        (_stream, Demand) = (camera, new() { Choice = choice });
    }

    /// <summary>The former camera's pictures go out no more.</summary>
    public void ForgetFormer() => Former = null;

    public bool Takes(LiveStream stream) => stream == Current || stream == Next;

    /// <summary>
    /// Sends a picture, unless it was sent before or cannot be decoded: after a gap the viewer resumes at the next IDR picture. The first
    /// IDR picture of the stream that it waits for makes that one its current.
    /// </summary>
    public void Send(LiveStream stream, AccessUnit unit, Instant now)
    {
        if (stream == Next && unit.IsIdr)
            (Current, Next, _lastPicture) = (stream, null, unit.Number - 1);
        if (stream != Current || unit.Number <= _lastPicture)
            return;
        if (_lastPicture >= 0 && unit.Number != _lastPicture + 1)
            _needsIdr = true;
        _lastPicture = unit.Number;
        if (_needsIdr && !unit.IsIdr)
        {
            Skipped++;
            return;
        }

        _needsIdr = false;
        IsKeyFrameDue &= !unit.IsIdr;
        Peer.SendFrame(unit, now);
    }

    /// <summary>
    /// Whether its request for an IDR picture is passed on. Policy: once, and while it keeps asking less and less often, at last every four
    /// seconds: each IDR picture costs all other viewers some quality. One that is not passed on stays due.
    /// </summary>
    public bool TryAskForKeyFrame(Instant now)
    {
        var since = now - _keyFrameAskedAt;
        IsKeyFrameDue = since < _keyFrameWait;
        if (IsKeyFrameDue)
            return false;
        _keyFrameWait = since > s_keyFramePeace ? s_shortestKeyFrameWait : _keyFrameWait * 2 < s_longestKeyFrameWait ? _keyFrameWait * 2 : s_longestKeyFrameWait;
        _keyFrameAskedAt = now;
        return true;
    }

    /// <summary>Whether one more message of its data channels is taken. Policy: 200 a second, 400 at once; what is above is dropped and counted.</summary>
    public bool TryTakeMessage(Instant now)
    {
        _mayTake = Math.Min(MessageBurst, _mayTake + ((now - _refilledAt).TotalSeconds * MessagesPerSecond));
        _refilledAt = now;
        if (_mayTake < 1)
            return false;
        _mayTake--;
        return true;
    }

    /// <summary>Whether one more offer of the live session is taken. Policy: one each two seconds, 8 at once; what is above is refused with 429.</summary>
    public bool TryTakeOffer(Instant now)
    {
        _mayOffer = Math.Min(OfferBurst, _mayOffer + ((now - _offeredAt).TotalSeconds * OffersPerSecond));
        _offeredAt = now;
        if (_mayOffer < 1)
            return false;
        _mayOffer--;
        return true;
    }

    /// <summary>Whether it may choose another stream once more. Policy: one each two seconds, 8 at once; what is above is refused.</summary>
    public bool TryTakeSelection(Instant now)
    {
        _maySelect = Math.Min(SelectionBurst, _maySelect + ((now - _selectedAt).TotalSeconds * SelectionsPerSecond));
        _selectedAt = now;
        if (_maySelect < 1)
            return false;
        _maySelect--;
        return true;
    }

    public void Dispose() => Peer.Dispose();
}
