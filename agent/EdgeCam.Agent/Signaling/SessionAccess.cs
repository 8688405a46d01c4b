using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Signaling;

/// <summary>Who may have a session, and the device's word that its answers are its own.</summary>
/// <param name="viewers">What each viewer may do by now, which a renewal changes.</param>
internal sealed class SessionAccess(AccessPolicy policy, string device, DeviceKey identity, ViewerAccess viewers, TimeProvider time)
{
    /// <summary>The public key that answers are signed with.</summary>
    public PublicJwk Identity => identity.Jwk;

    /// <summary><c>tokens</c>, <c>bearer</c> or <c>open</c>.</summary>
    public string Word => policy.Word;

    /// <summary>The device's clock, in Unix seconds: a viewer whose own is wrong makes its proofs by this one.</summary>
    public long Now => time.GetUtcNow().ToUnixTimeSeconds();

    /// <param name="offer">Null for a hello, whose proof is over an empty fingerprint.</param>
    public Admission Admit(SessionKey key, string? offer, Credentials given) =>
        policy.AdmitOffer(key.Client, key.Session, offer is null ? "" : SdpFingerprint.Of(offer), given);

    public string Sign(SessionKey key, IncomingMessage offer, string answer) =>
        AnswerSignature.Sign(identity, device, key.Session, offer.Sdp!, answer, offer.Nonce);

    /// <summary>What its viewer may do by now; null where it is not live.</summary>
    public AccessGrant? Present(SignalingSession session) => viewers.Find(session.Key.ToString())?.Grant ?? session.Grant;

    /// <summary>Its token, or the one that took that one's place, has expired.</summary>
    public bool IsOver(SignalingSession session) => Present(session)?.Expires?.IsOver(time) == true;
}
