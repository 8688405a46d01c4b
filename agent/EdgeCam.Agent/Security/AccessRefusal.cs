namespace EdgeCam.Agent.Security;

/// <summary>Why somebody is not let in.</summary>
internal enum AccessRefusal
{
    None = 0,

    /// <summary>No token came.</summary>
    NoToken,

    /// <summary>The token is longer than any token is.</summary>
    Oversized,

    /// <summary>No JWS in compact form (RFC 7515 §7.1), or cut off.</summary>
    Malformed,

    /// <summary>Anything but ES256: none, HS256, RS256.</summary>
    WrongAlgorithm,

    /// <summary>Not signed by its issuer's key, or changed after it was signed.</summary>
    BadSignature,

    /// <summary>Of an issuer that is not trusted here.</summary>
    WrongIssuer,

    /// <summary>Its issuer has no such key, or no longer.</summary>
    UnknownKey,

    /// <summary>For another device, and for no group that this one is in.</summary>
    WrongAudience,

    /// <summary>Without <c>exp</c> and <c>nbf</c>.</summary>
    NoLifetime,

    Expired,

    NotYetValid,

    /// <summary>Good for longer than a token may be.</summary>
    LifetimeTooLong,

    /// <summary>It allows nothing that we know.</summary>
    NoScope,

    /// <summary>The key that it is bound to is no P-256 key.</summary>
    BadHolderKey,

    /// <summary>This very token was revoked.</summary>
    Revoked,

    /// <summary>The key that it is bound to was revoked.</summary>
    RevokedHolder,

    /// <summary>The key that signed it was revoked.</summary>
    RevokedKey,

    /// <summary>All tokens of its issuer from before a time were revoked.</summary>
    RevokedBefore,

    /// <summary>A session was made with it, and since then its issuer's keys were replaced.</summary>
    KeyWithdrawn,

    /// <summary>The device's own clock is not set, so no time can be checked yet.</summary>
    ClockNotSet,

    /// <summary>It is bound to no key, and only such tokens are taken here.</summary>
    NotBound,

    /// <summary>It is bound to a key, which nothing proves that the sender has.</summary>
    NoProof,

    /// <summary>The nonce is too short, or what proves it is no signature.</summary>
    MalformedProof,

    /// <summary>The proof was made too long ago, or by a clock that is wrong.</summary>
    StaleProof,

    /// <summary>Made with another key, or for another offer.</summary>
    WrongProof,

    /// <summary>A signed request or configuration lacks a part, or has one that is none.</summary>
    MalformedRequest,

    /// <summary>A signed request or configuration is for another device.</summary>
    WrongRecipient,

    /// <summary>A request was signed too long ago: it waited somewhere, or a clock is wrong.</summary>
    StaleRequest,

    /// <summary>A desired configuration says that it was signed later than now.</summary>
    SignedInFuture,

    /// <summary>A desired configuration was good until a time that is over.</summary>
    DesiredExpired,

    /// <summary>A newer desired configuration was taken before.</summary>
    Superseded,

    /// <summary>The offer has no fingerprint, or several that differ.</summary>
    NoFingerprint,

    /// <summary>The same proof came before.</summary>
    Replayed,

    /// <summary>More proofs than can be remembered.</summary>
    TooMany,

    /// <summary>The token would go over the network readable by all.</summary>
    NotSecure,

    /// <summary>The session was made with another's key.</summary>
    OtherHolder,

    /// <summary>The token does not allow it.</summary>
    MissingScope,

    /// <summary>As many sessions as one viewer may have.</summary>
    TooManySessions,

    /// <summary>As many offers as one viewer may make in a minute.</summary>
    TooManyOffers,
}
