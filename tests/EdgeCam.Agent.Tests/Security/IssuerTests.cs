using System.Security.Cryptography;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Trust;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Security;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>Issuers beside the device itself: their keys, what they may grant, for whom, and what changes while the device runs.</summary>
public sealed class IssuerTests : IDisposable
{
    private readonly ManualTime _time = new(ManualTime.SetClock);
    private readonly DeviceKeys _keys = DeviceKeys.CreateForThisRun();
    private readonly DeviceKey _first = DeviceKey.Create();
    private readonly DeviceKey _second = DeviceKey.Create();
    private readonly IssuerFile _file = new();
    private readonly LogLines<TrustStore> _log = new();

    public void Dispose()
    {
        _keys.Dispose();
        _first.Dispose();
        _second.Dispose();
        _file.Dispose();
    }

    [Fact]
    public void Tokens_of_an_issuer_are_taken_beside_the_devices_own()
    {
        using var forge = Forge(_first);
        using var own = new TokenForge(_keys.Signing, _time);
        foreach (var keys in new[] { IssuerFile.Pem(_first), IssuerFile.Pem(_second) + "\n" + IssuerFile.Pem(_first), IssuerFile.Set((null, _second), ("b", _first)) })
        {
            _file.Write(keys);
            using var verifier = Verifier(_file.Trust(_keys.Signing, _time));
            var token = verifier.Verify(forge.Token("view manage")).Token!;
            Assert.Equal((IssuerFile.Name, _first.Thumbprint, AccessScope.View | AccessScope.Manage), (token.Origin.Issuer, token.Origin.Key, token.Scopes));
            Assert.Equal("dev", verifier.Verify(own.Token()).Token!.Origin.Issuer);
        }
    }

    [Fact]
    public void The_kid_chooses_the_key_and_one_that_is_unknown_is_refused()
    {
        _file.Write(IssuerFile.Set(("a", _first), ("b", _second)));
        var trust = _file.Trust(_keys.Signing, _time);
        using var forge = Forge(_first);

        Assert.Equal(AccessRefusal.None, Verify(trust, forge.Token(kid: "a")));
        Assert.Equal(AccessRefusal.None, Verify(trust, forge.Token(kid: _first.Thumbprint)));
        Assert.Equal(AccessRefusal.None, Verify(trust, forge.Token()));
        Assert.Equal(AccessRefusal.BadSignature, Verify(trust, forge.Token(kid: "b"))); // another key of the same issuer
        Assert.Equal(AccessRefusal.UnknownKey, Verify(trust, forge.Token(kid: "c")));
        Assert.Equal(AccessRefusal.UnknownKey, Verify(trust, forge.Token(kid: _keys.Signing.Thumbprint))); // the device's own key is no key of the issuer's
    }

    [Fact]
    public void Nobody_speaks_in_anothers_name()
    {
        _file.Write(IssuerFile.Set(("a", _first)));
        var trust = _file.Trust(_keys.Signing, _time);
        using var asDevice = new TokenForge(_first, _time);
        using var asIssuer = Forge(_keys.Signing);
        using var stranger = new TokenForge(_first, _time, issuer: "https://elsewhere.example.org");

        Assert.Equal(AccessRefusal.BadSignature, Verify(trust, asDevice.Token()));
        Assert.Equal(AccessRefusal.UnknownKey, Verify(trust, asDevice.Token(kid: "a")));
        Assert.Equal(AccessRefusal.BadSignature, Verify(trust, asIssuer.Token()));
        Assert.Equal(AccessRefusal.WrongIssuer, Verify(trust, stranger.Token()));
    }

    [Fact]
    public void An_issuer_grants_no_more_than_the_operator_lets_it()
    {
        _file.Write(IssuerFile.Pem(_first));
        using var verifier = Verifier(_file.Trust(_keys.Signing, _time, scopes: ["view", "ptz"]));
        using var forge = Forge(_first);

        Assert.Equal(AccessScope.View, verifier.Verify(forge.Token("view gpio manage")).Token!.Scopes);
        Assert.Equal(AccessRefusal.NoScope, verifier.Verify(forge.Token("manage")).Refusal);
    }

    [Fact]
    public void A_token_is_for_the_device_or_a_group_that_it_is_in()
    {
        _file.Write(IssuerFile.Pem(_first));
        var trust = _file.Trust(_keys.Signing, _time, groups: ["porches", "north"]);
        using var forge = Forge(_first);

        foreach (var (audience, refusal) in new[] { ("dev", AccessRefusal.None), ("group:porches", AccessRefusal.None), ("group:north", AccessRefusal.None), ("group:south", AccessRefusal.WrongAudience), ("porches", AccessRefusal.WrongAudience), ("group:dev", AccessRefusal.WrongAudience), ("Dev", AccessRefusal.WrongAudience) })
            Assert.Equal((audience, refusal), (audience, Verify(trust, forge.Token(change: claims => claims["aud"] = audience))));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    public void Clocks_may_differ_as_far_as_the_operator_says(int skew)
    {
        _file.Write(IssuerFile.Pem(_first));
        var trust = _file.Trust(_keys.Signing, _time, skew: skew);
        using var forge = Forge(_first);

        Assert.Equal(AccessRefusal.None, Verify(trust, forge.Token(change: claims => claims["nbf"] = forge.Now + skew)));
        Assert.Equal(AccessRefusal.NotYetValid, Verify(trust, forge.Token(change: claims => claims["nbf"] = forge.Now + skew + 1)));
        Assert.Equal(AccessRefusal.None, Verify(trust, forge.Token(change: claims => claims["exp"] = forge.Now - skew + 1)));
        Assert.Equal(AccessRefusal.Expired, Verify(trust, forge.Token(change: claims => claims["exp"] = forge.Now - skew)));
    }

    [Fact]
    public void A_clock_that_is_not_set_is_the_reason_whoever_issued_the_token()
    {
        _file.Write(IssuerFile.Pem(_first));
        var boot = new ManualTime();
        using var verifier = new TokenVerifier(_file.Trust(_keys.Signing, boot), _keys.Signing, boot);
        using var forge = Forge(_first);

        Assert.Equal(AccessRefusal.ClockNotSet, verifier.Verify(forge.Token()).Refusal);
    }

    [Fact]
    public void Keys_are_rotated_without_a_restart()
    {
        _file.Write(IssuerFile.Set(("a", _first)));
        var trust = _file.Trust(_keys.Signing, _time, log: _log);
        using var before = Forge(_first);
        using var after = Forge(_second);
        var grant = Granted(trust, before.Token(kid: "a"));

        _file.Write(IssuerFile.Set(("a", _first), ("b", _second))); // the next one comes
        Assert.Equal(AccessRefusal.UnknownKey, Verify(trust, after.Token(kid: "b")));
        trust.Look();
        Assert.Equal(AccessRefusal.None, Verify(trust, after.Token(kid: "b")));
        Assert.Equal(AccessRefusal.None, trust.Standing(grant.Origin!, grant.Holder));

        _file.Write(IssuerFile.Set(("b", _second))); // the one before goes
        trust.Look();
        Assert.Equal(AccessRefusal.UnknownKey, Verify(trust, before.Token(kid: "a")));
        Assert.Equal(AccessRefusal.BadSignature, Verify(trust, before.Token()));
        Assert.Equal(AccessRefusal.KeyWithdrawn, trust.Standing(grant.Origin!, grant.Holder));
        Assert.Equal(3, _log.Count("keys in"));
    }

    [Fact]
    public void A_file_that_is_damaged_leaves_the_keys_and_one_that_is_gone_none()
    {
        _file.Write(IssuerFile.Set(("a", _first)));
        var trust = _file.Trust(_keys.Signing, _time, log: _log);
        using var forge = Forge(_first);

        foreach (var damaged in new[] { "", IssuerFile.Set(("a", _first))[..40], "{\"keys\":[]}", _first.Use(static key => key.ExportPkcs8PrivateKeyPem()) })
        {
            _file.Write(damaged);
            trust.Look();
            trust.Look();
            Assert.Equal(AccessRefusal.None, Verify(trust, forge.Token()));
        }

        Assert.Equal(4, _log.Count("the keys before stay")); // each once
        Assert.DoesNotContain(_log.Lines, line => line.Contains("BEGIN", StringComparison.Ordinal));
        File.SetUnixFileMode(_file.Path, UnixFileMode.UserRead | UnixFileMode.OtherWrite);
        File.SetLastWriteTimeUtc(_file.Path, DateTime.UtcNow.AddHours(1));
        trust.Look();
        Assert.Equal(1, _log.Count("may be written by others"));

        File.Delete(_file.Path);
        trust.Look();
        Assert.Equal(AccessRefusal.UnknownKey, Verify(trust, forge.Token()));
        Assert.Equal(1, _log.Count("is gone"));
    }

    public static TheoryData<string, string?> Texts()
    {
        using var key = DeviceKey.Create();
        using var rsa = RSA.Create(2048);
        using var large = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var (pem, set) = (IssuerFile.Pem(key), IssuerFile.Set(("a", key)));
        var jwk = set["{\"keys\":[".Length..^2];
        const string None = "no public key";
        const string Private = "a private key";
        return new()
        {
            { pem, null },
            { "# the fleet's\n" + pem + "\n\n" + pem, null },
            { set, null },
            { " \n" + set, null },
            { "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}," + jwk + "],\"more\":1}", null }, // others are passed over
            { set.Replace("ES256", "ES384", StringComparison.Ordinal), None },
            { set.Replace("\"sig\"", "\"enc\"", StringComparison.Ordinal), None },
            { set.Replace("\"use\"", "\"key_ops\":[\"sign\"],\"use\"", StringComparison.Ordinal), None },
            { set.Replace("\"use\"", "\"key_ops\":[7],\"use\"", StringComparison.Ordinal), None },
            { set.Replace("P-256", "P-384", StringComparison.Ordinal), None },
            { set.Replace(key.Jwk.X, key.Jwk.Y, StringComparison.Ordinal), None }, // off the curve
            { set.Replace("\"use\"", "\"d\":\"AA\",\"use\"", StringComparison.Ordinal), Private },
            { "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}", Private },
            { key.Use(static key => key.ExportPkcs8PrivateKeyPem()), Private },
            { key.Use(static key => key.ExportECPrivateKeyPem()), Private },
            { pem + "\n" + key.Use(static key => key.ExportPkcs8PrivateKeyPem()), Private },
            { rsa.ExportSubjectPublicKeyInfoPem(), "something else" },
            { large.ExportSubjectPublicKeyInfoPem(), "something else" },
            { "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "something else" },
            { "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "something else" },
            { string.Concat(Enumerable.Repeat(pem + "\n", 32)), null },
            { string.Concat(Enumerable.Repeat(pem + "\n", 33)), "more than 32" },
            { IssuerFile.Set(Enumerable.Repeat(((string?)null, key), 33)), "more than 32" },
            { new string(' ', IssuerKeys.MaxText + 1), "longer than 64 KiB" },
            { "", None },
            { "{\"keys\":[]}", None },
            { "{\"keys\":{}}", "no JWK set" },
            { "{\"keys\":[7]}", "no JWK set" },
            { "{}", "no JWK set" },
            { jwk, "no JWK set" },
            { "{\"keys\":", "neither PEM nor JSON" },
            { "{\"keys\":[],\"keys\":[]}", "neither PEM nor JSON" },
        };
    }

    [Theory]
    [MemberData(nameof(Texts), DisableDiscoveryEnumeration = true)]
    public void Keys_are_read_or_it_is_said_what_is_wrong(string text, string? words)
    {
        var keys = IssuerKeys.Parse(text, out var problem);

        Assert.Equal(words is null, problem is null);
        Assert.Equal(words is null, keys.Count > 0);
        Assert.Contains(words ?? "", problem ?? "", StringComparison.Ordinal);
    }

    private TokenForge Forge(DeviceKey key) => new(key, _time, issuer: IssuerFile.Name);

    private TokenVerifier Verifier(TrustStore trust) => new(trust, _keys.Signing, _time);

    private AccessRefusal Verify(TrustStore trust, string token)
    {
        using var verifier = Verifier(trust);
        return verifier.Verify(token).Refusal;
    }

    private AccessGrant Granted(TrustStore trust, string token)
    {
        using var verifier = Verifier(trust);
        return verifier.Verify(token).Token!.ToGrant();
    }
}
