using System.Text.Json;

namespace EdgeCam.Agent.Security;

/// <summary>Refusals in words for people, and as codes of HTTP. No word of them has anything of a token in it.</summary>
internal static class AccessRefusals
{
    private const string NewLink = "ask whoever runs the device for a new link";

    public static string InWords(this AccessRefusal refusal) => refusal switch
    {
        AccessRefusal.NoToken => "a token is needed here; open the link that whoever runs the device gave you",
        AccessRefusal.Oversized => "the token is too long to be one",
        AccessRefusal.Malformed => "the token is damaged; open the whole link, or " + NewLink,
        AccessRefusal.WrongAlgorithm => "the token is not signed with ES256; " + NewLink,
        AccessRefusal.BadSignature => "the token is not signed by this device, or whoever it names as its issuer; " + NewLink,
        AccessRefusal.WrongIssuer => "the token is of another issuer, which is not trusted here; " + NewLink,
        AccessRefusal.UnknownKey => "the token is signed with a key that its issuer does not have here, or no longer; " + NewLink,
        AccessRefusal.WrongAudience => "the token is for another device; " + NewLink,
        AccessRefusal.NoLifetime => "the token does not say how long it is valid; " + NewLink,
        AccessRefusal.Expired => "the token has expired; " + NewLink,
        AccessRefusal.NotYetValid => "the token is not valid yet; where it should be, the device's clock is wrong",
        AccessRefusal.LifetimeTooLong => "the token is valid for longer than 400 days, which none may be; " + NewLink,
        AccessRefusal.NoScope => "the token allows nothing here; " + NewLink,
        AccessRefusal.BadHolderKey => "the token is bound to a key that is not on the curve P-256; " + NewLink,
        AccessRefusal.Revoked => "the token was revoked; " + NewLink,
        AccessRefusal.RevokedHolder => "the key that the token is bound to was revoked; " + NewLink,
        AccessRefusal.RevokedKey => "the key that signed the token was revoked; " + NewLink,
        AccessRefusal.RevokedBefore => "the token was issued before a time from which on its issuer's tokens are taken; " + NewLink,
        AccessRefusal.KeyWithdrawn => "the key that signed the token was withdrawn by its issuer; " + NewLink,
        AccessRefusal.ClockNotSet => $"the device's clock is not set ({DateTimeOffset.UtcNow:yyyy-MM-dd}); it waits for time (NTP), and takes no token before",
        AccessRefusal.NotBound => "the token is bound to no key, and this device takes only such as are; " + NewLink,
        AccessRefusal.NoProof => "the token is bound to a key, and nothing proves that you have it; open the whole link",
        AccessRefusal.MalformedProof => "the proof is not what it should be: a nonce of 16 to 64 bytes, a time, and a signature of 64 bytes",
        AccessRefusal.StaleProof => "the proof is not of this moment: the clocks of the viewer and the device differ by more than two minutes",
        AccessRefusal.WrongProof => "the proof does not fit: it was made with another key than the token's, or for something else",
        AccessRefusal.MalformedRequest => "the signed message is not what it should be: token, aud, iat in whole seconds, jti of 8 to 128 characters, and what it asks for",
        AccessRefusal.WrongRecipient => "the signed message is for another device",
        AccessRefusal.StaleRequest => $"the request is not of this moment: it waited for more than {SignedRequest.Window.TotalSeconds:0} seconds, or the clocks differ (the device's shows {DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm:ss} UTC); sign it anew",
        AccessRefusal.SignedInFuture => "the configuration says that it was signed later than now: the clock of whoever signed it, or the device's, is wrong",
        AccessRefusal.DesiredExpired => "the configuration was to be taken until a time that is over; sign it anew",
        AccessRefusal.Superseded => "a newer configuration was taken before; sign this one anew where it is wanted still",
        AccessRefusal.NoFingerprint => "the offer needs one certificate fingerprint, the same wherever it stands",
        AccessRefusal.Replayed => "the same proof came before; make another",
        AccessRefusal.TooMany => "too many proofs in a short time; try again later",
        AccessRefusal.NotSecure => "a token does not come here without encryption; use https",
        AccessRefusal.OtherHolder => "the session was made by the holder of another token; make one of your own",
        AccessRefusal.MissingScope => "the token does not allow it; " + NewLink,
        AccessRefusal.TooManySessions => "one viewer has as many pictures open as it may (peers.maxSessionsPerViewer); close another page",
        AccessRefusal.TooManyOffers => "one viewer has asked as often as it may in a minute (peers.offersPerMinute); wait a little",
        _ => "",
    };

    /// <summary>For programs, such as <c>revokedHolder</c>.</summary>
    public static string Word(this AccessRefusal refusal) => JsonNamingPolicy.CamelCase.ConvertName(refusal.ToString());

    public static int Code(this AccessRefusal refusal) => refusal switch
    {
        AccessRefusal.MissingScope or AccessRefusal.NotSecure or AccessRefusal.OtherHolder or AccessRefusal.Superseded => 403,
        AccessRefusal.TooMany or AccessRefusal.TooManySessions or AccessRefusal.TooManyOffers => 429,
        AccessRefusal.NoFingerprint or AccessRefusal.MalformedRequest => 400,
        AccessRefusal.ClockNotSet => 503, // it goes away by itself
        _ => 401,
    };
}
