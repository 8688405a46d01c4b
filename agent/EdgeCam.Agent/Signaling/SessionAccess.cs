using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Signaling;

/// <summary>Who may have a session, and the device's word that its answers are its own.</summary>
/// <param name="viewers">What each viewer may do by now, which a renewal changes.</param>
/// <param name="quota">How much of it one viewer may have.</param>
internal sealed class SessionAccess(AccessPolicy policy, string device, DeviceKey identity, ViewerAccess viewers, ViewerQuota quota, TimeProvider time)
{
    private const string TokenExpired = "the token expired";

    /// <summary>The public key that answers are signed with.</summary>
    public PublicJwk Identity => identity.Jwk;

    /// <summary><c>tokens</c>, <c>bearer</c> or <c>open</c>.</summary>
    public string Word => policy.Word;

    /// <summary>The device's clock, in Unix seconds: a viewer whose own is wrong makes its proofs by this one.</summary>
    public long Now => time.GetUtcNow().ToUnixTimeSeconds();

    /// <param name="offer">Null for a hello, whose proof is over an empty fingerprint.</param>
    public Admission Admit(SessionKey key, string? offer, Credentials given) => offer is null && given.Token is null && !policy.IsOpen
        ? Admission.Refuse(AccessRefusal.NoToken) // a hello needs none: nothing that would be counted
        : policy.AdmitOffer(key.Client, key.Session, offer is null ? "" : SdpFingerprint.Of(offer), given);

    public string Sign(SessionKey key, IncomingMessage offer, string answer) =>
        AnswerSignature.Sign(identity, device, key.Session, offer.Sdp!, answer, offer.Nonce);

    /// <summary>What its viewer may do by now; null where it is not live.</summary>
    public AccessGrant? Present(SignalingSession session) => viewers.Find(session.Key.ToString())?.Grant ?? session.Grant;

    /// <summary>Takes an offer into account, and a place where the session has none; or says why not. Where nobody has a token, a client is a viewer.</summary>
    public AccessRefusal Enter(SignalingSession session, AccessGrant grant)
    {
        var viewer = grant.Viewer ?? $"client {session.Key.Client}";
        var refusal = quota.TakeOffer(viewer);
        if (refusal == AccessRefusal.None && !session.IsLive)
            refusal = (session.Place = quota.TryEnter(viewer)) is null ? AccessRefusal.TooManySessions : AccessRefusal.None;
        return policy.Counted(refusal);
    }

    /// <summary>Why the session has to end: its token, or the one that took that one's place, has expired or was revoked. Null: it goes on.</summary>
    public (string Words, AccessRefusal Cause)? EndOf(SignalingSession session)
    {
        if (Present(session) is not { } grant)
            return null;
        if (grant.Expires?.IsOver(time) == true)
            return (TokenExpired, AccessRefusal.Expired);
        return policy.Standing(grant) is not AccessRefusal.None and var refusal ? (refusal.InWords(), refusal) : null;
    }
}
