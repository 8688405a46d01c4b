using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Ice;

/// <summary>One of our bases and one address of the peer's (RFC 8445 §6.1.2). Only its <see cref="CheckList"/> and agent change it.</summary>
internal sealed class CandidatePair(LocalBase local, TransportAddress remote)
{
    public LocalBase Local { get; } = local;

    public NetworkPath Path { get; } = new(local.Address, remote);

    public required CandidateType RemoteType { get; set; }

    public required uint RemotePriority { get; set; }

    /// <summary>Both candidates' foundations; pairs that share it thaw one after the other (§6.1.2.6).</summary>
    public required (string Local, string Remote) Foundation { get; set; }

    /// <summary>At the time of the current roles; the check list keeps it.</summary>
    public ulong Priority { get; set; }

    public PairState State { get; set; }

    public StunTransaction? Transaction { get; set; }

    /// <summary>The role that the last request had, which a 487 answers (§7.2.5.1).</summary>
    public IceRole RoleSent { get; set; }

    /// <summary>Its place in the triggered-check queue (§6.1.4.1), 0 for none.</summary>
    public long TriggeredOrder { get; set; }

    /// <summary>The peer sent an authenticated request on it: it holds our password and is there.</summary>
    public bool IsRequested { get; set; }

    /// <summary>Our own check on it succeeded: it is in the valid list (§7.2.5.3.2).</summary>
    public bool IsValid { get; set; }

    /// <summary>As controlling agent: our checks carry USE-CANDIDATE (§8.1.1).</summary>
    public bool IsNominating { get; set; }

    /// <summary>As controlled agent: when the peer nominated it before our own check succeeded (§7.3.1.5).</summary>
    public Instant? NominatedAt { get; set; }

    /// <summary>It was nominated, by whichever agent controls, and valid at that time (§8.1).</summary>
    public bool IsNominated { get; set; }

    /// <summary>When the last authenticated response came: consent begins there (RFC 7675 §5.1).</summary>
    public Instant LastResponseAt { get; set; }

    /// <summary>A check on it was begun: whoever is at its address has had, or gets, all the requests that a candidate may cost him.</summary>
    public bool WasChecked { get; set; }

    /// <summary>A check on it failed; false for one that nomination left unchecked.</summary>
    public bool HasFailedCheck { get; set; }

    public TimeSpan? RoundTripTime { get; set; }

    /// <summary>What the peer sees us as; other than our base behind a NAT (§7.2.5.3.1).</summary>
    public TransportAddress MappedAddress { get; set; }

    public bool IsUnfinished => State is PairState.Frozen or PairState.Waiting or PairState.InProgress;
}
