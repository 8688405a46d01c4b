using EdgeCam.Agent.Security.Trust;

namespace EdgeCam.Agent.Security;

/// <summary>Who is let in, as <c>security.access</c> says. Used from any thread.</summary>
/// <remarks>
/// A token that is bound to a key never counts without its key where access is <c>tokens</c>: a broker has seen it. One that is bound to none
/// is taken there only where it comes straight to the device and nobody can read along: over https, or from this machine.
/// </remarks>
internal sealed class AccessPolicy : IDisposable
{
    private readonly TokenVerifier _tokens;
    private readonly HolderProof _proofs;
    private readonly AccessMetrics? _metrics;

    /// <summary>For a device that believes nobody but itself.</summary>
    public AccessPolicy(AccessMode mode, string device, DeviceKey signing, TimeProvider time)
        : this(mode, new TrustStore(device, signing, time), signing, time)
    {
    }

    public AccessPolicy(AccessMode mode, TrustStore trust, DeviceKey signing, TimeProvider time, AccessMetrics? metrics = null)
    {
        (Mode, Trust, _metrics) = (mode, trust, metrics);
        _tokens = new(trust, signing, time);
        Replays = new(time);
        _proofs = new(trust.Device, Replays, time);
    }

    public AccessMode Mode { get; }

    public bool IsOpen => Mode == AccessMode.Open;

    public TrustStore Trust { get; }

    public string Word => Mode.ToString().ToLowerInvariant();

    /// <summary>Offers and renewals that came.</summary>
    public ReplayWindow Replays { get; }

    /// <summary>An offer, or a hello, which has no fingerprint yet: the text that it signs has an empty one.</summary>
    /// <param name="name">Who comes, where nobody has to say.</param>
    public Admission AdmitOffer(string name, string session, string? fingerprint, Credentials given)
    {
        if (IsOpen)
            return new(AccessGrant.Open(name), AccessRefusal.None);
        return Counted(fingerprint is null ? Admission.Refuse(AccessRefusal.NoFingerprint) : Admit(HolderProof.Offer, session, fingerprint, given, mayBeUnbound: Mode == AccessMode.Bearer));
    }

    /// <summary>A further token for a session that goes on.</summary>
    /// <param name="wasBound">Whether the token before was bound to a key: then this one is.</param>
    public Admission AdmitRenewal(string name, string session, string fingerprint, Credentials given, bool wasBound) =>
        IsOpen ? new(AccessGrant.Open(name), AccessRefusal.None) : Counted(Admit(HolderProof.Renewal, session, fingerprint, given, Mode == AccessMode.Bearer || !wasBound));

    /// <summary>A token in a header, with nothing but the token.</summary>
    /// <param name="isPrivate">It came encrypted, or from this machine.</param>
    public Admission AdmitBearer(string name, string? token, bool isPrivate, AccessScope needed) =>
        IsOpen ? new(AccessGrant.Open(name), AccessRefusal.None) : Counted(AdmitBearer(token, isPrivate, needed));

    /// <summary>A connection to the embedded broker, to watch or to manage: it gives topics only, and what is said there is proved again.</summary>
    public Admission AdmitConnection(string? token)
    {
        var (verified, refusal) = _tokens.Verify(token);
        return Counted(verified is null ? Admission.Refuse(refusal) : Admission.Of(verified.ToGrant(), verified.Scopes.HasFlag(AccessScope.Manage) ? AccessScope.Manage : AccessScope.View));
    }

    /// <summary>Whether somebody who was let in would be let in still, the time of his token aside: it may have been revoked since.</summary>
    public AccessRefusal Standing(AccessGrant grant) => grant.Origin is { } origin ? Trust.Standing(origin, grant.Holder) : AccessRefusal.None;

    /// <summary>The token alone, for whoever checks by itself that the sender has its key.</summary>
    public (VerifiedToken? Token, AccessRefusal Refusal) Verify(string? token) => _tokens.Verify(token);

    /// <summary>Counts a refusal of whoever checks more than the token.</summary>
    public AccessRefusal Counted(AccessRefusal refusal)
    {
        _metrics?.Count(refusal);
        return refusal;
    }

    public void Dispose() => _tokens.Dispose();

    private Admission Counted(Admission admission)
    {
        Counted(admission.Refusal);
        return admission;
    }

    private Admission AdmitBearer(string? token, bool isPrivate, AccessScope needed)
    {
        var (verified, refusal) = _tokens.Verify(token);
        if (verified is null)
            return Admission.Refuse(refusal);
        if (Mode == AccessMode.Tokens && !isPrivate)
            return Admission.Refuse(AccessRefusal.NotSecure);
        return Mode == AccessMode.Tokens && verified.Holder is not null ? Admission.Refuse(AccessRefusal.NoProof) : Admission.Of(verified.ToGrant(), needed);
    }

    private Admission Admit(string purpose, string session, string fingerprint, Credentials given, bool mayBeUnbound)
    {
        var (verified, refusal) = _tokens.Verify(given.Token);
        if (verified is null)
            return Admission.Refuse(refusal);
        if (verified.Holder is { } holder)
        {
            refusal = _proofs.Check(holder, purpose, session, fingerprint, given);
            if (refusal != AccessRefusal.None && !(refusal == AccessRefusal.NoProof && given.Proof is null && Mode == AccessMode.Bearer))
                return Admission.Refuse(refusal);
        }
        else if (!mayBeUnbound)
        {
            return Admission.Refuse(AccessRefusal.NotBound);
        }

        return Admission.Of(verified.ToGrant(), AccessScope.View);
    }
}
