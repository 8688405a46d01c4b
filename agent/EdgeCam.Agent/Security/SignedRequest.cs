using System.Text.Json;

namespace EdgeCam.Agent.Security;

/// <summary>
/// A request as the holder of a token signs it: <c>{"token", "aud", "iat", "jti", "request"}</c>. Whoever carries it can neither change it, nor
/// use it a second time, nor keep it for later: what waited at a broker while the device was away is not done when it comes back.
/// </summary>
/// <remarks>For one device: one that was signed for a group could be given to those of the group that it was not meant for.</remarks>
internal sealed class SignedRequest(AccessPolicy policy, string device, TimeProvider time)
{
    /// <summary>How far its time may be from ours, to either side: as long as it lives at a broker that knows expiry (MQTT 5 §3.3.2.3.3).</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    private const int Remembered = 20_000; // a quarter for each holder: 16 requests a second without end

    private readonly ReplayWindow _replays = new(time, Remembered, share: 4);

    /// <summary>The request within and what its sender may do, or why it is refused.</summary>
    public (JsonElement Request, AccessGrant? Grant, AccessRefusal Refusal) Open(string text)
    {
        var (message, refusal) = SignedMessage.Open(text, policy);
        if (message is null)
            return Refuse(refusal);
        if (CompactJws.Text(message.Payload, "aud") != device)
            return Refuse(AccessRefusal.WrongRecipient);
        if (!message.Payload.TryGetProperty("request", out var request))
            return Refuse(AccessRefusal.MalformedRequest);
        if (!IsOfNow(message.IssuedAt))
            return Refuse(AccessRefusal.StaleRequest);

        refusal = _replays.Take(message.Holder, $"{message.Holder} {message.Id}"); // last: what was not good takes no place
        return refusal == AccessRefusal.None ? (request, message.Token.ToGrant(), refusal) : Refuse(refusal);
    }

    private bool IsOfNow(long seconds)
    {
        var (now, window) = (time.GetUtcNow().ToUnixTimeSeconds(), (long)Window.TotalSeconds);
        return seconds >= now - window && seconds <= now + window;
    }

    private static (JsonElement, AccessGrant?, AccessRefusal) Refuse(AccessRefusal refusal) => (default, null, refusal);
}
