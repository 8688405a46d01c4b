using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Signaling;

/// <summary>Sessions where access is by token: what an offer has to bring, what the answer proves, and when the session ends.</summary>
public sealed class TokenOffersTests : SignalingRig
{
    private const string Fingerprint = "sha-256 AB:CD";
    private const string Sdp = "v=0\r\na=fingerprint:sha-256 AB:CD\r\n";

    private readonly TokenForge _forge;
    private int _seq;

    public TokenOffersTests()
        : base(ManualTime.SetClock)
    {
        _forge = new(Keys.Signing, Time);
        Gateway.Answer = _ => Task.FromResult(EdgeCam.Agent.Signaling.ViewerAnswer.Accept("v=0\r\na=fingerprint:sha-256 EF:01\r\n"));
        Start(new(), (_, until) => new([new(["turn:relay.test"], "u", "p")], until?.Left(Time)), AccessMode.Tokens);
    }

    [Fact]
    public async Task A_holder_gets_an_answer_that_the_device_has_signed()
    {
        var given = Offer(_forge.Offer("session-0001", Fingerprint));

        var answer = await Sent("answer");
        var offer = Assert.Single(Gateway.Offers);
        Assert.Equal(("Ann", AccessScope.All, Deadline.After(TimeSpan.FromHours(1), Time)), (offer.Access.Name, offer.Access.Scopes, offer.Access.Expires));
        Assert.Equal("u", answer.GetProperty("iceServers")[0].GetProperty("username").GetString());

        var jwk = answer.GetProperty("identity");
        Assert.Equal(("EC", "P-256"), (jwk.GetProperty("kty").GetString(), jwk.GetProperty("crv").GetString()));
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Bytes(jwk, "x"), Y = Bytes(jwk, "y") } });
        var text = $"edgecam-answer-v1\ndev\nsession-0001\nsha-256 AB:CD\nsha-256 EF:01\n{given.Nonce}";
        Assert.True(key.VerifyData(Encoding.UTF8.GetBytes(text), Bytes(answer, "signature"), HashAlgorithmName.SHA256));
        Assert.Equal(Keys.Identity.Thumbprint, PublicJwk.Of(key).Thumbprint());
    }

    [Fact]
    public async Task Without_a_token_nothing_is_made()
    {
        Offer(Credentials.None);

        var error = await Sent("error");
        Assert.Equal((401, 1), (error.GetProperty("code").GetInt32(), error.GetProperty("re").GetInt32()));
        Assert.Contains("a token is needed", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(Gateway.Offers);
        Assert.Equal(1, Drops[Stage.Signaling, DropReason.Forbidden]);
    }

    [Fact]
    public async Task Each_refusal_says_why()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var seen = _forge.Offer("session-0001", Fingerprint);
        (Credentials Given, string Sdp, int Code, string Words)[] cases =
        [
            (new(_forge.Token()), Sdp, 401, "nothing proves that you have it"),
            (_forge.Offer("session-0001", Fingerprint, by: other), Sdp, 401, "does not fit"),
            (_forge.Offer("session-0002", Fingerprint), Sdp, 401, "does not fit"),
            (_forge.Offer("session-0001", Fingerprint, at: _forge.Now - 121), Sdp, 401, "clocks"),
            (_forge.Offer("session-0001", Fingerprint, _forge.Token(change: claims => claims["exp"] = _forge.Now - 30)), Sdp, 401, "expired"),
            (_forge.Offer("session-0001", Fingerprint, _forge.Token(change: claims => claims["nbf"] = _forge.Now + 31)), Sdp, 401, "not valid yet"),
            (_forge.Offer("session-0001", Fingerprint, _forge.Token(change: claims => claims["aud"] = "garden")), Sdp, 401, "another device"),
            (_forge.Offer("session-0001", Fingerprint, _forge.Token("ptz")), Sdp, 403, "scope view"),
            (_forge.Offer("session-0001", Fingerprint), Sdp + "m=video\r\na=fingerprint:sha-256 00:00\r\n", 400, "one certificate"),
            (_forge.Offer("session-0001", Fingerprint, new string('a', 4097)), Sdp, 401, "too long"),
        ];
        for (var i = 0; i < cases.Length; i++)
        {
            Offer(cases[i].Given, cases[i].Sdp);
            var error = await Sent("error", i + 1);
            Assert.Equal((cases[i].Code, true), (error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString()!.Contains(cases[i].Words, StringComparison.Ordinal)));
            Assert.DoesNotContain(cases[i].Given.Token!, error.ToString(), StringComparison.Ordinal);
        }

        Assert.Empty(Gateway.Offers);
        Offer(seen);
        await Sent("answer");
        Offer(seen); // the same once more, under a number of its own
        Assert.Contains("came before", (await Sent("error", cases.Length + 1)).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Single(Gateway.Offers);
        Assert.Empty(Gateway.Closed); // what was live goes on
    }

    [Fact]
    public async Task A_hello_tells_what_everybody_may_know_and_gives_servers_to_holders()
    {
        Receive("""{"v":1,"type":"hello","seq":1}""");
        var welcome = await Sent("welcome");
        Assert.Equal(("tokens", Time.GetUtcNow().ToUnixTimeSeconds()), (welcome.GetProperty("access").GetString(), welcome.GetProperty("time").GetInt64()));
        Assert.Equal(Keys.Identity.Jwk.X, welcome.GetProperty("identity").GetProperty("x").GetString());
        Assert.False(welcome.TryGetProperty("iceServers", out _));

        Receive(Message("hello", 2, _forge.Offer("session-0001", Fingerprint), null)); // made for an offer
        Assert.False((await Sent("welcome", 2)).TryGetProperty("iceServers", out _));

        Receive(Message("hello", 3, _forge.Offer("session-0001", ""), null));
        Assert.Equal("u", (await Sent("welcome", 3)).GetProperty("iceServers")[0].GetProperty("username").GetString());
    }

    [Fact]
    public async Task ICE_servers_are_good_for_as_long_as_the_token()
    {
        Receive(Message("hello", 1, _forge.Offer("session-0001", "", _forge.Token(change: claims => claims["exp"] = _forge.Now + 90)), null));
        Assert.Equal(90, (await Sent("welcome")).GetProperty("iceServersExpireInSeconds").GetInt32());
    }

    [Fact]
    public async Task Another_holder_does_not_offer_to_a_session_that_is_live()
    {
        using var other = new TokenForge(Keys.Signing, Time);
        Offer(_forge.Offer("session-0001", Fingerprint));
        await Sent("answer");

        Offer(other.Offer("session-0001", Fingerprint));
        var error = await Sent("error");
        Assert.Equal((403, "the session was made by the holder of another token; make one of your own"), (error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString()));
        Assert.Single(Gateway.Offers);

        Offer(_forge.Offer("session-0001", Fingerprint, _forge.Token("view"))); // another token of the same holder
        await Sent("answer", 2);
        Viewers.Set(Alice.ToString(), new("Ann", AccessScope.View, Holder: PublicJwk.Of(other.Holder).Thumbprint())); // renewed with the other
        Offer(other.Offer("session-0001", Fingerprint));
        await Sent("answer", 3);
        Offer(_forge.Offer("session-0001", Fingerprint));
        await Sent("error", 2);
    }

    [Fact]
    public async Task A_hello_with_a_token_costs_as_much_as_an_offer()
    {
        Start(new(Burst: 10, OfferCost: 5), mode: AccessMode.Tokens);
        Receive(Message("hello", 1, new(_forge.Token()), null));
        Receive(Message("hello", 2, new(_forge.Token()), null));
        Receive(Message("hello", 3, new(_forge.Token()), null));
        Assert.Equal(429, (await Sent("error")).GetProperty("code").GetInt32());
        Assert.Equal(2, Count("welcome"));
    }

    [Fact]
    public async Task A_session_ends_when_its_token_does()
    {
        Offer(_forge.Offer("session-0001", Fingerprint, _forge.Token(change: claims => claims["exp"] = _forge.Now + 90)));
        await Sent("answer");

        Time.Advance(TimeSpan.FromSeconds(89));
        Assert.Equal(0, Count("bye"));
        Time.Advance(TimeSpan.FromSeconds(1));
        var bye = await Sent("bye");
        Assert.Equal(("the token expired", "expired"), (bye.GetProperty("reason").GetString(), bye.GetProperty("cause").GetString()));
        Assert.Equal((Alice.ToString(), "the token expired"), Assert.Single(Gateway.Closed));
    }

    [Fact]
    public async Task A_renewed_session_goes_on()
    {
        Offer(_forge.Offer("session-0001", Fingerprint, _forge.Token(change: claims => claims["exp"] = _forge.Now + 90)));
        await Sent("answer");
        Viewers.Set(Alice.ToString(), new("Ann", AccessScope.View, Deadline.After(TimeSpan.FromSeconds(180), Time)));

        Time.Advance(TimeSpan.FromSeconds(179));
        Receive("""{"v":1,"type":"hello","seq":90}"""); // behind it in the loop, the sweeps are done
        await Sent("welcome");
        Assert.Equal(0, Count("bye"));
        Time.Advance(TimeSpan.FromSeconds(1));
        await Sent("bye");
    }

    private Credentials Offer(Credentials given, string sdp = Sdp)
    {
        Receive(Message("offer", ++_seq, given, sdp));
        return given;
    }

    private static string Message(string type, int seq, Credentials given, string? sdp)
    {
        var message = new JsonObject { ["v"] = 1, ["type"] = type, ["seq"] = seq };
        if (sdp is not null)
            message["sdp"] = sdp;
        if (given.Token is not null)
            message["token"] = given.Token;
        if (given.Nonce is not null)
            (message["nonce"], message["time"], message["proof"]) = (given.Nonce, given.Time, given.Proof);
        return message.ToJsonString();
    }

    private static byte[] Bytes(JsonElement json, string name) => Base64Url.DecodeFromChars(json.GetProperty(name).GetString());
}
