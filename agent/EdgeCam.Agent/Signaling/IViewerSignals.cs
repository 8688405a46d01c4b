namespace EdgeCam.Agent.Signaling;

/// <summary>What becomes of a viewer after the answer; called from any thread, never waits.</summary>
internal interface IViewerSignals
{
    /// <summary>A candidate of ours that was not in the answer yet; an empty one ends them.</summary>
    void OnCandidate(string candidate);

    /// <summary>The viewer should make an offer with new ICE credentials.</summary>
    /// <param name="reason">For people.</param>
    void OnRestart(string reason);

    /// <summary>The last call. The viewer is told, unless it said so itself.</summary>
    /// <param name="reason">For people.</param>
    void OnClosed(string reason);
}
