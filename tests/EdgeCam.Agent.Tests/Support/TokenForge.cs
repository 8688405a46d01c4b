using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Tests.Support;

/// <summary>Tokens and proofs put together by hand, right ones and wrong ones, with nothing of the code that is tested but a device's key.</summary>
/// <param name="issuer">Who says that he signs; null: the device itself.</param>
internal sealed class TokenForge(DeviceKey signing, TimeProvider time, string device = "dev", string? issuer = null) : IDisposable
{
    public ECDsa Holder { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public long Now => time.GetUtcNow().ToUnixTimeSeconds();

    public static string Base64(byte[] bytes) => Base64Url.EncodeToString(bytes);

    public static string Base64(string text) => Base64(Encoding.UTF8.GetBytes(text));

    public static string Sign(ECDsa key, string text) => Base64(key.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256));

    public static JsonObject Jwk(ECDsa key)
    {
        var point = key.ExportParameters(false).Q;
        return new() { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64(point.X!), ["y"] = Base64(point.Y!) };
    }

    /// <summary>The claims of a good token, good for an hour.</summary>
    public JsonObject Claims(string scope = "view ptz gpio record manage", bool isBound = true)
    {
        var claims = new JsonObject
        {
            ["iss"] = issuer ?? device, ["aud"] = device, ["iat"] = Now, ["nbf"] = Now, ["exp"] = Now + 3600, ["jti"] = Guid.NewGuid().ToString(), ["sub"] = "ann", ["name"] = "Ann", ["scope"] = scope,
        };
        if (isBound)
            claims["cnf"] = new JsonObject { ["jwk"] = Jwk(Holder) };
        return claims;
    }

    public string Token(string scope = "view ptz gpio record manage", bool isBound = true, Action<JsonObject>? change = null, string? kid = null)
    {
        var claims = Claims(scope, isBound);
        change?.Invoke(claims);
        return Jws(kid is null ? """{"alg":"ES256","typ":"JWT"}""" : $$"""{"alg":"ES256","typ":"JWT","kid":"{{kid}}"}""", claims.ToJsonString());
    }

    public string Jws(string header, string payload)
    {
        var signed = $"{Base64(header)}.{Base64(payload)}";
        return $"{signed}.{signing.Use(key => Sign(key, signed))}";
    }

    /// <summary>What a viewer presents with an offer, as the contract words it.</summary>
    public Credentials Offer(string session, string fingerprint, string? token = null, string? nonce = null, long? at = null, ECDsa? by = null, string purpose = "edgecam-offer-v1")
    {
        nonce ??= Base64(RandomNumberGenerator.GetBytes(16));
        at ??= Now;
        return new(token ?? Token(), nonce, at, Sign(by ?? Holder, $"{purpose}\n{device}\n{session}\n{fingerprint}\n{nonce}\n{at}"));
    }

    /// <summary>A signed request as an operator sends it by MQTT.</summary>
    public string Request(string request, Action<JsonObject>? change = null, ECDsa? by = null, string header = """{"alg":"ES256"}""")
    {
        var payload = new JsonObject { ["token"] = Token(), ["aud"] = device, ["iat"] = Now, ["jti"] = Guid.NewGuid().ToString(), ["request"] = JsonNode.Parse(request) };
        change?.Invoke(payload);
        var signed = $"{Base64(header)}.{Base64(payload.ToJsonString())}";
        return $"{signed}.{Sign(by ?? Holder, signed)}";
    }

    /// <summary>A configuration that is to be, as an operator signs it.</summary>
    public string Desired(string config, Action<JsonObject>? change = null, ECDsa? by = null)
    {
        var payload = new JsonObject { ["token"] = Token(), ["aud"] = device, ["iat"] = Now, ["jti"] = Guid.NewGuid().ToString(), ["config"] = JsonNode.Parse(config) };
        change?.Invoke(payload);
        var signed = $"{Base64("""{"alg":"ES256"}""")}.{Base64(payload.ToJsonString())}";
        return $"{signed}.{Sign(by ?? Holder, signed)}";
    }

    public void Dispose() => Holder.Dispose();
}
