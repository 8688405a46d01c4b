using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Control;

namespace EdgeCam.Agent.Tests.Control;

/// <summary>Signaling over the data channel: who may, what it takes, what it says.</summary>
public sealed class SessionMethodsTests : IDisposable
{
    private readonly ControlRig _rig = new(SessionMethods.Create());
    private readonly FakeSession _session = new();

    private ControlCaller Viewer => ControlRig.Alice with { Session = _session };

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void An_offer_is_answered()
    {
        Assert.Equal("answer to v=0", Call("session.offer", """{"sdp":"v=0"}""").GetProperty("sdp").GetString());

        _session.Problem = "not yours";
        var error = Call("session.offer", """{"sdp":"v=0"}""");
        Assert.Equal((-32602, "Invalid params: not yours"), (error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString()));
    }

    [Fact]
    public void Candidates_come_as_notifications()
    {
        Assert.Null(_rig.Handle("""{"jsonrpc":"2.0","method":"session.candidate","params":{"candidate":"candidate:1","sdpMid":"0"}}"""u8, Viewer));
        Assert.Equal("candidate:1", Assert.Single(_session.Candidates));
    }

    [Theory]
    [InlineData("session.offer", "{}", "sdp is missing")]
    [InlineData("session.offer", """{"sdp":7}""", "sdp is a text")]
    [InlineData("session.offer", "[]", "sdp is missing")]
    [InlineData("session.candidate", """{"sdp":"v=0"}""", "candidate is missing")]
    [InlineData("session.candidate", """{"candidate":null}""", "candidate is missing")]
    public void What_makes_no_sense_is_refused_in_words(string method, string parameters, string words) =>
        Assert.Equal($"Invalid params: {words}", Call(method, parameters).GetProperty("message").GetString());

    [Fact]
    public void A_candidate_longer_than_any_is_refused()
    {
        Assert.NotNull(Call("session.candidate", $$"""{"candidate":"{{new string('x', 1025)}}"}""").GetProperty("message").GetString());
        Assert.Empty(_session.Candidates);
    }

    [Fact]
    public void An_operator_has_no_session()
    {
        foreach (var method in new[] { "session.offer", "session.candidate" })
        {
            var error = _rig.Call(method, """{"sdp":"v=0","candidate":""}""");
            Assert.Contains("own data channel", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_device_tells_candidates_and_asks_for_restarts_by_notifications()
    {
        Assert.Equal("""{"jsonrpc":"2.0","method":"session.candidate","params":{"candidate":"candidate:1"}}""", Encoding.UTF8.GetString(SessionMethods.Candidate("candidate:1")));
        Assert.Equal("""{"jsonrpc":"2.0","method":"session.restart","params":{"reason":"moved"}}""", Encoding.UTF8.GetString(SessionMethods.Restart("moved")));
    }

    private JsonElement Call(string method, string parameters) => _rig.Call(method, parameters, Viewer);

    private sealed class FakeSession : IControlSession
    {
        public string? Problem { get; set; }

        public List<string> Candidates { get; } = [];

        public (string? Answer, string Problem) HandleOffer(string sdp) => Problem is null ? ($"answer to {sdp}", "") : (null, Problem);

        public (ControlError? Refusal, bool IsPending) Select(string? camera, string stream) => (null, false);

        public void AddCandidate(string candidate) => Candidates.Add(candidate);
    }
}
