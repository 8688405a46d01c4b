using System.Net;
using EdgeCam.Agent.Publishing;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Publishing;

/// <summary>What is asked of a WHIP server, and what becomes of its answers.</summary>
public sealed class WhipClientTests : IDisposable
{
    private const string Offer = "v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef012345\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n";

    private static readonly Uri s_endpoint = new("https://sfu.example/whip/porch");

    private readonly ManualTime _time = new(ManualTime.SetClock);
    private readonly WhipPlace _server = new();
    private readonly WhipHttp _http;
    private readonly WhipClient _client;

    public WhipClientTests()
    {
        _http = new(new(_server));
        _client = new(_http, _time);
    }

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("session/1", "https://sfu.example/whip/session/1")]
    [InlineData("/s/1?k=2", "https://sfu.example/s/1?k=2")]
    [InlineData("https://other.example/s/1", "https://other.example/s/1")]
    [InlineData("http://sfu.example/s/1", null)] // less safe than before
    [InlineData("https://me:secret@sfu.example/s/1", null)]
    [InlineData(null, null)]
    public async Task The_session_is_where_the_server_says(string? location, string? resource)
    {
        _server.Answers = (_, _) => WhipPlace.Created("v=0", location);

        var session = await PublishAsync();

        Assert.Equal(("v=0", resource, "\"t1\"", "token"), (session.Answer, session.Resource?.AbsoluteUri, session.EntityTag, session.Token));
        Assert.Equal(("POST", s_endpoint.AbsoluteUri, "Bearer token", null, "application/sdp", Offer), Assert.Single(_server.Asked));
    }

    [Fact]
    public async Task Candidates_go_with_the_entity_tag_restarts_with_any_and_the_end_is_told()
    {
        var session = await PublishAsync();
        _server.Answers = static (_, _) => new(HttpStatusCode.NoContent);
        Assert.Equal("", await _client.PatchAsync(session, TrickleFragment.Write(Offer, ["candidate:1 1 udp 1 192.0.2.1 5 typ host", ""]), restarts: false, TestContext.Current.CancellationToken));
        _server.Answers = static (_, _) => new(HttpStatusCode.OK) { Content = new StringContent("fragment"), Headers = { ETag = new("\"t2\"") } };
        Assert.Equal("fragment", await _client.PatchAsync(session, "restart", restarts: true, TestContext.Current.CancellationToken));
        Assert.Null(await _client.EndAsync(session));

        Assert.Equal(
            ("PATCH", "https://sfu.example/whip/session/1", "Bearer token", "\"t1\"", "application/trickle-ice-sdpfrag",
                "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef012345\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\na=end-of-candidates\r\n"), _server.Asked[1]);
        Assert.Equal("*", _server.Asked[2].IfMatch);
        Assert.Equal(("DELETE", "https://sfu.example/whip/session/1", "Bearer token", null, null, ""), _server.Asked[3]);
        Assert.Equal("\"t2\"", session.EntityTag);
    }

    [Theory]
    [InlineData(HttpStatusCode.MethodNotAllowed)]
    [InlineData(HttpStatusCode.PreconditionFailed)]
    [InlineData(HttpStatusCode.NoContent)] // to a restart that is no answer
    public async Task A_server_that_takes_no_change_says_so(HttpStatusCode status)
    {
        var session = await PublishAsync();
        _server.Answers = (_, _) => new(status);
        Assert.Null(await _client.PatchAsync(session, "x", restarts: true, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_redirect_on_one_server_keeps_the_token_and_the_place_it_leads_to_counts()
    {
        _server.Answers = static (number, _) => number switch { 1 => WhipPlace.Moved("/whip/2"), 2 => WhipPlace.Moved("3", HttpStatusCode.PermanentRedirect), _ => WhipPlace.Created("v=0") };

        var session = await PublishAsync();

        Assert.Equal(["https://sfu.example/whip/porch", "https://sfu.example/whip/2", "https://sfu.example/whip/3"], _server.Asked.Select(static asked => asked.Url));
        Assert.All(_server.Asked, static asked => Assert.Equal(("POST", "Bearer token", Offer), (asked.Method, asked.Authorization, asked.Body)));
        Assert.Equal("https://sfu.example/whip/session/1", session.Resource!.AbsoluteUri);
    }

    [Fact]
    public async Task Another_server_that_a_redirect_leads_to_is_told_no_token()
    {
        _server.Answers = static (number, _) => number == 1 ? WhipPlace.Moved("https://edge.example/whip/2") : WhipPlace.Created("v=0");
        var session = await PublishAsync();
        Assert.Null(_server.Asked[1].Authorization);
        Assert.Null(session.Token);

        _server.Answers = static (_, request) => request.RequestUri!.Host == "sfu.example" ? WhipPlace.Moved("https://edge.example/whip/2") : new(HttpStatusCode.Unauthorized);
        Assert.Contains("leads on to another server", (await RefusedAsync()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/whip/again", "more than 3 times")]
    [InlineData("http://sfu.example/whip", "no address that is taken")]
    [InlineData("ftp://sfu.example/whip", "no address that is taken")]
    [InlineData(null, "no address that is taken")]
    public async Task Redirects_are_followed_within_bounds(string? location, string named)
    {
        _server.Answers = (_, _) => WhipPlace.Moved(location);
        Assert.Contains(named, (await RefusedAsync()).Message, StringComparison.Ordinal);
        Assert.True(_server.Asked.Count <= 4);
    }

    [Theory]
    [InlineData(302, "only 307 and 308")]
    [InlineData(400, "does not take the offer")]
    [InlineData(401, "does not take the token (401)")]
    [InlineData(403, "does not let this device publish")]
    [InlineData(404, "no such address")]
    [InlineData(405, "takes no streams")]
    [InlineData(409, "somebody publishes there already")]
    [InlineData(415, "takes no SDP")]
    [InlineData(429, "too often")]
    [InlineData(500, "has a fault")]
    [InlineData(503, "overloaded")]
    [InlineData(204, "where 201 belongs")]
    public async Task A_refusal_is_named_with_its_remedy_and_nothing_of_the_answer_is_quoted(int status, string named)
    {
        _server.Answers = (_, _) => new((HttpStatusCode)status) { Content = new StringContent("token of the body") };
        var message = (await RefusedAsync()).Message;
        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.DoesNotContain("token of the body", message, StringComparison.Ordinal);
        Assert.DoesNotContain("porch", message, StringComparison.Ordinal); // the path may be a secret
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", 0)]
    [InlineData("99999999", 600)]
    [InlineData("Sat, 01 May 2100 12:00:30 GMT", 30)]
    [InlineData("Sat, 01 May 2010 12:00:30 GMT", 0)]
    [InlineData("soon", 0)]
    public async Task What_a_busy_server_asks_for_is_heard_within_bounds(string header, int seconds)
    {
        _server.Answers = (_, _) =>
        {
            var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
            response.Headers.TryAddWithoutValidation("Retry-After", header);
            return response;
        };
        Assert.Equal(TimeSpan.FromSeconds(seconds), (await RefusedAsync()).RetryAfter);
    }

    [Fact]
    public async Task An_answer_without_end_or_of_another_kind_is_not_taken()
    {
        _server.Answers = static (_, _) => WhipPlace.Created(new string('x', WhipClient.MaxAnswer + 1));
        Assert.Contains("more than 64 KiB", (await RefusedAsync()).Message, StringComparison.Ordinal);
        _server.Answers = static (_, _) => new(HttpStatusCode.OK) { Content = new StringContent("<html>") };
        Assert.Contains("is no application/sdp", (await RefusedAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_hangs_is_left()
    {
        _server.IsSilent = true;
        var refused = RefusedAsync();
        _time.Advance(WhipClient.Patience);
        Assert.Contains("does not answer within 15 s", (await refused).Message, StringComparison.Ordinal);

        var end = _client.EndAsync(new("", s_endpoint, null, null));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull(await end);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        using var http = WhipHttp.Create(caFile: null);
        var client = new WhipClient(http, TimeProvider.System);
        var failure = await Assert.ThrowsAsync<WhipException>(() => client.PublishAsync(new($"http://127.0.0.1:{FreePort.Tcp()}/whip"), null, Offer, TestContext.Current.CancellationToken));
        Assert.Contains("cannot be reached", failure.Message, StringComparison.Ordinal);
    }

    private Task<WhipSession> PublishAsync() => _client.PublishAsync(s_endpoint, "token", Offer, TestContext.Current.CancellationToken);

    private Task<WhipException> RefusedAsync() => Assert.ThrowsAsync<WhipException>(PublishAsync);
}
