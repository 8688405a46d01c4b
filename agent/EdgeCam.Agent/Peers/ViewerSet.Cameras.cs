using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>Viewers that turn to another camera, or to another stream of theirs, on the connection that they have.</summary>
internal sealed partial class ViewerSet
{
    private static readonly SelectResult s_tooOften = new(429, "too many changes of the stream; wait two seconds");
    private static readonly SelectResult s_hasEnded = new(409, "the session has ended");

    /// <summary>What is refused changes nothing: the present picture stays.</summary>
    /// <param name="camera">Null: the one that it watches.</param>
    public SelectResult Select(ViewerChannel channel, LiveStream? camera, StreamChoice choice, Instant now)
    {
        if (!_viewers.TryGetValue(channel.Viewer, out var viewer) || !viewer.IsWatching || viewer.Channels.GetValueOrDefault(channel.Id) != channel)
            return s_hasEnded;
        if (!viewer.TryTakeSelection(now))
            return s_tooOften;
        camera ??= viewer.Stream;
        if (FindObstacle(viewer, camera, choice) is { } obstacle)
            return obstacle;

        var before = viewer.Stream;
        _audience.Select(viewer, camera, choice, now);
        MarkReady(viewer);
        log.CameraSelected(viewer.Key, camera.Name, choice.Word());
        if (camera != before)
            viewer.Observer.OnSelected(camera.Name);
        return new(0, IsPending: viewer.Next is not null);
    }

    /// <summary>Why a viewer cannot turn there; another stream of its own camera it may always choose, and waits for it.</summary>
    private static SelectResult? FindObstacle(Viewer viewer, LiveStream camera, StreamChoice choice)
    {
        if (choice == StreamChoice.Substream && !camera.HasSubstream)
            return new(404, $"camera {camera.Name} has no substream");
        if (camera == viewer.Stream)
            return null;
        if (camera.Info is not { } info || !camera.IsLive)
            return new(480, $"camera {camera.Name} has no picture now: {(camera.Detail.Length > 0 ? camera.Detail : "it is starting")}");
        return viewer.Peer.CanSend(info.Profile)
            ? null
            : new(409, $"camera {camera.Name} sends H.264 {info.Profile}, and this connection was made for {viewer.Peer.Format}");
    }

    private static void TellSwitched(Viewer viewer, IChannelHandler channels)
    {
        var stream = viewer.Current == viewer.Stream.Substream ? StreamChoice.Substream : StreamChoice.Main;
        foreach (var channel in viewer.Channels.Values)
            channels.OnSwitched(channel, viewer.Stream.Name, stream);
    }
}
