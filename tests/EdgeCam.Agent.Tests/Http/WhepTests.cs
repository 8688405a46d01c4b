using System.Net;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Signaling;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Http;

/// <summary>WHEP as a player speaks it.</summary>
public sealed class WhepTests
{
    private const string Sdp = "application/sdp";
    private const string Fragment = "application/trickle-ice-sdpfrag";
    private const string NewPassword = "a=ice-pwd:0123456789012345678901\r\n";
    private const string Offer = "v=0\r\na=ice-ufrag:abcd\r\n";

    [Fact]
    public async Task A_player_posts_trickles_and_deletes()
    {
        await using var http = await HttpFixture.StartAsync();

        using var created = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("answer to " + Offer, await created.Content.ReadAsStringAsync());
        Assert.Equal(Sdp, created.Content.Headers.ContentType!.MediaType);
        Assert.Equal(Fragment, Assert.Single(created.Headers.GetValues("Accept-Patch")));
        var location = created.Headers.Location!.OriginalString;
        Assert.Matches("^/whep/cam0/[A-Za-z0-9_-]{22}$", location);
        var session = Assert.Single(http.Gateway.WhepOffers).Session;
        Assert.EndsWith(session, location, StringComparison.Ordinal);

        using var patched = await http.SendAsync(HttpMethod.Patch, location,
            "a=ice-ufrag:abcd\r\na=ice-pwd:x\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\na=end-of-candidates\r\n",
            Fragment, ("If-Match", created.Headers.ETag!.Tag));
        Assert.Equal(HttpStatusCode.NoContent, patched.StatusCode);
        Assert.Equal([(session, "candidate:1 1 udp 1 10.0.0.1 5 typ host"), (session, "")], http.Gateway.Candidates);

        Assert.Equal(HttpStatusCode.OK, await http.StatusAsync(HttpMethod.Delete, location));
        Assert.Equal(session, Assert.Single(http.Gateway.Closed).Session);
        Assert.Equal(HttpStatusCode.NotFound, await http.StatusAsync(HttpMethod.Delete, location));
        Assert.Equal(HttpStatusCode.NotFound, await http.StatusAsync(HttpMethod.Patch, location, "a=end-of-candidates\r\n", Fragment));
    }

    [Fact]
    public async Task A_session_ends_with_its_connection()
    {
        await using var http = await HttpFixture.StartAsync();
        var location = await CreateAsync(http);

        http.Gateway.WhepOffers.Single().Closed();

        Assert.Equal(HttpStatusCode.NotFound, await http.StatusAsync(HttpMethod.Delete, location));
        Assert.Empty(http.Gateway.Closed);
    }

    [Theory]
    [InlineData(400, 400, "RefusedOffer", false)]
    [InlineData(404, 404, "UnknownCamera", false)]
    [InlineData(429, 429, "TooMany", true)]
    [InlineData(480, 409, "CameraNotReady", true)]
    [InlineData(503, 503, "QueueFull", true)]
    public async Task A_refusal_keeps_its_code_and_words(int code, int status, string reason, bool mayRetry)
    {
        await using var http = await HttpFixture.StartAsync();
        http.Gateway.Answer = _ => Task.FromResult(ViewerAnswer.Refuse(code, "words for people"));

        using var response = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("words for people\n", await response.Content.ReadAsStringAsync());
        Assert.Equal(mayRetry, response.Headers.RetryAfter is not null);
        Assert.Equal(1, http.Drops[Stage.Signaling, Enum.Parse<DropReason>(reason)]);
    }

    [Fact]
    public async Task Sessions_are_bounded_and_a_refused_one_takes_no_place()
    {
        await using var http = await HttpFixture.StartAsync(maxSessions: 2);
        http.Gateway.Answer = _ => Task.FromResult(ViewerAnswer.Refuse(480, "not yet"));
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.Conflict, await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp));
        http.Gateway.Answer = sdp => Task.FromResult(ViewerAnswer.Accept(sdp));

        await CreateAsync(http);
        await CreateAsync(http);

        Assert.Equal(HttpStatusCode.TooManyRequests, await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp));
        http.Gateway.WhepOffers.Last().Closed();
        await CreateAsync(http);
    }

    [Fact]
    public async Task Offers_that_never_connect_take_a_quarter_of_the_places_for_one_client()
    {
        await using var http = await HttpFixture.StartAsync(maxSessions: 20);
        for (var i = 0; i < 5; i++)
            await CreateAsync(http);

        using var refused = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(1, http.Drops[Stage.Signaling, DropReason.RateLimited]);
        Assert.Equal(5, http.Gateway.WhepOffers.Count);

        var offers = http.Gateway.WhepOffers.ToArray();
        offers[0].Connected();
        offers[0].Connected(); // said twice, counted once
        offers[0].Closed();
        offers[1].Closed();
        var location = await CreateAsync(http);
        await CreateAsync(http);
        Assert.Equal(HttpStatusCode.TooManyRequests, await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp));
        Assert.Equal(HttpStatusCode.OK, await http.StatusAsync(HttpMethod.Delete, location));
        await CreateAsync(http);

        http.Gateway.Answer = _ => Task.FromResult(ViewerAnswer.Refuse(480, "not yet"));
        http.Gateway.WhepOffers.Last().Closed();
        for (var i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.Conflict, await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp));
    }

    [Fact]
    public async Task A_fault_of_ours_takes_no_place()
    {
        await using var http = await HttpFixture.StartAsync();
        http.Gateway.Answer = _ => throw new InvalidOperationException("bug");
        for (var i = 0; i < 10; i++)
            Assert.Equal(HttpStatusCode.InternalServerError, await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp));

        http.Gateway.Answer = sdp => Task.FromResult(ViewerAnswer.Accept(sdp));
        await CreateAsync(http);
    }

    [Fact]
    public async Task Behind_a_proxy_the_client_is_the_one_that_the_proxy_names()
    {
        await using var http = await HttpFixture.StartAsync(maxSessions: 20, hosts: "cam.example.org");
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.Created, await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, ("X-Forwarded-For", $"10.9.9.{i}, 192.0.2.1")));

        Assert.Equal(HttpStatusCode.TooManyRequests, await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, ("X-Forwarded-For", "10.0.0.1, 192.0.2.1")));
        Assert.Equal(HttpStatusCode.Created, await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, ("X-Forwarded-For", "192.0.2.2")));
    }

    [Fact]
    public async Task Ice_servers_come_as_links()
    {
        await using var http = await HttpFixture.StartAsync();
        http.IceServers = new([
            new(["stun:stun.example.org"]),
            new(["turn:turn.example.org:3478?transport=udp", "turns:turn.example.org:5349?transport=tcp"], "60:whep", "a\\\"b+/="),
            new(["turn:other.example.org:3478?transport=udp"], "guest", "caf\u00e9\n")], TimeSpan.FromSeconds(60));

        using var created = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp);

        Assert.Equal(
            [
                "<stun:stun.example.org>; rel=\"ice-server\"",
                "<turn:turn.example.org:3478?transport=udp>; rel=\"ice-server\"; username=\"60:whep\"; credential=\"a\\\\\\\"b+/=\"; credential-type=\"password\"",
                "<turns:turn.example.org:5349?transport=tcp>; rel=\"ice-server\"; username=\"60:whep\"; credential=\"a\\\\\\\"b+/=\"; credential-type=\"password\"",
            ],
            created.Headers.GetValues("Link"));
    }

    [Fact]
    public async Task What_is_no_offer_is_refused_before_the_gateway_sees_it()
    {
        await using var http = await HttpFixture.StartAsync();

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, "text/plain"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await http.StatusAsync(HttpMethod.Post, "whep/cam0"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await http.StatusAsync(HttpMethod.Post, "whep/cam0", new string('x', 65537), Sdp));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await http.StatusAsync(HttpMethod.Get, "whep/cam0"));
        Assert.Equal(HttpStatusCode.NotFound, await http.StatusAsync(HttpMethod.Post, "whep/", Offer, Sdp));
        Assert.Equal(HttpStatusCode.NotFound, await http.StatusAsync(HttpMethod.Post, "whep/a/b/c", Offer, Sdp));
        Assert.Equal(HttpStatusCode.NoContent, await http.StatusAsync(HttpMethod.Options, "whep/cam0"));
        Assert.Empty(http.Gateway.WhepOffers);
    }

    [Fact]
    public async Task A_patch_that_does_not_fit_is_refused()
    {
        await using var http = await HttpFixture.StartAsync();
        using var created = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp);
        var location = created.Headers.Location!.OriginalString;
        const string Good = "a=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\n";

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await http.StatusAsync(HttpMethod.Patch, location, Good, Sdp));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await http.StatusAsync(HttpMethod.Patch, location, Good, Fragment, ("If-Match", "\"other\"")));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await http.StatusAsync(HttpMethod.Patch, location, Good, Fragment, ("If-Match", "*")));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await http.StatusAsync(HttpMethod.Patch, location, "a=ice-ufrag:abcd\r\n" + NewPassword, Fragment, ("If-Match", "*")));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await http.StatusAsync(HttpMethod.Patch, location, "a=ice-ufrag:o:er\r\n" + NewPassword, Fragment));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await http.StatusAsync(HttpMethod.Patch, location, "a=ice-ufrag:other\r\n" + Good, Fragment));
        Assert.Equal(HttpStatusCode.BadRequest, await http.StatusAsync(HttpMethod.Patch, location, "garbage", Fragment));
        Assert.Equal(HttpStatusCode.BadRequest, await http.StatusAsync(HttpMethod.Patch, location, string.Concat(Enumerable.Repeat(Good, 100)), Fragment));
        Assert.Equal(HttpStatusCode.NotFound, await http.StatusAsync(HttpMethod.Patch, location.Replace("cam0", "cam1", StringComparison.Ordinal), Good, Fragment));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await http.StatusAsync(HttpMethod.Get, location));
        Assert.Empty(http.Gateway.Candidates);
        Assert.Equal(HttpStatusCode.NoContent, await http.StatusAsync(HttpMethod.Patch, location, Good, Fragment));
    }

    [Fact]
    public async Task A_player_restarts_ICE_by_a_patch_and_goes_on_with_another_entity_tag()
    {
        await using var http = await HttpFixture.StartAsync();
        http.Gateway.Answer = sdp => Task.FromResult(ViewerAnswer.Accept($"fragment for {sdp}"));
        using var created = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp);
        var location = created.Headers.Location!.OriginalString;
        const string Candidate = "a=candidate:1 1 udp 1 10.0.0.1 5 typ host\r\n";

        using var restarted = await http.SendAsync(
            HttpMethod.Patch, location, "a=ice-ufrag:efgh\r\n" + NewPassword + "m=video 9 UDP/TLS/RTP/SAVPF 0\r\n" + Candidate, Fragment, ("If-Match", "*"));
        Assert.Equal(HttpStatusCode.OK, restarted.StatusCode);
        Assert.Equal(Fragment, restarted.Content.Headers.ContentType!.MediaType);
        Assert.Equal("fragment for efgh", await restarted.Content.ReadAsStringAsync());
        Assert.NotEqual(created.Headers.ETag, restarted.Headers.ETag);
        var restart = Assert.Single(http.Gateway.Restarts);
        Assert.EndsWith(restart.Session, location, StringComparison.Ordinal);
        Assert.Equal(("efgh", "0123456789012345678901", Candidate[2..^2]), (restart.UsernameFragment, restart.Password, Assert.Single(restart.Candidates)));

        Assert.Equal(HttpStatusCode.PreconditionFailed, await http.StatusAsync(HttpMethod.Patch, location, Candidate, Fragment, ("If-Match", created.Headers.ETag!.Tag)));
        Assert.Equal(HttpStatusCode.NoContent, await http.StatusAsync(
            HttpMethod.Patch, location, "a=ice-ufrag:efgh\r\n" + Candidate, Fragment, ("If-Match", restarted.Headers.ETag!.Tag)));
        Assert.Single(http.Gateway.Candidates);
    }

    [Theory]
    [InlineData(409, 409)]
    [InlineData(429, 429)]
    [InlineData(503, 503)]
    public async Task A_refused_restart_leaves_the_ice_session_as_it_was(int code, int status)
    {
        await using var http = await HttpFixture.StartAsync();
        using var created = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp);
        http.Gateway.Answer = _ => Task.FromResult(ViewerAnswer.Refuse(code, "words"));
        var location = created.Headers.Location!.OriginalString;

        Assert.Equal(status, (int)await http.StatusAsync(HttpMethod.Patch, location, "a=ice-ufrag:efgh\r\n" + NewPassword, Fragment, ("If-Match", "*")));
        Assert.Equal(HttpStatusCode.NoContent, await http.StatusAsync(
            HttpMethod.Patch, location, "a=ice-ufrag:abcd\r\na=end-of-candidates\r\n", Fragment, ("If-Match", created.Headers.ETag!.Tag)));
    }

    [Fact]
    public async Task A_page_of_another_origin_may_not_watch()
    {
        await using var http = await HttpFixture.StartAsync(hosts: "cam.example.org");

        foreach (var origin in new[] { "https://evil.example", "null", "file://", $"http://127.0.0.1:{http.Port + 1}", "http://localhost:1" })
            Assert.Equal(HttpStatusCode.Forbidden, await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, ("Origin", origin)));
        Assert.Empty(http.Gateway.WhepOffers);
        foreach (var origin in new[] { $"http://127.0.0.1:{http.Port}", "https://cam.example.org" })
            Assert.Equal(HttpStatusCode.Created, await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, ("Origin", origin)));
    }

    private static async Task<string> CreateAsync(HttpFixture http)
    {
        using var created = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        return created.Headers.Location!.OriginalString;
    }
}
