using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Trust;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Tests.Security;

/// <summary>A desired configuration lies at the broker for as long as it likes: what of it is taken, and what is refused for which reason.</summary>
public sealed class SignedDesiredTests : IDisposable
{
    private const string Config = """{"log":{"level":"debug"}}""";

    private readonly ManualTime _time = new(ManualTime.SetClock);
    private readonly DeviceKeys _keys = DeviceKeys.CreateForThisRun();
    private readonly DeviceKey _fleet = DeviceKey.Create();
    private readonly DeviceKey _next = DeviceKey.Create();
    private readonly IssuerFile _file = new();
    private readonly LogLines<SignedDesired> _log = new();
    private readonly TokenForge _forge;
    private readonly TrustStore _trust;
    private readonly AccessPolicy _policy;

    public SignedDesiredTests()
    {
        _file.Write(IssuerFile.Set(("a", _fleet)));
        _file.WriteRevoked("{}");
        _forge = new(_fleet, _time, issuer: IssuerFile.Name);
        _trust = _file.Trust(_keys.Signing, _time, groups: ["porches"]);
        _policy = new(AccessMode.Tokens, _trust, _keys.Signing, _time);
    }

    public void Dispose()
    {
        _policy.Dispose();
        _forge.Dispose();
        _keys.Dispose();
        _fleet.Dispose();
        _next.Dispose();
        _file.Dispose();
    }

    [Fact]
    public void What_a_manager_signed_is_taken_however_long_it_lay_there()
    {
        var desired = Make();
        var text = _forge.Desired(Config);
        _time.Advance(TimeSpan.FromMinutes(59)); // its token is good for an hour

        var (taken, refusal) = desired.Open(Bytes(text));

        Assert.Equal(AccessRefusal.None, refusal);
        Assert.Equal((Config, "Ann", false), (taken!.Config.GetRawText(), taken.Grant.Name, taken.IsRepeated));
        Assert.Equal(AccessRefusal.None, Open(desired, _forge.Desired(Config, static payload => payload["aud"] = "group:porches")));
        Assert.Equal(AccessRefusal.None, Open(desired, _forge.Desired(Config, static payload => payload["aud"] = new JsonArray("other", "dev"))));
        Assert.Equal(AccessRefusal.None, Open(desired, _forge.Desired(Config, payload => payload["exp"] = _forge.Now + 1)));
    }

    [Fact]
    public void Each_wrong_one_is_refused_for_its_own_reason()
    {
        var desired = Make();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var stranger = new TokenForge(_fleet, _time, issuer: "https://elsewhere.example.org");
        using var impostor = new TokenForge(_next, _time, issuer: IssuerFile.Name);
        var good = _forge.Desired(Config);
        foreach (var (text, refusal) in new[]
        {
            (Config, AccessRefusal.NoProof), // not signed
            ("[]", AccessRefusal.NoProof),
            ("nonsense", AccessRefusal.Malformed),
            ("", AccessRefusal.Malformed),
            (new string('a', CompactJws.MaxLength + 1), AccessRefusal.Oversized),
            (_forge.Desired(Config, by: other), AccessRefusal.WrongProof),
            (good[..^20] + TokenForge.Base64(new byte[15]), AccessRefusal.WrongProof),
            (_forge.Desired(Config, static payload => payload["aud"] = "garden"), AccessRefusal.WrongRecipient),
            (_forge.Desired(Config, static payload => payload["aud"] = "group:gardens"), AccessRefusal.WrongRecipient),
            (_forge.Desired(Config, static payload => payload.Remove("aud")), AccessRefusal.WrongRecipient),
            (_forge.Desired(Config, static payload => payload["jti"] = "short"), AccessRefusal.MalformedRequest),
            (_forge.Desired(Config, static payload => payload.Remove("iat")), AccessRefusal.MalformedRequest),
            (_forge.Desired(Config, static payload => payload.Remove("config")), AccessRefusal.MalformedRequest),
            (_forge.Desired("7"), AccessRefusal.MalformedRequest),
            (_forge.Desired(Config, payload => payload["iat"] = _forge.Now + 31), AccessRefusal.SignedInFuture),
            (_forge.Desired(Config, static payload => payload["iat"] = long.MaxValue), AccessRefusal.SignedInFuture),
            (_forge.Desired(Config, payload => payload["exp"] = _forge.Now - 30), AccessRefusal.DesiredExpired),
            (_forge.Desired(Config, static payload => payload["exp"] = "never"), AccessRefusal.Malformed),
            (_forge.Desired(Config, static payload => payload.Remove("token")), AccessRefusal.NoToken),
            (_forge.Desired(Config, payload => payload["token"] = _forge.Token(isBound: false)), AccessRefusal.NotBound),
            (_forge.Desired(Config, payload => payload["token"] = _forge.Token("view ptz")), AccessRefusal.MissingScope),
            (_forge.Desired(Config, payload => payload["token"] = _forge.Token(change: claims => claims["exp"] = _forge.Now - 30)), AccessRefusal.Expired),
            (_forge.Desired(Config, payload => payload["token"] = _forge.Token(change: static claims => claims["aud"] = "garden")), AccessRefusal.WrongAudience),
            (_forge.Desired(Config, payload => payload["token"] = _forge.Token(kid: "b")), AccessRefusal.UnknownKey),
            (stranger.Desired(Config), AccessRefusal.WrongIssuer),
            (impostor.Desired(Config), AccessRefusal.BadSignature),
        })
        {
            var (taken, found) = desired.Open(Bytes(text));
            Assert.Null(taken);
            Assert.Equal(refusal, found);
            Assert.NotEmpty(found.InWords());
        }
    }

    [Fact]
    public void An_older_one_does_not_come_back_and_the_same_is_known_again()
    {
        var desired = Make();
        var (first, second) = (_forge.Desired(Config), "");
        desired.Remember(desired.Open(Bytes(first)).Desired!);
        _time.Advance(TimeSpan.FromSeconds(1));
        second = _forge.Desired(Config);
        Assert.True(desired.Open(Bytes(first)).Desired!.IsRepeated);
        var taken = desired.Open(Bytes(second)).Desired!;
        Assert.False(taken.IsRepeated);
        Assert.True(desired.Open(Bytes(first)).Desired!.IsRepeated); // opening alone takes nothing up
        desired.Remember(taken);

        foreach (var device in new[] { desired, Make() }) // a restart forgets nothing
        {
            Assert.Equal(AccessRefusal.Superseded, Open(device, first));
            Assert.Equal(AccessRefusal.Superseded, Open(device, _forge.Desired(Config))); // of the same second
            Assert.True(device.Open(Bytes(second)).Desired!.IsRepeated);
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        using var own = new TokenForge(_keys.Signing, _time);
        desired.Remember(desired.Open(Bytes(own.Desired(Config))).Desired!);
        Assert.Equal(AccessRefusal.Superseded, Open(desired, second)); // nor in the place of another issuer's
    }

    [Fact]
    public void With_its_token_its_key_or_its_issuers_trust_it_ends()
    {
        var desired = Make();
        var text = _forge.Desired(Config, payload => payload["token"] = _forge.Token(change: static claims => claims["jti"] = "token-1"));
        Assert.Equal(AccessRefusal.None, Open(desired, text));

        foreach (var (list, refusal) in new[]
        {
            ("""{ "tokens": ["token-1"] }""", AccessRefusal.Revoked),
            ($$"""{ "holders": ["{{PublicJwk.Of(_forge.Holder).Thumbprint()}}"] }""", AccessRefusal.RevokedHolder),
            ("""{ "keys": ["a"] }""", AccessRefusal.RevokedKey),
            ($$"""{ "before": { "{{IssuerFile.Name}}": {{_forge.Now + 1}} } }""", AccessRefusal.RevokedBefore),
            ("{}", AccessRefusal.None),
        })
        {
            _file.WriteRevoked(list);
            _trust.Look();
            Assert.Equal(refusal, Open(desired, text));
        }

        _file.Write(IssuerFile.Set(("b", _next)));
        _trust.Look();
        Assert.Equal(AccessRefusal.BadSignature, Open(desired, text));
        Assert.Equal(AccessRefusal.UnknownKey, Open(desired, _forge.Desired(Config, payload => payload["token"] = _forge.Token(kid: "a"))));
        _file.Write(IssuerFile.Set(("a", _fleet)));
        _trust.Look();
        _time.Advance(TimeSpan.FromSeconds(3630));
        Assert.Equal(AccessRefusal.Expired, Open(desired, text));
    }

    [Fact]
    public void Before_the_clock_is_set_it_is_refused_for_that_alone_and_taken_after()
    {
        var boot = new ManualTime();
        using var policy = new AccessPolicy(AccessMode.Tokens, _file.Trust(_keys.Signing, boot), _keys.Signing, boot);
        var desired = new SignedDesired(policy, _file.StateFolder, boot, _log);
        var text = _forge.Desired(Config);
        Assert.Equal(AccessRefusal.ClockNotSet, Open(desired, text));

        boot.JumpWallClock(_time.GetUtcNow() - boot.GetUtcNow());
        Assert.Equal(AccessRefusal.None, Open(desired, text));
    }

    [Fact]
    public void Open_access_takes_it_as_it_is_and_bearer_access_with_a_token()
    {
        using var open = new AccessPolicy(AccessMode.Open, _trust, _keys.Signing, _time);
        using var bearer = new AccessPolicy(AccessMode.Bearer, _trust, _keys.Signing, _time);
        var (desired, withToken) = (new SignedDesired(open, _file.StateFolder, _time, _log), new SignedDesired(bearer, _file.StateFolder, _time, _log));

        var plain = $$"""{"config":{{Config}}}""";
        Assert.Equal(Config, desired.Open(Bytes(plain)).Desired!.Config.GetRawText());
        Assert.Equal(AccessRefusal.MalformedRequest, Open(desired, "[]"));
        Assert.Equal(AccessRefusal.MalformedRequest, Open(desired, "{"));
        desired.Remember(desired.Open(Bytes(plain)).Desired!); // leaves no mark
        Assert.Equal(Config, withToken.Open(Bytes($$"""{"token":"{{_forge.Token(isBound: false)}}","config":{{Config}}}""")).Desired!.Config.GetRawText());
        Assert.Equal(AccessRefusal.MissingScope, Open(withToken, $$"""{"token":"{{_forge.Token("view")}}","config":{{Config}}}"""));
        Assert.Equal(AccessRefusal.NoToken, Open(withToken, plain));
        Assert.Equal(AccessRefusal.MalformedRequest, Open(withToken, Config));
        Assert.Equal(AccessRefusal.MalformedRequest, Open(withToken, $$"""{"token":"{{_forge.Token()}}"}"""));
        Assert.Equal(AccessRefusal.None, Open(withToken, _forge.Desired(Config)));
        Assert.False(File.Exists(Path.Combine(_file.StateFolder, SignedDesired.StateName)));
    }

    [Fact]
    public void A_damaged_mark_is_told()
    {
        StateFile.Write(Path.Combine(_file.StateFolder, SignedDesired.StateName), "{}"u8);

        Assert.Equal(AccessRefusal.None, Open(Make(), _forge.Desired(Config)));

        Assert.Equal(1, _log.Count("could be taken once more"));
    }

    private SignedDesired Make() => new(_policy, _file.StateFolder, _time, _log);

    private static AccessRefusal Open(SignedDesired desired, string text) => desired.Open(Bytes(text)).Refusal;

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
