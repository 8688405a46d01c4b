using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>
/// Which viewer is sent which stream: what one that joins begins with, who turns to another camera, and who changes between a camera's main
/// stream and its substream; always at an IDR picture, and until that comes the former pictures go on. Touched by one loop only.
/// </summary>
/// <param name="inbox">Where pictures are lent to this loop.</param>
/// <param name="estimate">What a viewer's network carries.</param>
/// <param name="switched">Told of each viewer that is sent another stream from now on.</param>
internal sealed class Audience(IFrameReceiver inbox, Func<PeerConnection, LinkEstimate> estimate, Action<Viewer>? switched = null)
{
    private const int OverheadPerPacket = 48; // RTP header, extensions and authentication tag

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3); // for the main stream's own next IDR picture

    private readonly Dictionary<LiveStream, int> _receivers = [];
    private readonly Dictionary<LiveStream, CameraAudience> _cameras = [];
    private readonly List<AccessUnit> _group = [];
    private Instant _next;

    /// <summary>When <see cref="HandleTimeout"/> wants to be called next.</summary>
    public Instant NextTimeout => _cameras.Count == 0 ? Instant.Never : _next;

    /// <summary>
    /// A viewer begins: with the latest group of pictures where its network carries that at once; else with a key frame, which the source
    /// makes for it; else with the source's next one.
    /// </summary>
    public void Join(Viewer viewer, Instant now)
    {
        viewer.IsWatching = true;
        Enter(viewer);
        var stream = viewer.Demand.TakesSubstream ? viewer.Stream.Substream ?? viewer.Stream : viewer.Stream;
        viewer.Begin(stream);
        Retain(stream); // before the group is copied: a picture may come twice, never not at all
        GiveLatest(viewer, stream, now);
    }

    /// <summary>
    /// A viewer turns to a camera, or to another stream of its own. It counts to that camera's audience at once, and begins there as one that
    /// joins does; its former pictures go on until then, and until then it counts to the former audience, too.
    /// </summary>
    public void Select(Viewer viewer, LiveStream camera, StreamChoice choice, Instant now)
    {
        if (camera == viewer.Stream)
        {
            viewer.Demand.Choice = choice;
        }
        else
        {
            if (viewer.Former is not null)
                Exit(viewer, viewer.Stream, viewer.Demand); // nothing of that one has been sent
            viewer.Watch(camera, choice);
            if (viewer.Former is not null)
                Enter(viewer); // else it turned back, and was never gone
        }

        _next = now; // the encoders of both are set anew
        var target = TargetOf(viewer);
        if (Change(viewer, target, now))
            GiveLatest(viewer, target, now);
    }

    public void Leave(Viewer viewer)
    {
        if (!viewer.IsWatching)
            return;
        viewer.IsWatching = false;
        Release(viewer.Current);
        if (viewer.Next is { } next)
            Release(next);
        Exit(viewer, viewer.Stream, viewer.Demand);
        ExitFormer(viewer);
    }

    /// <summary>Sends a picture of one of the streams that the viewer takes.</summary>
    public void Deliver(Viewer viewer, LiveStream stream, AccessUnit unit, Instant now)
    {
        var before = viewer.Current;
        try
        {
            viewer.Send(stream, unit, now);
        }
        finally
        {
            if (viewer.Current != before)
            {
                Release(before);
                ExitFormer(viewer);
            }
        }

        if (viewer.Current != before)
            switched?.Invoke(viewer);
    }

    /// <summary>The viewer cannot go on without an IDR picture.</summary>
    public static void RequestKeyFrame(Viewer viewer, Instant now)
    {
        if (viewer.TryAskForKeyFrame(now))
            viewer.Current.RequestKeyFrame();
    }

    /// <summary>Pictures are left out for the viewer: it waits for the stream's next IDR picture, unless others of its kind only pay for one made at once.</summary>
    public void HandleFellBehind(Viewer viewer, Instant now)
    {
        var camera = viewer.Former?.Camera ?? viewer.Stream;
        if (viewer.Current != camera || _cameras[camera].Viewers.Count == 1)
            RequestKeyFrame(viewer, now);
    }

    /// <summary>A few times a second: sets the encoders to what the viewers' networks carry, and lets viewers change streams.</summary>
    public void HandleTimeout(Instant now)
    {
        if (now < NextTimeout)
            return;
        _next = now + s_interval;
        foreach (var (stream, camera) in _cameras)
        {
            camera.Update(now);
            foreach (var viewer in camera.Viewers)
            {
                if (viewer.Stream != stream)
                    continue; // it has turned to another one
                var target = TargetOf(viewer);
                if (Change(viewer, target, now) && target != viewer.Stream)
                    target.RequestKeyFrame(); // it is in need; on the way back there is time, and the others' picture stays as it is
                if (viewer.IsKeyFrameDue)
                    RequestKeyFrame(viewer, now);
            }
        }
    }

    /// <summary>The stream that it is to take; where that is away, or cannot go out on its connection, the camera's other one if that gives pictures.</summary>
    private static LiveStream TargetOf(Viewer viewer)
    {
        if (viewer.Stream.Substream is not { } smaller || !viewer.Stream.HasSubstream)
            return viewer.Stream;
        var (wanted, other) = viewer.Demand.TakesSubstream ? (smaller, viewer.Stream) : (viewer.Stream, smaller);
        return (wanted.IsAway || !Fits(viewer, wanted)) && other.IsLive && Fits(viewer, other) ? other : wanted;
    }

    private static bool Fits(Viewer viewer, LiveStream stream) => stream.Info is not { } info || viewer.Peer.CanSend(info.Profile);

    /// <returns>True where it waits from now on for that stream's first picture.</returns>
    private bool Change(Viewer viewer, LiveStream target, Instant now)
    {
        if (viewer.Next == target)
        {
            if (now - viewer.NextSince > s_patience)
                target.RequestKeyFrame();
            return false;
        }

        if (viewer.Next is { } other)
        {
            viewer.Next = null;
            Release(other);
        }

        if (viewer.Current == target)
            return false;
        Retain(target);
        (viewer.Next, viewer.NextSince) = (target, now);
        return true;
    }

    /// <summary>Sends the stream's latest group of pictures where the viewer's network carries that at once, or asks for a key frame.</summary>
    private void GiveLatest(Viewer viewer, LiveStream stream, Instant now)
    {
        stream.CopyLatestTo(_group);
        var bytes = 0L;
        foreach (var unit in _group)
            bytes += unit.PayloadBytes + (unit.Payloads.Length * OverheadPerPacket);
        var isCarried = _group.Count > 0 && viewer.Peer.CanCarry(bytes);
        try
        {
            for (var i = 0; isCarried && i < _group.Count; i++)
                Deliver(viewer, stream, _group[i], now);
        }
        finally
        {
            foreach (var unit in _group)
                unit.Dispose();
            _group.Clear();
        }

        if (!isCarried)
            stream.RequestKeyFrame();
    }

    private void Enter(Viewer viewer)
    {
        if (!_cameras.TryGetValue(viewer.Stream, out var camera))
            _cameras.Add(viewer.Stream, camera = new(viewer.Stream, estimate));
        camera.Add(viewer);
    }

    private void Exit(Viewer viewer, LiveStream stream, ViewerDemand demand)
    {
        var camera = _cameras[stream];
        camera.Remove(viewer, demand);
        if (camera.Viewers.Count == 0)
            _cameras.Remove(stream);
        else
            _next = default; // the others may have more
    }

    private void ExitFormer(Viewer viewer)
    {
        if (viewer.Former is not { } former)
            return;
        viewer.ForgetFormer();
        Exit(viewer, former.Camera, former.Demand);
    }

    private void Retain(LiveStream stream)
    {
        if (!_receivers.TryGetValue(stream, out var count))
            stream.Subscribe(inbox);
        _receivers[stream] = count + 1;
    }

    private void Release(LiveStream stream)
    {
        if (--_receivers[stream] > 0)
            return;
        _receivers.Remove(stream);
        stream.Unsubscribe(inbox);
    }
}
