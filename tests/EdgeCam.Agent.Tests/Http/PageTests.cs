using System.IO.Compression;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using EdgeCam.Agent.Tests.Support;
using MQTTnet;
using MQTTnet.Formatter;

namespace EdgeCam.Agent.Tests.Http;

/// <summary>The page, its settings, health, and the broker's WebSocket.</summary>
public sealed class PageTests
{
    [Fact]
    public async Task The_viewer_is_served_with_strict_headers()
    {
        await using var http = await HttpFixture.StartAsync();

        using var page = await http.SendAsync(HttpMethod.Get, "");
        Assert.Equal("<!doctype html>", await page.Content.ReadAsStringAsync());
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self' ws: wss:", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(page.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(page.Headers.GetValues("Referrer-Policy")));
        Assert.False(page.Headers.Contains("Server"));

        using var again = await http.SendAsync(HttpMethod.Get, "", headers: ("If-None-Match", page.Headers.ETag!.Tag));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Theory]
    [InlineData("viewer.js", 200, "text/javascript")]
    [InlineData("index.html", 200, "text/html")]
    [InlineData("fonts/a.woff2", 200, "font/woff2")]
    [InlineData("fonts/", 404, "text/plain")]
    [InlineData("fonts", 404, "text/plain")]
    [InlineData("viewer.ts", 404, "text/plain")]
    [InlineData("%2e%2e/%2e%2e/etc/passwd", 404, "text/plain")]
    [InlineData("..%2f..%2fetc%2fpasswd", 404, "text/plain")]
    public async Task Only_the_viewers_files_are_there(string path, int status, string type)
    {
        await using var http = await HttpFixture.StartAsync();

        using var response = await http.SendAsync(HttpMethod.Get, path);

        Assert.Equal((status, type), ((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType));
    }

    [Theory]
    [InlineData("large.js", "gzip, deflate, br", true)]
    [InlineData("large.js", "br, GZIP;q=0.5", true)]
    [InlineData("large.js", "gzip;q=0", false)]
    [InlineData("large.js", "identity", false)]
    [InlineData("fonts/a.woff2", "gzip", false)] // it would only grow
    public async Task Files_travel_compressed_to_whoever_takes_that(string path, string accepted, bool isCompressed)
    {
        await using var http = await HttpFixture.StartAsync();
        var plain = await http.Client.GetByteArrayAsync(new Uri(path, UriKind.Relative));

        using var response = await http.SendAsync(HttpMethod.Get, path, headers: ("Accept-Encoding", accepted));

        var content = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(isCompressed ? ["gzip"] : [], response.Content.Headers.ContentEncoding);
        Assert.Equal(isCompressed, content.Length < plain.Length);
        Assert.Equal(["Accept-Encoding"], response.Headers.Vary);
        if (isCompressed)
        {
            using var gzip = new GZipStream(new MemoryStream(content), CompressionMode.Decompress);
            using var whole = new MemoryStream();
            await gzip.CopyToAsync(whole);
            content = whole.ToArray();
        }

        Assert.Equal(plain, content);
        using var again = await http.SendAsync(HttpMethod.Get, path, headers: [("Accept-Encoding", accepted), ("If-None-Match", response.Headers.ETag!.Tag)]);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        using var other = await http.SendAsync(HttpMethod.Get, path, headers: [("Accept-Encoding", isCompressed ? "identity" : "gzip"), ("If-None-Match", response.Headers.ETag!.Tag)]);
        Assert.Equal(path == "large.js" ? HttpStatusCode.OK : HttpStatusCode.NotModified, other.StatusCode);
    }

    [Fact]
    public async Task Metrics_are_served_to_this_machine_as_Prometheus_reads_them()
    {
        await using var http = await HttpFixture.StartAsync();

        using var response = await http.SendAsync(HttpMethod.Get, "metrics");

        Assert.Equal("# metrics\n", await response.Content.ReadAsStringAsync());
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await http.StatusAsync(HttpMethod.Post, "metrics", "x", "text/plain"));
        Assert.Equal(HttpStatusCode.MisdirectedRequest, await http.StatusAsync(HttpMethod.Get, "metrics", headers: ("Host", "evil.example")));
    }

    [Fact]
    public async Task Files_are_read_only()
    {
        await using var http = await HttpFixture.StartAsync();

        Assert.Equal(HttpStatusCode.MethodNotAllowed, await http.StatusAsync(HttpMethod.Post, "viewer.js", "x", "text/plain"));
        Assert.Equal(HttpStatusCode.OK, await http.StatusAsync(HttpMethod.Head, "viewer.js"));
    }

    [Fact]
    public async Task The_page_learns_its_broker_prefix_and_device()
    {
        await using var http = await HttpFixture.StartAsync();

        var settings = JsonElement.Parse(await http.Client.GetStringAsync("viewer.json"));

        Assert.Equal("/mqtt", settings.GetProperty("broker").GetString());
        Assert.Equal("edgecam/v1", settings.GetProperty("prefix").GetString());
        Assert.Equal("dev", settings.GetProperty("device").GetString());
    }

    [Theory]
    [InlineData("live", 200, "ok")]
    [InlineData("starting", 503, "failing")]
    [InlineData("lost", 503, "failing")]
    public async Task Health_is_a_live_camera(string state, int status, string said)
    {
        await using var http = await HttpFixture.StartAsync();
        http.CameraState = state;

        using var response = await http.SendAsync(HttpMethod.Get, "healthz");

        Assert.Equal(status, (int)response.StatusCode);
        var health = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(said, health.GetProperty("status").GetString());
        Assert.Equal(state, health.GetProperty("cameras")[0].GetProperty("state").GetString());
        Assert.Equal("connected", health.GetProperty("broker").GetString());
    }

    [Theory]
    [InlineData("evil.example", 421)]
    [InlineData("127.0.0.1.evil.example", 421)]
    [InlineData("cam.example.org", 200)]
    [InlineData("LOCALHOST:1234", 200)]
    [InlineData("[::1]", 200)]
    public async Task Only_our_own_names_are_served(string host, int status)
    {
        await using var http = await HttpFixture.StartAsync(hosts: "cam.example.org");

        Assert.Equal(status, (int)await http.StatusAsync(HttpMethod.Get, "", headers: ("Host", host)));
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V500)]
    [InlineData(MqttProtocolVersion.V311)]
    public async Task A_browser_reaches_the_broker_by_web_socket(MqttProtocolVersion version)
    {
        await using var http = await HttpFixture.StartAsync(broker: true);
        await using var viewer = new TestClient();
        var options = new MqttClientOptionsBuilder().WithClientId("alice").WithProtocolVersion(version)
            .WithWebSocketServer(socket => socket.WithUri($"ws://127.0.0.1:{http.Port}/mqtt"));

        Assert.Equal(MqttClientConnectResultCode.Success, await viewer.TryConnectAsync(options));

        await using var device = new TestClient();
        await device.TryConnectAsync(TestClient.Options(http.Broker!.Port, "dev")
            .WithCredentials(EdgeCam.Agent.Mqtt.EmbeddedBroker.DeviceUser, http.Broker.DevicePassword));
        await device.SubscribeAsync("edgecam/v1/dev/session/+/+/to-device");
        await viewer.SubscribeAsync("edgecam/v1/dev/session/alice/session-0001/to-viewer");
        await viewer.PublishAsync("edgecam/v1/dev/session/alice/session-0001/to-device", new string('o', 60_000));
        await Wait.UntilAsync(() => device.Received.Any(message => message.Text.Length == 60_000), "the offer");
        await device.PublishAsync("edgecam/v1/dev/session/alice/session-0001/to-viewer", new string('a', 60_000));
        await Wait.UntilAsync(() => viewer.Received.Any(message => message.Text.Length == 60_000), "the answer");
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized == (await viewer.PublishAsync("edgecam/v1/dev/status", "x")).ReasonCode, version == MqttProtocolVersion.V500);
    }

    [Fact]
    public async Task A_page_of_another_origin_does_not_reach_the_broker()
    {
        await using var http = await HttpFixture.StartAsync(broker: true);
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("mqtt");
        socket.Options.SetRequestHeader("Origin", "https://evil.example");

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"ws://127.0.0.1:{http.Port}/mqtt"), TestContext.Current.CancellationToken));

        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode == 0 ? HttpStatusCode.Forbidden : socket.HttpStatusCode);
        Assert.Equal(HttpStatusCode.UpgradeRequired, await http.StatusAsync(HttpMethod.Get, "mqtt"));
    }

    [Fact]
    public async Task Without_a_broker_there_is_no_web_socket()
    {
        await using var http = await HttpFixture.StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, await http.StatusAsync(HttpMethod.Get, "mqtt"));
    }
}
