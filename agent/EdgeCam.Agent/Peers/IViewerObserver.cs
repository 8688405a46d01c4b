using EdgeCam.WebRtc;

namespace EdgeCam.Agent.Peers;

/// <summary>Whoever signals for a viewer learns here what becomes of it. Called from the peers' loop: must not wait.</summary>
internal interface IViewerObserver
{
    /// <summary>A candidate of ours that was not in the answer; an empty one ends them.</summary>
    void OnCandidate(string candidate);

    void OnConnected(string path, string protection);

    /// <summary>The viewer should make an offer with new ICE credentials: the device's addresses changed.</summary>
    /// <param name="reason">For people.</param>
    void OnRestart(string reason);

    /// <summary>It watches another camera from now on.</summary>
    void OnSelected(string camera)
    {
    }

    /// <summary>The last call for this viewer.</summary>
    void OnClosed(CloseReason reason, string detail);
}
