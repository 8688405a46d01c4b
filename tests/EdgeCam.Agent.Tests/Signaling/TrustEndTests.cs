using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Trust;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Signaling;

/// <summary>Trust that ends in mid-session, and what one viewer may have of it all.</summary>
public sealed class TrustEndTests : SignalingRig
{
    private const string Fingerprint = "sha-256 AB:CD";
    private const string Sdp = "v=0\r\na=fingerprint:sha-256 AB:CD\r\n";

    private readonly DeviceKey _fleet = DeviceKey.Create();
    private readonly DeviceKey _next = DeviceKey.Create();
    private readonly IssuerFile _file = new();
    private readonly TokenForge _forge;
    private readonly TrustStore _trust;
    private int _seq;

    public TrustEndTests()
        : base(ManualTime.SetClock)
    {
        _file.Write(IssuerFile.Set(("a", _fleet)));
        _file.WriteRevoked("{}");
        _forge = new(_fleet, Time, issuer: IssuerFile.Name);
        _trust = _file.Trust(Keys.Signing, Time);
        Start(new(), mode: AccessMode.Tokens, trust: _trust, sessionsOfOne: 2, offersPerMinute: 6);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _forge.Dispose();
        _fleet.Dispose();
        _next.Dispose();
        _file.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("the token was revoked", "revoked", """{ "tokens": ["token-1"] }""")]
    [InlineData("the key that the token is bound to was revoked", "revokedHolder", """{ "holders": ["HOLDER"] }""")]
    [InlineData("the key that signed the token was revoked", "revokedKey", """{ "keys": ["a"] }""")]
    [InlineData("the token was issued before a time", "revokedBefore", """{ "before": { "https://fleet.example.org": 9999999999 } }""")]
    [InlineData("the key that signed the token was withdrawn", "keyWithdrawn", null)]
    public async Task A_session_ends_within_seconds_and_says_why(string words, string cause, string? list)
    {
        Offer("session-0001", _forge.Token(change: static claims => claims["jti"] = "token-1"));
        await Sent("answer");
        using var own = new TokenForge(Keys.Signing, Time);
        Offer("session-0002", own.Token(), own);
        await Sent("answer", 2);
        Seconds(5);
        Assert.Equal(0, Count("bye"));

        if (list is null)
            _file.Write(IssuerFile.Set(("b", _next)));
        else
            _file.WriteRevoked(list.Replace("HOLDER", PublicJwk.Of(_forge.Holder).Thumbprint(), StringComparison.Ordinal));
        Seconds(5);

        var bye = await Sent("bye");
        Assert.StartsWith(words, bye.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(cause, bye.GetProperty("cause").GetString()); // the page has words of its own for it
        Assert.Equal(1, Count("bye")); // the other's goes on
        Assert.StartsWith(words, Assert.Single(Gateway.Closed).Reason, StringComparison.Ordinal);
        Offer("session-0003", _forge.Token(kid: "a", change: static claims => claims["jti"] = "token-1"));
        Assert.Equal(401, (await Sent("error")).GetProperty("code").GetInt32());
    }

    [Fact]
    public void A_player_is_told_on_its_channel_and_let_go()
    {
        using var policy = new AccessPolicy(AccessMode.Tokens, _trust, Keys.Signing, Time);
        List<string> told = [], ended = [];
        var audience = new ControlAudience();
        var watch = new AccessWatch(Viewers, audience, ended.Add, Time, policy: policy);
        Viewers.Set("player", policy.AdmitBearer("HTTP", _forge.Token("view", isBound: false, change: static claims => claims["jti"] = "token-1"), isPrivate: true, AccessScope.View).Grant!);
        Viewers.Set("other", policy.AdmitBearer("HTTP", _forge.Token("view", isBound: false), isPrivate: true, AccessScope.View).Grant!);
        audience.Join("player", static () => new("player", AccessGrant.Nothing), message => told.Add(System.Text.Encoding.UTF8.GetString(message)));
        watch.Sweep();
        Assert.Empty(ended);

        _file.WriteRevoked("""{ "tokens": ["token-1"] }""");
        watch.Sweep();
        watch.Sweep();

        Assert.Equal(["player", "player"], ended); // until it has gone
        var said = JsonElement.Parse(Assert.Single(told));
        Assert.Equal("session.accessEnded", said.GetProperty("method").GetString());
        Assert.Equal("revoked", said.GetProperty("params").GetProperty("cause").GetString());
        Assert.StartsWith("the token was revoked", said.GetProperty("params").GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_viewer_has_so_many_sessions_whatever_he_calls_himself()
    {
        Offer("session-0001", client: "alice");
        Offer("session-0002", client: "bob");
        await Sent("answer", 2);
        Offer("session-0003", client: "carol");
        var error = await Sent("error");
        Assert.Equal(429, error.GetProperty("code").GetInt32());
        Assert.Contains("peers.maxSessionsPerViewer", error.GetProperty("message").GetString(), StringComparison.Ordinal);

        using var other = new TokenForge(_fleet, Time, issuer: IssuerFile.Name);
        Offer("session-0004", by: other, client: "alice"); // another holder
        await Sent("answer", 3);
        Receive($$"""{"v":1,"type":"bye","seq":{{++_seq}}}""", new("bob", "session-0002"));
        Offer("session-0005", client: "carol");
        await Sent("answer", 4);
        Assert.Equal(1, Drops[Stage.Signaling, DropReason.TooMany]);
    }

    [Fact]
    public async Task One_viewer_makes_so_many_offers_in_a_minute_whatever_he_calls_himself()
    {
        for (var i = 0; i < 6; i++)
        {
            Offer("session-0001", client: "alice");
            await Sent("answer", i + 1);
        }

        Offer("session-0002", client: "bob");
        var error = await Sent("error");
        Assert.Equal(429, error.GetProperty("code").GetInt32());
        Assert.Contains("peers.offersPerMinute", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, Drops[Stage.Signaling, DropReason.RateLimited]);

        Time.Advance(TimeSpan.FromSeconds(10));
        Offer("session-0002", client: "bob");
        await Sent("answer", 7);
    }

    [Fact]
    public void Places_are_given_back_once_each()
    {
        var quota = new ViewerQuota(2, 60, Time);
        var (first, second) = (quota.TryEnter("ann")!, quota.TryEnter("ann")!);
        Assert.Null(quota.TryEnter("ann"));
        first.Dispose();
        first.Dispose();
        using (quota.TryEnter("ann"))
            Assert.Null(quota.TryEnter("ann"));
        second.Dispose();
        Assert.Equal(0, quota.Count);
    }

    /// <summary>One at a time, and whoever looks at the files each second looks.</summary>
    private void Seconds(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _trust.Look();
            Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private void Offer(string session, string? token = null, TokenForge? by = null, string client = "alice")
    {
        var given = (by ?? _forge).Offer(session, Fingerprint, token);
        var message = new JsonObject
        {
            ["v"] = 1, ["type"] = "offer", ["seq"] = ++_seq, ["sdp"] = Sdp, ["token"] = given.Token, ["nonce"] = given.Nonce, ["time"] = given.Time, ["proof"] = given.Proof,
        };
        Receive(message.ToJsonString(), new(client, session));
    }
}
