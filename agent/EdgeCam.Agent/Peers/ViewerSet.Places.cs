using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>
/// Who gives way where all places are taken: the one that was answered longest ago and has not been heard on any path since. A connection has half a
/// minute to come about, and so long a few offers a second that nobody means, each of them a good one, would keep out everybody else.
/// </summary>
internal sealed partial class ViewerSet
{
    /// <summary>Whoever means it is heard by then: its connectivity checks begin with the answer, whatever becomes of them.</summary>
    private static readonly TimeSpan s_toBeHeard = TimeSpan.FromSeconds(1);

    /// <summary>Null where there is none, or its place is not enough since there are more than there may be.</summary>
    private Viewer? FindSilent(Instant now)
    {
        Viewer? oldest = null;
        foreach (var viewer in _viewers.Values)
        {
            if (viewer.Output is null && viewer.Paths.Count == 0 && !viewer.Peer.IsConnected && now - viewer.OfferedAt >= s_toBeHeard && (oldest is null || viewer.OfferedAt < oldest.OfferedAt))
                oldest = viewer;
        }

        return ViewerCount > MaxViewers ? null : oldest;
    }

    private void GiveWay(Viewer silent)
    {
        _ended.Add((silent, CloseReason.IceFailed, "it was not heard on any path, and its place was needed (peers.maxViewers)"));
        RemoveEnded();
    }
}
