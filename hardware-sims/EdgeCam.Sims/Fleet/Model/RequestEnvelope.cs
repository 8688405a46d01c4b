using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace EdgeCam.Sims.Fleet.Model;

/// <summary>
/// A request as operators send it: JSON-RPC as it is, <c>{"token", "request"}</c>, or a JWS over <c>{"token", "aud", "iat", "jti", "request"}</c>. Here
/// neither a token nor a signature is checked; that a signed one is for this device and of this moment is.
/// </summary>
internal static class RequestEnvelope
{
    private const long Window = 30; // seconds

    /// <summary>The request within, or why it is refused.</summary>
    public static (JsonElement Request, string? Refusal) Open(byte[] payload, string device, TimeProvider time)
    {
        try
        {
            var text = Encoding.UTF8.GetString(payload).Trim();
            if (!text.StartsWith('{') && !text.StartsWith('['))
                return OpenSigned(text, device, time.GetUtcNow().ToUnixTimeSeconds());
            var plain = JsonElement.Parse(text);
            return plain.ValueKind == JsonValueKind.Object && !plain.TryGetProperty("jsonrpc", out _) && plain.TryGetProperty("request", out var request) ? (request, null) : (plain, null);
        }
        catch (Exception broken) when (broken is JsonException or FormatException)
        {
            return (default, "the token is damaged; open the whole link, or ask whoever runs the device for a new link");
        }
    }

    /// <summary>The payload of a JWS in compact form (RFC 7515 §7.1), whoever signed it; undefined where there is none.</summary>
    public static JsonElement Payload(string jws)
    {
        try
        {
            return jws.Split('.') is [_, var payload, _] ? JsonElement.Parse(Base64Url.DecodeFromChars(payload)) : default;
        }
        catch (Exception broken) when (broken is JsonException or FormatException)
        {
            return default;
        }
    }

    private static (JsonElement, string?) OpenSigned(string text, string device, long now)
    {
        var payload = Payload(text);
        if (payload.ValueKind != JsonValueKind.Object)
            throw new FormatException();
        if (Json.Text(payload, "aud") != device)
            return (default, "the signed message is for another device");
        if (!payload.TryGetProperty("request", out var request) || !payload.TryGetProperty("iat", out var issued) || !issued.TryGetInt64(out var seconds))
            return (default, "the signed message is not what it should be: token, aud, iat in whole seconds, jti of 8 to 128 characters, and what it asks for");
        return Math.Abs(now - seconds) <= Window ? (request, null) : (default, "the request is not of this moment: it waited for more than 30 seconds, or the clocks differ; sign it anew");
    }
}
