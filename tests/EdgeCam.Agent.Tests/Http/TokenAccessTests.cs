using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging;
using MQTTnet;

namespace EdgeCam.Agent.Tests.Http;

/// <summary>HTTP where access is by token: who plays, who measures, under which names it answers, and https.</summary>
public sealed class TokenAccessTests
{
    private const string Sdp = "application/sdp";
    private const string Offer = "v=0\r\na=ice-ufrag:abcd\r\n";

    [Theory]
    [InlineData("Tokens")]
    [InlineData("Bearer")]
    public async Task A_player_needs_a_token_for_each_step(string mode)
    {
        await using var http = await StartAsync(mode);
        using var forge = new TokenForge(http.Keys.Signing, TimeProvider.System);
        var token = Bearer(forge.Token("view", isBound: false));

        using var without = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp);
        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        Assert.Equal("Bearer realm=\"edgecam\", scope=\"view\"", Assert.Single(without.Headers.WwwAuthenticate).ToString());
        Assert.Empty(http.Gateway.WhepOffers);

        using var created = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, token);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var location = created.Headers.Location!.OriginalString;
        var access = http.Gateway.WhepOffers.Single().Access;
        Assert.Equal(("Ann", AccessScope.View), (access.Name, access.Scopes));
        Assert.NotNull(access.Expires);

        Assert.Equal(HttpStatusCode.Unauthorized, await http.StatusAsync(HttpMethod.Patch, location, "a=end-of-candidates\r\n", "application/trickle-ice-sdpfrag"));
        Assert.Equal(HttpStatusCode.Unauthorized, await http.StatusAsync(HttpMethod.Delete, location));
        Assert.Equal(HttpStatusCode.NoContent, await http.StatusAsync(HttpMethod.Patch, location, "a=end-of-candidates\r\n", "application/trickle-ice-sdpfrag", token));
        Assert.Equal(HttpStatusCode.OK, await http.StatusAsync(HttpMethod.Delete, location, headers: token));
        Assert.Equal(HttpStatusCode.NoContent, await http.StatusAsync(HttpMethod.Options, "whep/cam0"));
        Assert.Equal(3, http.Drops[Stage.Signaling, DropReason.Forbidden]);
    }

    [Fact]
    public async Task A_refusal_says_why_as_RFC_6750_does()
    {
        await using var http = await StartAsync("Tokens");
        using var forge = new TokenForge(http.Keys.Signing, TimeProvider.System);

        using var expired = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, Bearer(forge.Token(isBound: false, change: claims => claims["exp"] = forge.Now - 60)));
        Assert.Equal(HttpStatusCode.Unauthorized, expired.StatusCode);
        Assert.Contains("error=\"invalid_token\", error_description=\"the token has expired", expired.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);

        using var lacking = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, Bearer(forge.Token("ptz", isBound: false)));
        Assert.Equal(HttpStatusCode.Forbidden, lacking.StatusCode);
        Assert.Contains("error=\"insufficient_scope\"", lacking.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);

        // A broker could have seen it.
        using var bound = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, Bearer(forge.Token("view")));
        Assert.Equal(HttpStatusCode.Unauthorized, bound.StatusCode);
        Assert.Contains("nothing proves that you have it", await bound.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_players_session_ends_with_its_token()
    {
        await using var http = await StartAsync("Tokens");
        using var forge = new TokenForge(http.Keys.Signing, TimeProvider.System);
        using var created = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, Bearer(forge.Token("view", isBound: false)));
        var session = http.Gateway.WhepOffers.Single().Session;

        http.Whep!.Expire("another");
        Assert.Empty(http.Gateway.Closed);
        http.Whep.Expire(session);
        http.Whep.Expire(session);

        Assert.Equal(session, Assert.Single(http.Gateway.Closed).Session);
        Assert.Equal(0, http.Whep.Sessions);
    }

    [Fact]
    public async Task One_viewer_has_so_many_sessions_and_offers_and_is_told_which_it_was()
    {
        await using var http = await HttpFixture.StartAsync(AccessMode.Tokens, port => new(Bind: $"127.0.0.1:{port}"), maxSessions: 40, quota: new(2, 4, TimeProvider.System));
        using var forge = new TokenForge(http.Keys.Signing, TimeProvider.System);
        var token = Bearer(forge.Token("view", isBound: false));
        using var first = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, token);
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.Created, await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, token));

        using var third = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, token);
        Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
        Assert.Contains("peers.maxSessionsPerViewer", await third.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, Bearer(forge.Token("view", isBound: false)))); // another's
        Assert.Equal(HttpStatusCode.OK, await http.StatusAsync(HttpMethod.Delete, first.Headers.Location!.OriginalString, headers: token));
        Assert.Equal(HttpStatusCode.Created, await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, token));

        using var fifth = await http.SendAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, token);
        Assert.Equal(HttpStatusCode.TooManyRequests, fifth.StatusCode);
        Assert.Contains("peers.offersPerMinute", await fifth.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(fifth.Headers.RetryAfter is not null);
    }

    [Fact]
    public async Task Behind_a_proxy_measurements_need_a_managers_token_and_health_keeps_to_itself()
    {
        await using var http = await StartAsync("Tokens");
        using var forge = new TokenForge(http.Keys.Signing, TimeProvider.System);
        (string, string) forwarded = ("X-Forwarded-For", "203.0.113.9");

        Assert.Equal(HttpStatusCode.OK, await http.StatusAsync(HttpMethod.Get, "metrics"));
        Assert.Equal(HttpStatusCode.Unauthorized, await http.StatusAsync(HttpMethod.Get, "metrics", headers: forwarded));
        Assert.Equal(HttpStatusCode.Unauthorized, await http.StatusAsync(HttpMethod.Get, "metrics", headers: ("Forwarded", "for=203.0.113.9")));
        Assert.Equal(HttpStatusCode.Forbidden, await http.StatusAsync(HttpMethod.Get, "metrics", headers: [forwarded, Bearer(forge.Token("view", isBound: false))]));
        Assert.Equal(HttpStatusCode.OK, await http.StatusAsync(HttpMethod.Get, "metrics", headers: [forwarded, Bearer(forge.Token("manage", isBound: false))]));

        await using var proxied = await HttpFixture.StartAsync(AccessMode.Tokens, port => new(Bind: $"127.0.0.1:{port}", Hosts: ["cam.example.org"])); // by one that names nobody
        using var manager = new TokenForge(proxied.Keys.Signing, TimeProvider.System);
        Assert.Equal(HttpStatusCode.Unauthorized, await proxied.StatusAsync(HttpMethod.Get, "metrics"));
        Assert.Equal(HttpStatusCode.OK, await proxied.StatusAsync(HttpMethod.Get, "metrics", headers: Bearer(manager.Token("manage", isBound: false))));
        Assert.DoesNotContain("cam0", await proxied.Client.GetStringAsync("healthz"), StringComparison.Ordinal);
        using var managed = await proxied.SendAsync(HttpMethod.Get, "healthz", headers: Bearer(manager.Token("manage", isBound: false)));
        Assert.Contains("cam0", await managed.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var near = await http.SendAsync(HttpMethod.Get, "healthz");
        Assert.Contains("cam0", await near.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var far = await http.SendAsync(HttpMethod.Get, "healthz", headers: forwarded);
        var health = JsonElement.Parse(await far.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.OK, "ok", false), (far.StatusCode, health.GetProperty("status").GetString(), health.TryGetProperty("cameras", out _)));
    }

    [Fact]
    public async Task Beyond_loopback_it_answers_to_the_names_of_this_machine_only()
    {
        if (OwnAddress() is not { } address)
        {
            Assert.Skip("this machine has no address but loopback");
            return;
        }

        await using var http = await HttpFixture.StartAsync(AccessMode.Bearer, port => new(Bind: $"0.0.0.0:{port}", Hosts: ["cam.example.org"]));
        using var forge = new TokenForge(http.Keys.Signing, TimeProvider.System);
        http.Client.BaseAddress = null;
        foreach (var (host, status) in new[]
        {
            (address, 200), ("porch", 200), ("PORCH.local", 200), ("cam.example.org", 200), ("127.0.0.1", 200), ("localhost", 200),
            ("evil.example", 421), ("203.0.113.9", 421), ("porch.evil.example", 421),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{address}:{http.Port}/viewer.json");
            request.Headers.Host = $"{host}:{http.Port}";
            using var response = await http.Client.SendAsync(request);
            Assert.Equal((host, status), (host, (int)response.StatusCode));
        }

        using var metrics = await http.Client.GetAsync(new Uri($"http://{address}:{http.Port}/metrics"));
        Assert.Equal(HttpStatusCode.Unauthorized, metrics.StatusCode);
        Assert.DoesNotContain("cam0", await http.Client.GetStringAsync(new Uri($"http://{address}:{http.Port}/healthz")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beyond_loopback_nobody_names_another_client()
    {
        if (OwnAddress() is not { } address)
        {
            Assert.Skip("this machine has no address but loopback");
            return;
        }

        await using var http = await HttpFixture.StartAsync(AccessMode.Bearer, port => new(Bind: $"0.0.0.0:{port}", Hosts: ["cam.example.org"]), maxSessions: 20);
        using var forge = new TokenForge(http.Keys.Signing, TimeProvider.System);
        http.Client.BaseAddress = new Uri($"http://{address}:{http.Port}/");
        for (var i = 0; i < 5; i++)
            Assert.Equal(HttpStatusCode.Created, await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, Bearer(forge.Token("view", isBound: false)), ("X-Forwarded-For", $"192.0.2.{i}")));

        Assert.Equal(HttpStatusCode.TooManyRequests, await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, Bearer(forge.Token("view", isBound: false)), ("X-Forwarded-For", "192.0.2.9")));
    }

    [Fact]
    public async Task Beyond_loopback_a_token_that_needs_no_key_does_not_travel_in_the_clear()
    {
        if (OwnAddress() is not { } address)
        {
            Assert.Skip("this machine has no address but loopback");
            return;
        }

        using var files = new CertificateFiles();
        foreach (var isSecure in new[] { false, true })
        {
            await using var http = await HttpFixture.StartAsync(AccessMode.Tokens, port => isSecure
                ? new(Bind: $"0.0.0.0:{port}", CertificateFile: files.CertificateFile, KeyFile: files.KeyFile)
                : new(Bind: $"0.0.0.0:{port}"));
            using var forge = new TokenForge(http.Keys.Signing, TimeProvider.System);
            http.Client.BaseAddress = new Uri($"{(isSecure ? "https" : "http")}://{address}:{http.Port}/");

            Assert.Equal(isSecure ? HttpStatusCode.Created : HttpStatusCode.Forbidden,
                await http.StatusAsync(HttpMethod.Post, "whep/cam0", Offer, Sdp, Bearer(forge.Token("view", isBound: false))));
        }
    }

    [Fact]
    public async Task The_page_and_the_broker_come_by_https()
    {
        using var files = new CertificateFiles();
        await using var http = await HttpFixture.StartAsync(
            AccessMode.Open, port => new(Bind: $"127.0.0.1:{port}", CertificateFile: files.CertificateFile, KeyFile: files.KeyFile), broker: true);

        Assert.Equal("<!doctype html>", await http.Client.GetStringAsync(""));
        await using var viewer = new TestClient();
        Assert.Equal(MqttClientConnectResultCode.Success, await viewer.TryConnectAsync(new MqttClientOptionsBuilder().WithClientId("alice")
            .WithWebSocketServer(socket => socket.WithUri($"wss://127.0.0.1:{http.Port}/mqtt"))
            .WithTlsOptions(tls => tls.UseTls().WithCertificateValidationHandler(_ => true))));
    }

    [Fact]
    public void A_certificate_that_was_renewed_is_taken_and_a_broken_one_is_not()
    {
        using var files = new CertificateFiles();
        var time = new ManualTime();
        var log = new LogLines<TokenAccessTests>();
        var certificate = new ServerCertificate(files.CertificateFile, files.KeyFile, time, log);
        Assert.Equal(files.Serial, certificate.Current().TargetCertificate.SerialNumber);

        var renewed = files.Replace();
        Assert.Equal(files.Serial, certificate.Current().TargetCertificate.SerialNumber); // it looks each ten seconds
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(renewed, certificate.Current().TargetCertificate.SerialNumber);

        File.WriteAllText(files.KeyFile, "half a k");
        File.SetLastWriteTimeUtc(files.KeyFile, DateTime.UtcNow.AddMinutes(1));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(renewed, certificate.Current().TargetCertificate.SerialNumber);
        Assert.Equal(1, log.Count("the one before stays"));
        File.Delete(files.KeyFile);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(renewed, certificate.Current().TargetCertificate.SerialNumber);
    }

    private static Task<HttpFixture> StartAsync(string mode) => HttpFixture.StartAsync(Enum.Parse<AccessMode>(mode), port => new(Bind: $"127.0.0.1:{port}"));

    private static (string Name, string Value) Bearer(string token) => ("Authorization", $"Bearer {token}");

    private static string? OwnAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(face => face.OperationalStatus == OperationalStatus.Up)
        .SelectMany(face => face.GetIPProperties().UnicastAddresses)
        .Select(address => address.Address)
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))?.ToString();
}
