using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Mqtt;

/// <summary>The ways to a broker: TLS with its own authority, mutual TLS, ALPN, WebSocket; and what is said where one of them does not lead there.</summary>
public sealed class BrokerWayTests : IAsyncLifetime
{
    private static readonly MqttTopics s_topics = new("edgecam/v1", "porch");

    private readonly Mosquitto _mosquitto = new();
    private readonly DropCounters _drops = new();
    private readonly TestAuthority _authority;
    private readonly int _webSocketPort = FreePort.Tcp();

    public BrokerWayTests() => _authority = new(_mosquitto.Folder);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _authority.Dispose();
        _drops.Dispose();
        await _mosquitto.DisposeAsync();
    }

    [Fact]
    public async Task Mutual_tls_names_the_device_and_a_renewed_certificate_is_taken_at_the_next_connection()
    {
        await StartMutualAsync();
        var (certificate, key) = _authority.Issue("garden");
        var options = Options($"mqtts://localhost:{_mosquitto.Port}") with { Tls = new(_authority.File, certificate, key) };
        await using var cable = new BrokerProxy(_mosquitto.Port, isBlind: true);
        using var watcher = new MqttConnection(options with { ClientId = "watcher" }, _drops, TimeProvider.System, () => 0, NullLogger<MqttConnection>.Instance);
        using var stop = new CancellationTokenSource();
        options = options with { Broker = options.Broker with { Port = cable.Port }, FirstDelay = TimeSpan.FromMilliseconds(20), MaxDelay = TimeSpan.FromMilliseconds(100) };
        using var connection = new MqttConnection(options, _drops, TimeProvider.System, () => 0.5, NullLogger<MqttConnection>.Instance);
        var running = connection.RunAsync(stop.Token);
        await Wait.UntilAsync(() => connection.IsConnected, "connected as garden");
        connection.Publish(s_topics.Event("test"), "as garden"u8.ToArray(), Queueing.Keep, default); // allowed to porch only: dropped by the broker
        await Wait.UntilAsync(() => _drops[Stage.Report, DropReason.Forbidden] == 1, "the broker knows who it is");

        var (renewed, renewedKey) = _authority.Issue("porch");
        File.Copy(renewed, certificate, overwrite: true);
        File.Copy(renewedKey, key, overwrite: true);
        cable.Break();
        await Wait.UntilAsync(() => connection is { IsConnected: true, Connections: 2 }, "connected as porch");
        connection.Publish(s_topics.Event("test"), "as porch"u8.ToArray(), Queueing.Keep, default);
        connection.Publish(s_topics.Event("test"), "the last"u8.ToArray(), Queueing.Keep, TimeSpan.FromSeconds(1));
        await Wait.UntilAsync(() => connection.Queued == 0, "taken");
        Assert.Equal(1, _drops[Stage.Report, DropReason.Forbidden]);
        await stop.CancelAsync();
        await running;
    }

    [Theory]
    [InlineData("", "check that the broker trusts who issued mqtt.certificateFile|whether the broker wants a certificate")] // none is shown
    [InlineData("stranger", "check that the broker trusts who issued mqtt.certificateFile")]
    [InlineData("nowhere", "mqtt.certificateFile or mqtt.keyFile cannot be read")]
    [InlineData("no-authority", "put the certificate of who issued it into a file and name that in mqtt.caFile")]
    [InlineData("other-authority", "does not come from those in mqtt.caFile")]
    [InlineData("missing-authority", "mqtt.caFile cannot be read")]
    public async Task Where_there_is_no_trust_the_words_name_the_file_that_would_make_it(string @case, string words)
    {
        await StartMutualAsync();
        using var others = new TestAuthority(_mosquitto.Folder, "others");
        var own = _authority.Issue("porch");
        var strange = others.Issue("stranger");
        var tls = @case switch
        {
            "" => new BrokerTls(_authority.File),
            "stranger" => new(_authority.File, strange.Certificate, strange.Key),
            "nowhere" => new(_authority.File, "/nowhere/a", "/nowhere/b"),
            "no-authority" => new(null, own.Certificate, own.Key),
            "other-authority" => new(others.File, own.Certificate, own.Key),
            _ => new("/nowhere/ca", own.Certificate, own.Key),
        };
        var problem = await ProblemAsync(Options($"mqtts://localhost:{_mosquitto.Port}") with { Tls = tls });
        Assert.True(words.Split('|').Any(part => problem.Contains(part, StringComparison.Ordinal)), problem);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_not_taken()
    {
        await StartMutualAsync("elsewhere.example");
        var (certificate, key) = _authority.Issue("porch");
        var problem = await ProblemAsync(Options($"mqtts://localhost:{_mosquitto.Port}") with { Tls = new(_authority.File, certificate, key) });
        Assert.Contains("its certificate is for another name", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, true)]
#pragma warning disable SYSLIB0039, CA5397 // that it is not spoken is what is tested
    [InlineData(SslProtocols.Tls11, false)]
#pragma warning restore SYSLIB0039, CA5397
    public async Task Tls_1_2_and_1_3_are_spoken_with_the_protocol_that_is_asked_for_and_nothing_older(SslProtocols version, bool isSpoken)
    {
        var (certificateFile, keyFile) = _authority.Issue("localhost");
        using var certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate, EnabledSslProtocols = version, ApplicationProtocols = [new("h2"), new("x-amzn-mqtt-ca")],
            });
            return (tls.SslProtocol, tls.NegotiatedApplicationProtocol.ToString(), tls.TargetHostName);
        });
        var dialer = new BrokerDialer(new("localhost", ((IPEndPoint)listener.LocalEndpoint).Port, IsSecure: true), new(_authority.File, Alpn: "x-amzn-mqtt-ca"));
        var dialing = dialer.DialAsync(static () => { }, TestContext.Current.CancellationToken);
        if (!isSpoken)
        {
            Assert.Contains("no TLS", (await Assert.ThrowsAsync<BrokerException>(() => dialing)).Message, StringComparison.Ordinal);
            await Assert.ThrowsAnyAsync<Exception>(() => serving);
            return;
        }

        await using var stream = await dialing;
        Assert.Equal((version, "x-amzn-mqtt-ca", "localhost"), await serving);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task By_WebSocket_it_is_the_same(bool isSecure)
    {
        await StartWebSocketAsync(isSecure);
        var options = Options($"{(isSecure ? "wss" : "ws")}://localhost:{_webSocketPort}/mqtt") with { Tls = new(_authority.File) };
        using var connection = new MqttConnection(options, _drops, TimeProvider.System, () => 0, NullLogger<MqttConnection>.Instance);
        var received = new TaskCompletionSource<byte[]>();
        connection.Subscribe(s_topics.ToDeviceFilter, message => received.TrySetResult(message.Payload.ToArray()));
        using var stop = new CancellationTokenSource();
        var running = connection.RunAsync(stop.Token);
        await Wait.UntilAsync(() => connection.IsConnected, "connected");
        Assert.Equal("5", connection.Version);

        await using var viewer = await TestClient.ConnectAsync(_mosquitto.Port, "viewer");
        await viewer.SubscribeAsync("edgecam/v1/porch/#");
        var large = RandomNumberGenerator.GetBytes(60_000);
        await viewer.PublishAsync("edgecam/v1/porch/session/viewer/session-0001/to-device", large);
        Assert.Equal(large, await received.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        connection.Publish(s_topics.Event("test"), Encoding.ASCII.GetBytes(new string('x', 60_000)), Queueing.Keep, TimeSpan.FromMinutes(1));
        await Wait.UntilAsync(() => viewer.Received.Any(message => message.Text.Length == 60_000), "the event");
        await stop.CancelAsync();
        await running;
        await Wait.UntilAsync(() => viewer.Received.LastOrDefault().Text == "offline", "the farewell");
    }

    [Fact]
    public async Task What_is_no_WebSocket_is_told_with_the_key_to_look_at()
    {
        foreach (var (answer, words) in new[]
                 {
                     ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "\"HTTP/1.1 404 Not Found\": check the path in mqtt.broker"),
                     ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n", "no WebSocket: check the path"),
                     ("SSH-2.0-OpenSSH_9.2\r\n", "closed the connection instead of opening a WebSocket"),
                     (new string('x', 9000), "without end: check host and port"),
                 })
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var serving = Task.Run(async () =>
            {
                using var client = await listener.AcceptTcpClientAsync();
                await client.GetStream().ReadExactlyAsync(new byte[100]);
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
                client.Client.Shutdown(SocketShutdown.Send);
                await client.GetStream().CopyToAsync(Stream.Null);
            }, TestContext.Current.CancellationToken);
            var problem = await ProblemAsync(Options($"ws://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/a"));
            Assert.Contains(words, problem, StringComparison.Ordinal);
            await Task.WhenAny(serving); // who is hung up on may be reset
        }
    }

    [Fact]
    public void The_answer_to_the_WebSocket_request_is_checked_as_RFC_6455_says()
    {
        // The example of RFC 6455 §1.3.
        const string Key = "dGhlIHNhbXBsZSBub25jZQ==", Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
        var good = $"HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: {Accept}\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";
        Assert.Null(WebSocketUpgrade.FindMistake(good, Key));
        Assert.NotNull(WebSocketUpgrade.FindMistake(good, Key[1..]));
        foreach (var (part, other) in new[] { ("101", "200"), ("WebSocket", "h2c"), ("keep-alive, Upgrade", "close"), (Accept, "x"), (": mqtt", ": chat"), ("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions") })
            Assert.NotNull(WebSocketUpgrade.FindMistake(good.Replace(part, other, StringComparison.Ordinal), Key));

        Assert.StartsWith("GET /mqtt HTTP/1.1\r\nHost: [::1]:9001\r\n", WebSocketUpgrade.Request(new("::1", 9001, IsSecure: false, "/mqtt"), Key), StringComparison.Ordinal);
        Assert.Contains("\r\nHost: b\r\n", WebSocketUpgrade.Request(new("b", 443, IsSecure: true, "/"), Key), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mqtt://b", "b", 1883, false, null)]
    [InlineData("mqtts://b/", "b", 8883, true, null)]
    [InlineData("mqtts://[2001:db8::1]:443", "2001:db8::1", 443, true, null)]
    [InlineData("ws://b", "b", 80, false, "/")]
    [InlineData("wss://b/mqtt", "b", 443, true, "/mqtt")]
    [InlineData("wss://b:8084/a/b", "b", 8084, true, "/a/b")]
    public void An_address_is_read(string text, string host, int port, bool isSecure, string? path)
    {
        Assert.True(BrokerAddress.TryParse(text, out var address));
        Assert.Equal(new BrokerAddress(host, port, isSecure, path), address);
    }

    [Fact]
    public async Task What_answers_nothing_is_away_and_what_answers_otherwise_is_present()
    {
        var nobody = await Assert.ThrowsAsync<BrokerException>(() => new BrokerDialer(new("127.0.0.1", FreePort.Tcp(), IsSecure: false), new()).DialAsync(static () => { }, TestContext.Current.CancellationToken));
        Assert.Equal(BrokerEndKind.NotListening, nobody.Kind);
        var unknown = await Assert.ThrowsAsync<BrokerException>(() => new BrokerDialer(new("broker.invalid", 1883, IsSecure: false), new()).DialAsync(static () => { }, TestContext.Current.CancellationToken));
        Assert.Equal(BrokerEndKind.Unreachable, unknown.Kind);
        Assert.Contains("check the name in mqtt.broker", unknown.Message, StringComparison.Ordinal);
    }

    private static MqttConnectionOptions Options(string broker)
    {
        Assert.True(BrokerAddress.TryParse(broker, out var address));
        return new(address!, "porch", s_topics.Status, "offline"u8.ToArray());
    }

    /// <summary>mosquitto that takes the name in a client's certificate for the user's, with deploy/broker's rules for devices.</summary>
    private Task StartMutualAsync(string host = "localhost")
    {
        var (certificate, key) = _authority.Issue("server", host);
        return _mosquitto.StartAsync(
            $"cafile {_authority.File}\ncertfile {certificate}\nkeyfile {key}\nrequire_certificate true\nuse_identity_as_username true\nacl_file {Path.Combine(Tool.RepositoryRoot(), "deploy", "broker", "devices.acl")}\n");
    }

    private Task StartWebSocketAsync(bool isSecure)
    {
        var (certificate, key) = _authority.Issue("localhost");
        return _mosquitto.StartAsync($"allow_anonymous true\nlistener {_webSocketPort}\nprotocol websockets\n{(isSecure ? $"certfile {certificate}\nkeyfile {key}\n" : "")}");
    }

    /// <summary>What the first attempt ends with.</summary>
    private async Task<string> ProblemAsync(MqttConnectionOptions options)
    {
        using var connection = new MqttConnection(options, _drops, TimeProvider.System, () => 1, NullLogger<MqttConnection>.Instance);
        using var stop = new CancellationTokenSource();
        var running = connection.RunAsync(stop.Token);
        await Wait.UntilAsync(() => connection.IsTried, "tried", seconds: 30);
        var problem = connection.Problem ?? "";
        await stop.CancelAsync();
        await running;
        Assert.Equal(0, connection.Connections);
        return problem;
    }
}
