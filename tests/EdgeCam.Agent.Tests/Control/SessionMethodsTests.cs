using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Control;

/// <summary>Signaling over the data channel: who may, what it takes, what it says.</summary>
public sealed class SessionMethodsTests : IDisposable
{
    private readonly DropCounters _drops = new();
    private readonly ControlDispatcher _dispatcher;
    private readonly FakeSession _session = new();

    public SessionMethodsTests() =>
        _dispatcher = new(new Dictionary<string, ControlMethod>(SessionMethods.Create()), _drops, NullLogger<ControlDispatcher>.Instance);

    public void Dispose() => _drops.Dispose();

    [Fact]
    public void An_offer_is_answered()
    {
        Assert.Equal("answer to v=0", Call("session.offer", """{"sdp":"v=0"}""")!.Value.GetProperty("result").GetProperty("sdp").GetString());

        _session.Problem = "not yours";
        var error = Call("session.offer", """{"sdp":"v=0"}""")!.Value.GetProperty("error");
        Assert.Equal((-32602, "Invalid params: not yours"), (error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString()));
    }

    [Fact]
    public void Candidates_come_as_notifications()
    {
        Assert.Null(_dispatcher.Handle("""{"jsonrpc":"2.0","method":"session.candidate","params":{"candidate":"candidate:1","sdpMid":"0"}}"""u8, new("alice", Session: _session)));
        Assert.Equal("candidate:1", Assert.Single(_session.Candidates));
    }

    [Theory]
    [InlineData("session.offer", "{}")]
    [InlineData("session.offer", """{"sdp":7}""")]
    [InlineData("session.offer", "[]")]
    [InlineData("session.candidate", """{"sdp":"v=0"}""")]
    [InlineData("session.candidate", """{"candidate":null}""")]
    public void What_makes_no_sense_is_refused_in_words(string method, string parameters) =>
        Assert.StartsWith($"Invalid params: {method} takes", Call(method, parameters)!.Value.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);

    [Fact]
    public void A_candidate_longer_than_any_is_refused()
    {
        Assert.NotNull(Call("session.candidate", $$"""{"candidate":"{{new string('x', 1025)}}"}""")!.Value.GetProperty("error").GetProperty("message").GetString());
        Assert.Empty(_session.Candidates);
    }

    [Fact]
    public void An_operator_has_no_session()
    {
        foreach (var method in new[] { "session.offer", "session.candidate" })
        {
            using var response = JsonDocument.Parse(_dispatcher.Handle(Request(method, """{"sdp":"v=0","candidate":""}"""), new ControlCaller("operator"))!);
            Assert.Contains("own data channel", response.RootElement.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_device_tells_candidates_and_asks_for_restarts_by_notifications()
    {
        Assert.Equal("""{"jsonrpc":"2.0","method":"session.candidate","params":{"candidate":"candidate:1"}}""", Encoding.UTF8.GetString(SessionMethods.Candidate("candidate:1")));
        Assert.Equal("""{"jsonrpc":"2.0","method":"session.restart","params":{"reason":"moved"}}""", Encoding.UTF8.GetString(SessionMethods.Restart("moved")));
    }

    private static byte[] Request(string method, string parameters) =>
        Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""");

    private JsonElement? Call(string method, string parameters)
    {
        using var response = JsonDocument.Parse(_dispatcher.Handle(Request(method, parameters), new ControlCaller("alice", Session: _session))!);
        return response.RootElement.Clone();
    }

    private sealed class FakeSession : IControlSession
    {
        public string? Problem { get; set; }

        public List<string> Candidates { get; } = [];

        public (string? Answer, string Problem) HandleOffer(string sdp) => Problem is null ? ($"answer to {sdp}", "") : (null, Problem);

        public void AddCandidate(string candidate) => Candidates.Add(candidate);
    }
}
