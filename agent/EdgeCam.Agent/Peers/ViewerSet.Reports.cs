using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>What others are told of the viewers: figures that the connections keep anyway, copied when somebody asks.</summary>
internal sealed partial class ViewerSet
{
    /// <summary>How each viewer and output does now.</summary>
    public IReadOnlyList<ViewerReport> Describe() => [.. _viewers.Values.Select(Describe)];

    private ViewerReport Describe(Viewer viewer)
    {
        var (link, video, path) = (viewer.Peer.Estimate, viewer.Peer.Video, viewer.Peer.SelectedPath);
        return new(
            viewer.Key, viewer.Stream.Name, viewer.Current == viewer.Stream.Substream ? "substream" : "main", Kind(path), path?.Remote.ToString(),
            video.RoundTripTime ?? link.RoundTripTime, link.Loss, link.Bitrate, link.QueueingDelay,
            video.BytesSent + video.BytesRetransmitted, video.PacketsSent, video.PacketsRetransmitted, video.FramesSent, video.FramesDropped, viewer.Output);
    }

    private string Kind(NetworkPath? path) => path switch
    {
        null => "none",
        { } used when Relays?.IsOurs(used.Local) == true => "relay",
        { } used when used.IsWithinHost || used.Local.IsOnLinkWith(used.Remote) => "local",
        _ => "direct",
    };
}
