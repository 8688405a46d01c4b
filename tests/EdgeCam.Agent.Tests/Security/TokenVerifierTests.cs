using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Security;

/// <summary>Tokens: the right ones are taken, each wrong one is refused with its own reason.</summary>
public sealed class TokenVerifierTests : IDisposable
{
    private readonly ManualTime _time = new(ManualTime.SetClock);
    private readonly DeviceKeys _keys = DeviceKeys.CreateForThisRun();
    private readonly TokenForge _forge;
    private readonly TokenVerifier _verifier;

    public TokenVerifierTests() => (_forge, _verifier) = (new(_keys.Signing, _time), new("dev", _keys.Signing, _time));

    private TokenIssuer Issuer => new("dev", _keys.Signing, _time);

    public void Dispose()
    {
        _verifier.Dispose();
        _forge.Dispose();
        _keys.Dispose();
    }

    [Fact]
    public void What_the_device_mints_it_takes()
    {
        var minted = Issuer.Mint(new(AccessScope.View | AccessScope.Ptz, TimeSpan.FromHours(1), "Ann"));
        var (token, refusal) = _verifier.Verify(minted.Token);

        Assert.Equal(AccessRefusal.None, refusal);
        Assert.Equal(("Ann", AccessScope.View | AccessScope.Ptz, Deadline.After(TimeSpan.FromHours(1), _time)), (token!.Name, token.Scopes, token.Expires));
        Assert.NotEmpty(token.Id);

        // The key in the link is the one that the token is bound to.
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = System.Buffers.Text.Base64Url.DecodeFromChars(minted.Key) });
        Assert.Equal(token.Holder, PublicJwk.Of(key));
        Assert.Equal(32, System.Buffers.Text.Base64Url.DecodeFromChars(minted.Key).Length);

        var bearer = Issuer.Mint(new(AccessScope.View, TimeSpan.FromHours(1), IsBound: false));
        Assert.Null(bearer.Key);
        Assert.Null(_verifier.Verify(bearer.Token).Token!.Holder);
    }

    [Fact]
    public void What_is_put_together_by_hand_is_taken_too()
    {
        Assert.Equal(AccessRefusal.None, Refusal(_forge.Token()));
        Assert.Equal(AccessRefusal.None, Refusal(_forge.Token(change: claims => claims["aud"] = new JsonArray("garden", "dev"))));
        Assert.Equal(AccessRefusal.None, Refusal(_forge.Token(change: claims => claims["later"] = new JsonObject { ["a"] = 1 })));
        Assert.Equal(AccessRefusal.None, Refusal(_forge.Token(kid: _keys.Signing.Thumbprint)));
        Assert.Equal(AccessScope.View, _verifier.Verify(_forge.Token("fly view swim")).Token!.Scopes);
    }

    public static TheoryData<string, string> Changes => new()
    {
        { "WrongIssuer", """{"iss":"garden"}""" },
        { "Malformed", """{"iss":7}""" },
        { "WrongAudience", """{"aud":"garden"}""" },
        { "WrongAudience", """{"aud":["garden"]}""" },
        { "Malformed", """{"aud":{}}""" },
        { "Malformed", """{"exp":null}""" },
        { "Malformed", """{"exp":"later"}""" },
        { "Malformed", """{"exp":1e300}""" },
        { "NoLifetime", """{"exp":-1}""" },
        { "Malformed", """{"nbf":null}""" },
        { "LifetimeTooLong", """{"exp":9999999999}""" },
        { "NoScope", """{"scope":""}""" },
        { "NoScope", """{"scope":["view"]}""" },
        { "NoScope", """{"scope":"fly"}""" },
        { "BadHolderKey", """{"cnf":null}""" },
        { "BadHolderKey", """{"cnf":{}}""" },
        { "BadHolderKey", """{"cnf":{"jwk":{"kty":"RSA","n":"AQAB","e":"AQAB"}}}""" },
        { "BadHolderKey", """{"cnf":{"jwk":{"kty":"EC","crv":"P-384","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"}}}""" },
        { "BadHolderKey", """{"cnf":{"jwk":{"kty":"EC","crv":"P-256","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs"}}}""" }, // off the curve
        { "BadHolderKey", """{"cnf":{"jwk":{"kty":"EC","crv":"P-256","x":"","y":""}}}""" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_token_with_another_claim_is_refused(string refusal, string change)
    {
        var token = _forge.Token(change: claims =>
        {
            foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
                claims[name] = value?.DeepClone();
        });

        Assert.Equal(refusal, Refusal(token).ToString());
    }

    [Theory]
    [InlineData("iss", "WrongIssuer")]
    [InlineData("aud", "WrongAudience")]
    [InlineData("exp", "NoLifetime")]
    [InlineData("nbf", "NoLifetime")]
    [InlineData("scope", "NoScope")]
    public void A_token_without_a_claim_is_refused(string claim, string refusal) =>
        Assert.Equal(refusal, Refusal(_forge.Token(change: claims => claims.Remove(claim))).ToString());

    [Fact]
    public void Clocks_may_differ_by_30_seconds()
    {
        var token = _forge.Token(change: claims => claims["nbf"] = _forge.Now + 30);
        Assert.Equal(AccessRefusal.None, Refusal(token));
        Assert.Equal(AccessRefusal.NotYetValid, Refusal(_forge.Token(change: claims => claims["nbf"] = _forge.Now + 31)));

        var ending = _forge.Token();
        var end = Deadline.After(TimeSpan.FromHours(1), _time);
        _time.Advance(TimeSpan.FromSeconds(3599));
        Assert.Equal(end, _verifier.Verify(ending).Token!.Expires);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(TimeSpan.FromSeconds(1), _verifier.Verify(ending).Token!.Expires.Left(_time));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(AccessRefusal.Expired, Refusal(ending));
    }

    [Fact]
    public void A_device_without_a_clock_takes_none()
    {
        using var verifier = new TokenVerifier("dev", _keys.Signing, new ManualTime());

        Assert.Equal(AccessRefusal.ClockNotSet, verifier.Verify(_forge.Token()).Refusal);
    }

    [Fact]
    public void Another_key_is_refused()
    {
        using var other = DeviceKeys.CreateForThisRun();
        using var forge = new TokenForge(other.Signing, _time);
        Assert.Equal(AccessRefusal.BadSignature, Refusal(forge.Token()));

        using var identity = new TokenForge(_keys.Identity, _time);
        Assert.Equal(AccessRefusal.BadSignature, Refusal(identity.Token())); // the other key of this very device
        Assert.Equal(AccessRefusal.BadSignature, Refusal(_forge.Jws($$"""{"alg":"ES256","typ":"JWT","jwk":{{TokenForge.Jwk(forge.Holder).ToJsonString()}}}""", forge.Claims().ToJsonString())[..^86] + TokenForge.Sign(forge.Holder, "x")));
    }

    [Fact]
    public void Another_algorithm_is_refused()
    {
        var claims = _forge.Claims().ToJsonString();
        var body = $"{TokenForge.Base64("""{"alg":"none","typ":"JWT"}""")}.{TokenForge.Base64(claims)}";
        Assert.Equal(AccessRefusal.WrongAlgorithm, Refusal(body + "."));
        Assert.Equal(AccessRefusal.WrongAlgorithm, Refusal($"{body}.{TokenForge.Sign(_forge.Holder, body)}"));

        // The public key as if it were a shared secret: in each form in which somebody may have it.
        using var key = _keys.Signing.PublicPart();
        foreach (var secret in new[] { Encoding.UTF8.GetBytes(key.ExportSubjectPublicKeyInfoPem()), key.ExportSubjectPublicKeyInfo(), Encoding.UTF8.GetBytes(TokenForge.Jwk(key).ToJsonString()) })
        {
            var signed = $"{TokenForge.Base64("""{"alg":"HS256","typ":"JWT"}""")}.{TokenForge.Base64(claims)}";
            Assert.Equal(AccessRefusal.WrongAlgorithm, Refusal($"{signed}.{TokenForge.Base64(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(signed)))}"));
        }

        Assert.Equal(AccessRefusal.WrongAlgorithm, Refusal(_forge.Jws("""{"alg":"RS256","typ":"JWT"}""", claims)));
        Assert.Equal(AccessRefusal.WrongAlgorithm, Refusal(_forge.Jws("""{"alg":"es256","typ":"JWT"}""", claims)));
        Assert.Equal(AccessRefusal.WrongAlgorithm, Refusal(_forge.Jws("""{"typ":"JWT"}""", claims)));
    }

    [Fact]
    public void A_changed_token_is_refused()
    {
        var parts = _forge.Token("view").Split('.');
        var more = TokenForge.Base64(_forge.Claims("manage").ToJsonString());
        Assert.Equal(AccessRefusal.BadSignature, Refusal($"{parts[0]}.{more}.{parts[2]}"));
        Assert.Equal(AccessRefusal.BadSignature, Refusal($"{parts[0]}.{parts[1]}.{TokenForge.Base64(new byte[64])}"));
        Assert.Equal(AccessRefusal.BadSignature, Refusal($"{parts[0]}.{parts[1]}."));
    }

    [Fact]
    public void A_truncated_token_is_refused_wherever_it_ends()
    {
        var token = _forge.Token();
        for (var length = 0; length < token.Length; length++)
        {
            var refusal = Refusal(token[..length]);
            Assert.True(refusal is AccessRefusal.NoToken or AccessRefusal.Malformed or AccessRefusal.BadSignature, $"{length}: {refusal}");
        }
    }

    [Fact]
    public void What_is_no_token_is_refused_in_few_words()
    {
        Assert.Equal(AccessRefusal.NoToken, Refusal(null));
        Assert.Equal(AccessRefusal.NoToken, Refusal(""));
        Assert.Equal(AccessRefusal.Oversized, Refusal(_forge.Token(change: claims => claims["sub"] = new string('a', 4000))));
        Assert.Equal(AccessRefusal.Oversized, Refusal(new string('a', 4097)));
        foreach (var nonsense in new[] { "a", "..", "a.b.c", "e30.e30.e30", "e30.e30.", "....", "a.b.c.d.e", "e30=.e30.e30", " " + _forge.Token(), "null", "{}", "é.é.é" })
            Assert.True(Refusal(nonsense) is AccessRefusal.Malformed or AccessRefusal.WrongAlgorithm, nonsense);

        var payloads = new[] { "[]", "7", "null", "\"a\"", "{", "", """{"iss":"dev","iss":"dev"}""" };
        foreach (var payload in payloads)
            Assert.Equal(AccessRefusal.Malformed, Refusal(_forge.Jws("""{"alg":"ES256","typ":"JWT"}""", payload)));
        Assert.Equal(AccessRefusal.Malformed, Refusal(_forge.Jws("""{"alg":"ES256","typ":"other"}""", _forge.Claims().ToJsonString())));
        Assert.Equal(AccessRefusal.Malformed, Refusal(_forge.Jws("""{"alg":"ES256","typ":"JWT","crit":["exp"]}""", _forge.Claims().ToJsonString())));
        Assert.Equal(AccessRefusal.Malformed, Refusal(_forge.Jws("""{"alg":"ES256"}""", _forge.Claims().ToJsonString())));
    }

    [Fact]
    public void Random_changes_never_get_through_and_never_throw()
    {
        var random = new Random(11);
        var token = _forge.Token();
        for (var i = 0; i < 3000; i++)
        {
            var letters = token.ToCharArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                letters[random.Next(letters.Length)] = (char)random.Next(1, 256);
            var changed = new string(letters);
            // The last letter of 64 bytes in base64url has bits that mean nothing.
            if (changed[..^1] != token[..^1])
                Assert.NotEqual(AccessRefusal.None, Refusal(changed));
        }
    }

    [Fact]
    public void Each_reason_has_words_of_its_own_and_a_code()
    {
        var words = Enum.GetValues<AccessRefusal>().Where(refusal => refusal != AccessRefusal.None).Select(refusal => refusal.InWords()).ToList();

        Assert.Equal(words.Count, words.Distinct().Count());
        Assert.All(words, text => Assert.True(text.Length > 20 && text.All(char.IsAscii) && !text.Contains('"', StringComparison.Ordinal), text)); // they stand in headers, too
        Assert.All(Enum.GetValues<AccessRefusal>(), refusal => Assert.Contains(refusal.Code(), new[] { 400, 401, 403, 429, 503 }));
    }

    private AccessRefusal Refusal(string? token)
    {
        var (verified, refusal) = _verifier.Verify(token);
        Assert.Equal(refusal == AccessRefusal.None, verified is not null);
        return refusal;
    }
}
