using EdgeCam.WebRtc;

namespace EdgeCam.Agent.Publishing;

/// <summary>Learns what becomes of an output's connection. Called from the peers' loop: must not wait.</summary>
internal interface IOutputObserver
{
    /// <summary>A candidate of ours that was not in the offer; an empty one ends them.</summary>
    void OnCandidate(string candidate);

    void OnConnected(string path, string protection);

    /// <summary>ICE should be restarted: the device's addresses changed.</summary>
    void OnRestart();

    /// <summary>The last call.</summary>
    void OnClosed(CloseReason reason, string detail);
}
