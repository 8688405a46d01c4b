using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>
/// Which viewer is sent which stream: what one that joins begins with, and who changes between a camera's main stream and its substream,
/// at an IDR picture. Touched by one loop only.
/// </summary>
/// <param name="inbox">Where pictures are lent to this loop.</param>
/// <param name="estimate">What a viewer's network carries.</param>
internal sealed class Audience(IFrameReceiver inbox, Func<PeerConnection, LinkEstimate> estimate)
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
        if (!_cameras.TryGetValue(viewer.Stream, out var camera))
            _cameras.Add(viewer.Stream, camera = new(viewer.Stream, estimate));
        camera.Add(viewer);
        var stream = viewer.Demand.TakesSubstream ? viewer.Stream.Substream ?? viewer.Stream : viewer.Stream;
        viewer.Begin(stream);
        Retain(stream); // before the group is copied: a picture may come twice, never not at all

        stream.CopyLatestTo(_group);
        var bytes = 0L;
        foreach (var unit in _group)
            bytes += unit.PayloadBytes + (unit.Payloads.Length * OverheadPerPacket);
        var isCarried = _group.Count > 0 && viewer.Peer.CanCarry(bytes);
        foreach (var unit in _group)
        {
            using (unit)
            {
                if (isCarried)
                    viewer.Send(stream, unit, now);
            }
        }

        _group.Clear();
        if (!isCarried)
            stream.RequestKeyFrame();
    }

    public void Leave(Viewer viewer)
    {
        if (!viewer.IsWatching)
            return;
        viewer.IsWatching = false;
        Release(viewer.Current);
        if (viewer.Next is { } next)
            Release(next);
        var camera = _cameras[viewer.Stream];
        camera.Remove(viewer);
        if (camera.Viewers.Count == 0)
            _cameras.Remove(viewer.Stream);
        else
            _next = default; // the others may have more
    }

    /// <summary>Sends a picture of one of the streams that the viewer takes.</summary>
    public void Deliver(Viewer viewer, LiveStream stream, AccessUnit unit, Instant now)
    {
        var before = viewer.Current;
        viewer.Send(stream, unit, now);
        if (viewer.Current != before)
            Release(before);
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
        if (viewer.Current != viewer.Stream || _cameras[viewer.Stream].Viewers.Count == 1)
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
                Change(viewer, viewer.Demand.TakesSubstream ? stream.Substream ?? stream : stream, now);
                if (viewer.IsKeyFrameDue)
                    RequestKeyFrame(viewer, now);
            }
        }
    }

    private void Change(Viewer viewer, LiveStream target, Instant now)
    {
        if (viewer.Next == target)
        {
            if (now - viewer.NextSince > s_patience)
                target.RequestKeyFrame();
            return;
        }

        if (viewer.Next is { } other)
        {
            viewer.Next = null;
            Release(other);
        }

        if (viewer.Current == target)
            return;
        Retain(target);
        (viewer.Next, viewer.NextSince) = (target, now);
        if (target != viewer.Stream)
            target.RequestKeyFrame(); // it is in need; on the way back there is time, and the others' picture stays as it is
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
