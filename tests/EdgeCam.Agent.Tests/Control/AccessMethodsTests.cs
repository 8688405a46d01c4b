using System.Text.Json;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Control;

/// <summary>What a viewer learns of its own access, and how it renews it.</summary>
public sealed class AccessMethodsTests : IDisposable
{
    private const string Viewer = "alice/session-0001";
    private const string Fingerprint = "sha-256 AB:CD";

    private readonly ManualTime _time = new(ManualTime.SetClock);
    private readonly DeviceKeys _keys = DeviceKeys.CreateForThisRun();
    private readonly ViewerAccess _viewers = new();
    private readonly TokenForge _forge;
    private readonly AccessPolicy _policy;
    private readonly ControlRig _rig;

    public AccessMethodsTests()
    {
        _forge = new(_keys.Signing, _time);
        _policy = new(AccessMode.Tokens, "dev", _keys.Signing, _time);
        _rig = new(AccessMethods.Create(_policy, _viewers, _time));
        _viewers.Set(Viewer, new("Ann", AccessScope.View, Deadline.After(TimeSpan.FromSeconds(90), _time), Holder: "key"), Fingerprint);
    }

    public void Dispose()
    {
        _rig.Dispose();
        _policy.Dispose();
        _forge.Dispose();
        _keys.Dispose();
    }

    [Fact]
    public void A_viewer_is_told_what_it_may()
    {
        Assert.Equal("""{"subject":"Ann","expiresIn":90,"scopes":["view"]}""", Call("session.access", "{}").ToString());

        _viewers.Set(Viewer, AccessGrant.Open("Bob"));
        Assert.Equal("""{"subject":"Bob","expiresIn":null,"scopes":["view","ptz","gpio","record","manage"]}""", Call("session.access", "{}").ToString());
    }

    [Fact]
    public void A_further_token_holds_at_once()
    {
        Assert.Equal("""{"expiresIn":3600,"scopes":["view","ptz"]}""", Renew(Proof(_forge.Token("view ptz"))).ToString());

        Assert.Equal(AccessScope.View | AccessScope.Ptz, _viewers.Of(Viewer).Scopes);
        Assert.Equal(Fingerprint, _viewers.Find(Viewer)!.Fingerprint);
        Assert.Equal("""{"expiresIn":3600,"scopes":["view"]}""", Renew(Proof(_forge.Token("view"))).ToString()); // less holds at once, too
    }

    [Fact]
    public void A_token_that_does_not_belong_here_changes_nothing()
    {
        var seen = Proof(_forge.Token("view ptz"));
        Renew(seen);
        _time.Advance(TimeSpan.FromSeconds(8));

        Refused(seen, "came before");
        Refused(_forge.Offer("session-0001", Fingerprint, _forge.Token()), "does not fit"); // made for an offer
        Refused(_forge.Offer("session-0002", Fingerprint, purpose: "edgecam-renew-v1"), "does not fit");
        Refused(_forge.Offer("session-0001", "sha-256 00", purpose: "edgecam-renew-v1"), "does not fit");
        Refused(Proof(_forge.Token(change: claims => claims["aud"] = "garden")), "another device");
        Refused(Proof(_forge.Token(change: claims => claims["exp"] = _forge.Now - 60)), "expired");
        Refused(new(_forge.Token()), "nothing proves");
        Refused(new(_forge.Token(isBound: false)), "bound to no key");
        Refused(Proof(_forge.Token("ptz")), "scope view");
        Assert.Equal(AccessScope.View | AccessScope.Ptz, _viewers.Of(Viewer).Scopes);
    }

    [Fact]
    public void A_viewer_renews_as_often_as_it_has_to_and_no_more()
    {
        _viewers.Set("bob/session-0001", new("Bob", AccessScope.View, Holder: "key"), Fingerprint);
        for (var i = 0; i < 4; i++)
            Assert.Equal(-32001, Renew(new("x")).GetProperty("code").GetInt32());

        Assert.Equal(ControlError.TooMany.Code, Renew(Proof(_forge.Token("view"))).GetProperty("code").GetInt32()); // not even looked at
        Assert.Equal(-32001, Call("session.renew", Parameters(new("x")), "bob/session-0001").GetProperty("code").GetInt32()); // nobody else's
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(3600, Renew(Proof(_forge.Token("view"))).GetProperty("expiresIn").GetInt32());
        Assert.Equal(ControlError.TooMany.Code, Renew(Proof(_forge.Token("view"))).GetProperty("code").GetInt32());
    }

    [Fact]
    public void One_that_came_with_a_plain_token_renews_with_one()
    {
        _viewers.Set("whep-session", new("Ann", AccessScope.View, Deadline.After(TimeSpan.FromSeconds(90), _time)), Fingerprint);

        Assert.Equal(3600, Call("session.renew", Parameters(new(_forge.Token("view", isBound: false))), "whep-session").GetProperty("expiresIn").GetInt32());
    }

    [Fact]
    public void An_operator_has_no_session_to_renew()
    {
        var caller = new ControlCaller("mqtt:operator", AccessGrant.Open("operator"), CallerOrigin.Mqtt);

        Assert.Equal(-32602, _rig.Call("session.renew", Parameters(Proof(_forge.Token())), caller).GetProperty("code").GetInt32());
    }

    [Fact]
    public void The_end_is_announced_once_a_minute_before_and_then_it_comes()
    {
        var audience = new ControlAudience();
        List<string> told = [], ended = [];
        var watch = new AccessWatch(_viewers, audience, ended.Add, _time);
        void Wait(int seconds)
        {
            for (var i = 0; i < seconds; i++)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                watch.Sweep();
            }
        }

        Wait(35); // its channel is not open yet
        audience.Join(Viewer, () => Caller(Viewer), message => told.Add(System.Text.Encoding.UTF8.GetString(message)));
        Wait(10);
        Assert.Equal(["""{"jsonrpc":"2.0","method":"session.accessExpires","params":{"expiresIn":54}}"""], told);

        Renew(Proof(_forge.Token("view", change: claims => claims["exp"] = _forge.Now + 70)));
        Wait(12);
        Assert.Equal(2, told.Count); // of the new end
        Assert.Empty(ended);
        Wait(58);
        Assert.Equal([Viewer], ended);
        _viewers.Remove(Viewer);
        Wait(5);
        Assert.Single(ended);
    }

    [Fact]
    public void A_viewer_that_has_gone_does_not_come_back_by_renewing()
    {
        _viewers.Remove(Viewer);

        Assert.False(_viewers.TryRenew(Viewer, AccessGrant.Open("Ann")));
        Assert.Empty(_viewers.All);
    }

    private Credentials Proof(string token) => _forge.Offer("session-0001", Fingerprint, token, purpose: "edgecam-renew-v1");

    private static string Parameters(Credentials given) => given.Proof is null
        ? JsonSerializer.Serialize(new { token = given.Token })
        : JsonSerializer.Serialize(new { token = given.Token, nonce = given.Nonce, time = given.Time, proof = given.Proof });

    private ControlCaller Caller(string viewer) => new(viewer, _viewers.Of(viewer), Session: new NoSession());

    private JsonElement Call(string method, string parameters, string viewer = Viewer) => _rig.Call(method, parameters == "{}" ? null : parameters, Caller(viewer));

    private JsonElement Renew(Credentials given) => Call("session.renew", Parameters(given));

    private void Refused(Credentials given, string words)
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        var error = Renew(given);
        Assert.Equal(-32001, error.GetProperty("code").GetInt32());
        Assert.Contains(words, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private sealed class NoSession : IControlSession
    {
        public (string? Answer, string Problem) HandleOffer(string sdp) => (null, "none");

        public (ControlError? Refusal, bool IsPending) Select(string? camera, string stream) => (null, false);

        public void AddCandidate(string candidate)
        {
        }
    }
}
