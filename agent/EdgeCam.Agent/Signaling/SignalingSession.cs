using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Signaling;

/// <summary>One session in the table of <see cref="SignalingService"/>; touched by its loop only.</summary>
internal sealed class SignalingSession(SessionKey key)
{
    public SessionKey Key { get; } = key;

    public SignalingSessionState State { get; set; }

    public SequenceWindow Sequence { get; } = new();

    /// <summary>Candidates that came before the answer.</summary>
    public List<string> EarlyCandidates { get; } = [];

    /// <summary>When the first of them came.</summary>
    public long EarlySince { get; set; }

    /// <summary>When the viewer was last heard here, or the session closed.</summary>
    public long LastHeard { get; set; }

    /// <summary>When the viewer needs fresh ICE servers; null where it has none, or such as do not expire.</summary>
    public long? RenewIceServersAt { get; set; }

    /// <summary>How the wall clock went when they were made (<see cref="Diagnostics.DeviceClock.Offset"/>).</summary>
    public TimeSpan IceServersOffset { get; set; }

    /// <summary>The viewer was told its ICE servers.</summary>
    public bool HasIceServers { get; set; }

    /// <summary>What the last accepted offer was let in with; a renewal is elsewhere.</summary>
    public AccessGrant? Grant { get; set; }

    /// <summary>Its place among those of its viewer, while it is live.</summary>
    public IDisposable? Place { get; set; }

    /// <summary>Stands for the peer connection that was last answered.</summary>
    public IViewerSignals? Current { get; set; }

    /// <summary>Stands for the one whose offer is being answered.</summary>
    public IViewerSignals? Pending { get; set; }

    /// <summary>A peer connection stands behind it, or is being made.</summary>
    public bool IsLive => State is SignalingSessionState.Offering or SignalingSessionState.Live or SignalingSessionState.Renegotiating;
}
