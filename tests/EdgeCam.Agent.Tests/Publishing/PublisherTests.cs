using System.Net;
using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Publishing;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc;

namespace EdgeCam.Agent.Tests.Publishing;

/// <summary>An output over its life: what it says, when it tries again, and what the server is told.</summary>
public sealed class PublisherTests : IAsyncLifetime
{
    private readonly ManualTime _time = new(ManualTime.SetClock);
    private readonly WhipPlace _server = new();
    private readonly FakeOutputPeers _peers = new();
    private readonly LogLines<Publisher> _log = new();
    private readonly List<JsonElement> _told = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly string _token = Path.GetTempFileName();
    private readonly Progress _progress;
    private readonly PublishMetrics _metrics;
    private readonly Publisher _publisher;
    private Task _running = Task.CompletedTask;

    public PublisherTests()
    {
        File.WriteAllText(_token, "a-token\n");
        _progress = new("output", _time);
        _metrics = new(static () => []);
        _publisher = new(
            new("sfu", "cam0", "whip:https://sfu.example/whip/secret-path", BearerTokenFile: _token), _peers, () => new(new(_server, disposeHandler: false)), json =>
            {
                lock (_told)
                    _told.Add(JsonElement.Parse(json));
            }, _metrics, _time, static () => 1.0, _log, _progress);
    }

    private (string State, string? Detail) State => (_publisher.Report.State, _publisher.Report.Detail);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        Assert.Null(_progress.Overdue());
        _stop.Dispose();
        _peers.Dispose();
        _metrics.Dispose();
        _server.Dispose();
        File.Delete(_token);
    }

    [Fact]
    public async Task It_waits_for_a_picture_publishes_and_tells_the_server_the_end()
    {
        _peers.NoOffer = "camera cam0 has no picture yet";
        Start();
        await Wait.UntilAsync(() => State.State == "waiting", "waiting");
        Assert.Empty(_server.Asked);
        _peers.NoOffer = null;
        await AdvanceUntilAsync(() => _peers.Observer is not null);
        Assert.Equal("connecting", State.State);
        _peers.Observer!.OnConnected("192.0.2.7:5", "DTLS");
        await Wait.UntilAsync(() => State == ("publishing", null), "publishing");
        Assert.Equal("sfu.example", _publisher.Report.Server);

        await _stop.CancelAsync();
        await _running;
        Assert.Equal(["POST", "DELETE"], _server.Asked.Select(static asked => asked.Method));
        Assert.All(_server.Asked, static asked => Assert.Equal("Bearer a-token", asked.Authorization));
        Assert.Equal(1, _peers.Closed);
        Assert.Equal("answer", Assert.Single(_peers.Answers));
    }

    [Fact]
    public async Task A_failure_is_told_once_and_tried_again_ever_later_with_what_the_token_file_holds_then()
    {
        _server.Answers = static (_, _) => new(HttpStatusCode.Unauthorized);
        Start();
        await Wait.UntilAsync(() => State.State == "failed", "failed");
        for (var attempt = 2; attempt <= 8; attempt++)
            await AdvanceUntilAsync(() => _server.Asked.Count >= attempt, TimeSpan.FromSeconds(1));

        Assert.Equal(["2", "4", "8", "16", "32", "60"], Waits().Take(6)); // one second, which is the first bound, is not worth a line
        Assert.Equal("failed", Assert.Single(_told).GetProperty("kind").GetString());
        Assert.Equal(1, _log.Count("does not take the token"));
        Assert.Equal(0, _log.Count("a-token") + _log.Count("secret-path"));

        await File.WriteAllTextAsync(_token, "renewed", TestContext.Current.CancellationToken);
        _server.Answers = static (_, request) => WhipPlace.Created("answer");
        await AdvanceUntilAsync(() => _peers.Observer is not null, TimeSpan.FromSeconds(1));
        Assert.Equal("Bearer renewed", _server.Asked[^1].Authorization);
    }

    [Fact]
    public async Task A_busy_server_is_left_alone_for_as_long_as_it_asks()
    {
        _server.Answers = static (_, _) => new(HttpStatusCode.ServiceUnavailable) { Headers = { { "Retry-After", "120" } } };
        Start();
        await Wait.UntilAsync(() => State.State == "failed", "failed");
        await AdvanceUntilAsync(() => _server.Asked.Count >= 2, TimeSpan.FromSeconds(1));
        Assert.Equal("121", Waits()[0]);
    }

    [Theory]
    [InlineData(CloseReason.IceFailed, "no way over UDP")]
    [InlineData(CloseReason.ConsentExpired, "no longer answers")]
    [InlineData(CloseReason.DtlsFailed, "no DTLS")]
    [InlineData(CloseReason.Remote, "closed the connection")]
    public async Task A_connection_that_ends_is_named_and_made_anew(CloseReason reason, string named)
    {
        await ConnectAsync();
        _time.Advance(TimeSpan.FromSeconds(40));
        _peers.Observer!.OnClosed(reason, "why");
        await Wait.UntilAsync(() => State.State == "failed", "failed");
        Assert.Contains(named, State.Detail, StringComparison.Ordinal);
        await AdvanceUntilAsync(() => _peers.Answers.Count == 2);
        _peers.Observer!.OnConnected("", "");
        await Wait.UntilAsync(() => State.State == "publishing", "publishing");
        Assert.Equal(["publishing", "ended", "publishing"], Kinds());
        Assert.Equal(40, _told[1].GetProperty("seconds").GetInt64());
        Assert.Equal(["POST", "DELETE", "POST"], _server.Asked.Select(static asked => asked.Method));
    }

    [Fact]
    public async Task Later_candidates_are_told_until_the_server_wants_none()
    {
        await ConnectAsync();
        _peers.Observer!.OnCandidate("candidate:1 1 udp 1 192.0.2.1 5 typ srflx raddr 0.0.0.0 rport 0");
        await Wait.UntilAsync(() => _server.Asked.Count == 2, "told");
        Assert.Contains("a=candidate:1 1 udp", _server.Asked[1].Body, StringComparison.Ordinal);
        _server.Answers = static (_, _) => new(HttpStatusCode.MethodNotAllowed);
        _peers.Observer!.OnCandidate("candidate:2 1 udp 1 192.0.2.1 6 typ relay raddr 0.0.0.0 rport 0");
        await Wait.UntilAsync(() => _server.Asked.Count == 3, "told");
        _peers.Observer!.OnCandidate("");
        _peers.Observer!.OnClosed(CloseReason.Remote, "");
        await Wait.UntilAsync(() => State.State == "failed", "failed");
        Assert.Equal(2, _server.Asked.Count(static asked => asked.Method == "PATCH"));
    }

    [Fact]
    public async Task Other_addresses_restart_ICE_where_the_server_can_and_else_the_connection_at_once()
    {
        await ConnectAsync();
        _server.Answers = static (_, request) => request.Method == HttpMethod.Patch ? new(HttpStatusCode.OK) { Content = new StringContent("theirs") } : WhipPlace.Created("answer");
        _peers.Observer!.OnRestart();
        await Wait.UntilAsync(() => _peers.Restarts.Count == 1, "restarted");
        Assert.Equal(("*", "a=ice-ufrag:next\r\n"), (_server.Asked[1].IfMatch, _server.Asked[1].Body));
        Assert.Equal(("theirs", 0), (_peers.Restarts[0], _peers.Closed));

        _peers.TakesRestart = false;
        _time.Advance(TimeSpan.FromMinutes(1));
        _peers.Observer!.OnRestart();
        await Wait.UntilAsync(() => _peers.Answers.Count == 2, "another connection without a wait");
    }

    [Fact]
    public async Task A_restart_that_leads_nowhere_is_given_up_for_another_connection()
    {
        await ConnectAsync();
        _server.Answers = static (_, request) => request.Method == HttpMethod.Patch ? new(HttpStatusCode.OK) { Content = new StringContent("theirs") } : WhipPlace.Created("answer");
        _peers.HasPath = false;
        _time.Advance(TimeSpan.FromMinutes(1));
        _peers.Observer!.OnRestart();
        await AdvanceUntilAsync(() => _peers.Answers.Count == 2, TimeSpan.FromMilliseconds(250));
        Assert.Equal("theirs", Assert.Single(_peers.Restarts));
        Assert.Equal(0, _log.Count("ICE restarted"));
    }

    [Fact]
    public async Task An_answer_that_is_not_taken_ends_the_session_there()
    {
        _peers.Refusal = "The answer has no a=rtcp-mux.";
        Start();
        await Wait.UntilAsync(() => State == ("failed", "The answer has no a=rtcp-mux."), "named");
        Assert.Equal(["POST", "DELETE"], _server.Asked.Select(static asked => asked.Method));
    }

    [Fact]
    public async Task A_fault_of_ours_is_logged_and_tried_again()
    {
        _peers.Fault = new InvalidOperationException("bug");
        Start();
        await Wait.UntilAsync(() => State.State == "failed", "failed");
        Assert.Equal(1, _log.Count("ended by a fault of ours"));
        _peers.Fault = null;
        await AdvanceUntilAsync(() => _peers.Observer is not null);
    }

    [Fact]
    public async Task A_token_file_that_cannot_be_used_is_named_without_its_content()
    {
        await File.WriteAllTextAsync(_token, "two words", TestContext.Current.CancellationToken);
        Start();
        await Wait.UntilAsync(() => State.State == "failed", "failed");
        Assert.Contains("publish[].bearerTokenFile", State.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("two words", State.Detail, StringComparison.Ordinal);
        Assert.Empty(_server.Asked);
    }

    [Fact]
    public void A_flood_of_candidates_leaves_room_for_the_end()
    {
        var mailbox = new OutputMailbox();
        for (var i = 0; i < 1000; i++)
            mailbox.OnCandidate("candidate");
        for (var i = 0; i < 1000; i++)
            mailbox.OnRestart();
        mailbox.OnConnected("", "");
        mailbox.OnClosed(CloseReason.Remote, "");
        List<OutputNews> news = [];
        while (mailbox.News.TryRead(out var one))
            news.Add(one);
        Assert.True(news.Count <= 64);
        Assert.True(news[^2] is OutputNews.Connected && news[^1] is OutputNews.Closed);
    }

    private string[] Kinds()
    {
        lock (_told)
            return [.. _told.Select(static told => told.GetProperty("kind").GetString()!)];
    }

    /// <summary>The waits between attempts, as the log has them.</summary>
    private List<string> Waits() => [.. _log.Lines.Where(static line => line.Contains("the next attempt is in", StringComparison.Ordinal)).Select(static line => line.Split(' ')[^2])];

    private void Start() => _running = _publisher.RunAsync(_stop.Token);

    private async Task ConnectAsync()
    {
        Start();
        await Wait.UntilAsync(() => _peers.Observer is not null, "connecting");
        _peers.Observer!.OnConnected("", "");
        await Wait.UntilAsync(() => State.State == "publishing", "publishing");
    }

    /// <summary>Lets virtual time go on in steps, each after what the last one set free has had its turn.</summary>
    private async Task AdvanceUntilAsync(Func<bool> condition, TimeSpan? step = null)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.True(i < 500, $"{State}");
            _time.Advance(step ?? TimeSpan.FromMilliseconds(500));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
