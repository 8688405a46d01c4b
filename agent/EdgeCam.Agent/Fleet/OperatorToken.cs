using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Fleet;

/// <summary>
/// What proves an operator to devices: a token, and the key that it is bound to, where it is. With a key each request is a JWS of its own
/// (<see cref="SignedRequest"/>, <see cref="SignedDesired"/>), without one the token goes along with it, for devices whose access is <c>bearer</c>.
/// </summary>
internal sealed class OperatorToken : IDisposable
{
    private const string What = "The token";
    private const int MaxDepth = 8;
    private const int KeyLength = 32;
    private const string Header = """{"alg":"ES256"}""";

    private readonly string _token;
    private readonly DeviceKey? _holder;

    private OperatorToken(string token, DeviceKey? holder) => (_token, _holder) = (token, holder);

    /// <summary>Whether it is bound to a key.</summary>
    public bool IsBound => _holder is not null;

    /// <summary>Reads what <c>edgecam fleet token --out</c> or <c>edgecam token</c> wrote: a link, or the token and its key in two lines.</summary>
    /// <exception cref="FleetException">It is none, is over, or its key is another's. No word of it has anything of the two in it.</exception>
    public static OperatorToken Read(string path, TimeProvider time)
    {
        var (token, key) = Split(OwnFile.Read(path, What));
        if (token.Length > TokenVerifier.MaxLength || CompactJws.TryRead(token, MaxDepth) is not (_, var claims))
            throw FleetException.File($"{What}: {path} holds none. It has what edgecam token printed, or edgecam fleet token --out FILE wrote.");
        if (SignedMessage.Seconds(claims, "exp") is { } end && end <= time.GetUtcNow().ToUnixTimeSeconds())
            throw FleetException.File($"{What}: that in {path} expired at {DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(end, 0, 253_402_300_799)):yyyy-MM-dd HH:mm} UTC. Make another: edgecam fleet token.");
        if (HolderIn(claims) is not { } named)
            return new(token, null);
        if (key is null)
            throw FleetException.File($"{What}: that in {path} is bound to a key, which is not there. Put the whole link into the file, or the key into its second line.");
        return new(token, Import(key, named) ?? throw FleetException.File($"{What}: the key in {path} is not the one that the token is bound to. Take both from one link."));
    }

    /// <summary>A request as it goes to a device.</summary>
    /// <param name="request">JSON-RPC 2.0.</param>
    public byte[] Request(byte[] request, string device, DateTimeOffset now) => Seal("request", request, device, now, null);

    /// <summary>A configuration as it is left for a device or its group.</summary>
    /// <param name="audience">The device's id, or <c>group:NAME</c>.</param>
    /// <param name="valid">For so long it may be taken; null: as long as the token.</param>
    public byte[] Desired(byte[] config, string audience, DateTimeOffset now, TimeSpan? valid) => Seal("config", config, audience, now, valid);

    public override string ToString() => IsBound ? "a token with its key" : "a bearer token"; // neither reaches a text by accident

    public void Dispose() => _holder?.Dispose();

    private byte[] Seal(string member, byte[] content, string audience, DateTimeOffset now, TimeSpan? valid)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("token", _token);
            if (_holder is not null)
            {
                json.WriteString("aud", audience);
                json.WriteNumber("iat", now.ToUnixTimeSeconds());
                if (valid is { } span)
                    json.WriteNumber("exp", (now + span).ToUnixTimeSeconds());
                json.WriteString("jti", Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));
            }

            json.WritePropertyName(member);
            json.WriteRawValue(content);
            json.WriteEndObject();
        }

        if (_holder is null)
            return bytes.WrittenSpan.ToArray();
        var signed = $"{Base64Url.EncodeToString(Encoding.ASCII.GetBytes(Header))}.{Base64Url.EncodeToString(bytes.WrittenSpan)}";
        return Encoding.ASCII.GetBytes($"{signed}.{_holder.Sign(signed)}");
    }

    private static (string Token, string? Key) Split(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (Array.Find(words, static word => word.Contains('#', StringComparison.Ordinal)) is not { } link)
            return words switch { [var token, var key, ..] => (token, key), [var token] => (token, null), _ => ("", null) };
        var members = link[(link.IndexOf('#', StringComparison.Ordinal) + 1)..].Split('&');
        return (Member("token") ?? "", Member("key"));

        string? Member(string name) => Array.Find(members, member => member.StartsWith($"{name}=", StringComparison.Ordinal))?[(name.Length + 1)..];
    }

    private static (byte[] X, byte[] Y)? HolderIn(JsonElement claims) =>
        claims.Member("cnf")?.Member("jwk") is { } jwk && jwk.Text("x") is { } x && jwk.Text("y") is { } y && Base64Url.IsValid(x) && Base64Url.IsValid(y)
            ? (Base64Url.DecodeFromChars(x), Base64Url.DecodeFromChars(y))
            : null;

    private static DeviceKey? Import(string key, (byte[] X, byte[] Y) point)
    {
        if (!Base64Url.IsValid(key, out var length) || length != KeyLength)
            return null;
        ECDsa? holder = null;
        try
        {
            // The public point is made anew of the private key, and is the token's or not.
            holder = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = Base64Url.DecodeFromChars(key) });
            var own = holder.ExportParameters(includePrivateParameters: false).Q;
            if (own.X.AsSpan().SequenceEqual(point.X) && own.Y.AsSpan().SequenceEqual(point.Y))
                return new(holder);
        }
        catch (CryptographicException)
        {
            // Why is not said: that could quote it.
        }

        holder?.Dispose();
        return null;
    }
}
