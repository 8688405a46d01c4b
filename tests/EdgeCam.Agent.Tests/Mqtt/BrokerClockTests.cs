using System.Net;
using System.Net.Sockets;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Server;

namespace EdgeCam.Agent.Tests.Mqtt;

/// <summary>The device's clock, and what hangs on it at either end of MQTT.</summary>
public sealed class BrokerClockTests : IAsyncLifetime
{
    private static readonly MqttTopics s_topics = new("edgecam/v1", "dev");

    private readonly ManualTime _time = new(ManualTime.SetClock);
    private readonly DropCounters _drops = new();
    private readonly AccessPolicy _open = OpenAccess.Policy("dev");
    private readonly CancellationTokenSource _stop = new();
    private readonly ProgressBoard _board;
    private readonly EmbeddedBroker _broker;
    private Task _running = Task.CompletedTask;

    public BrokerClockTests()
    {
        _board = new(_time);
        _broker = new(new EmbeddedBrokerOptions(Port: 0), s_topics, _open, _drops, _time, NullLogger<EmbeddedBroker>.Instance, _board.Add("embedded broker"));
    }

    public async ValueTask InitializeAsync()
    {
        await _broker.StartAsync();
        _running = _broker.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _broker.StopAsync();
        _broker.Dispose();
        _open.Dispose();
        _drops.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_silent_client_is_let_go_after_one_and_a_half_of_its_keep_alive_and_no_jump_counts()
    {
        await using var silent = new TestClient();
        await silent.TryConnectAsync(TestClient.Options(_broker.Port, "alice").WithKeepAlivePeriod(TimeSpan.FromSeconds(600))); // of real time: it never pings here
        await using var quiet = new TestClient();
        await quiet.TryConnectAsync(TestClient.Options(_broker.Port, "bob").WithNoKeepAlive()); // has announced nothing

        _time.JumpWallClock(TimeSpan.FromDays(365));
        _time.Advance(TimeSpan.FromSeconds(5));
        _time.JumpWallClock(TimeSpan.FromDays(-730));
        _time.Advance(TimeSpan.FromSeconds(800));
        Assert.Equal(MqttClientPublishReasonCode.NoMatchingSubscribers, (await silent.PublishAsync("edgecam/v1/dev/session/alice/session-0001/to-device", "x")).ReasonCode); // it is heard

        _time.Advance(TimeSpan.FromSeconds(898));
        Assert.True(silent.IsConnected);
        _time.Advance(TimeSpan.FromSeconds(2));
        await Wait.UntilAsync(() => !silent.IsConnected, "let go");
        Assert.True(quiet.IsConnected);
        Assert.Equal(MqttClientPublishReasonCode.NoMatchingSubscribers, (await quiet.PublishAsync("edgecam/v1/dev/session/bob/session-0001/to-device", "x")).ReasonCode);
    }

    [Fact]
    public async Task Tls_waits_for_the_clock_and_is_tried_as_soon_as_it_is_set()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var boot = new ManualTime();
        var board = new ProgressBoard(boot);
        var log = new LogLines<MqttConnection>();
        using var connection = new MqttConnection(
            new(new("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, IsSecure: true), "dev", s_topics.Status, "offline"u8.ToArray()), _drops, boot, () => 1, log, board.Add("broker connection"));
        using var stop = new CancellationTokenSource();
        var running = connection.RunAsync(stop.Token);
        for (var i = 0; i < 120; i++)
        {
            boot.Advance(TimeSpan.FromSeconds(1));
            await Wait.UntilAsync(() => board.Overdue().Count == 0, "a further promise");
        }

        Assert.True(connection.WaitsForClock);
        Assert.False(connection.IsTried);
        Assert.False(listener.Pending());
        Assert.Empty(board.Overdue());
        Assert.Equal(1, log.Count("waits until the device's clock is set (it shows 1970-01-01)"));

        boot.JumpWallClock(ManualTime.SetClock - DateTimeOffset.UnixEpoch);
        await Wait.UntilAsync(() =>
        {
            boot.Advance(TimeSpan.FromMilliseconds(100));
            return listener.Pending();
        }, "an attempt");
        Assert.InRange(TimeSpan.FromTicks(boot.GetTimestamp()).TotalSeconds, 120, 125);
        (await listener.AcceptSocketAsync(TestContext.Current.CancellationToken)).Dispose(); // no TLS there, but it was tried
        await Wait.UntilAsync(() => connection is { IsTried: true, Problem: not null, WaitsForClock: false }, "tried");

        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Without_tls_no_clock_is_needed()
    {
        using var connection = new MqttConnection(
            new(new("127.0.0.1", _broker.Port, IsSecure: false), "dev", s_topics.Status, "offline"u8.ToArray(), EmbeddedBroker.DeviceUser, _broker.DevicePassword),
            _drops, new ManualTime(), () => 0, NullLogger<MqttConnection>.Instance);
        using var stop = new CancellationTokenSource();
        var running = connection.RunAsync(stop.Token);

        await Wait.UntilAsync(() => connection.IsConnected, "connected");
        Assert.Null(connection.Problem);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Pings_go_by_the_monotonic_clock_whatever_the_wall_clock_does()
    {
        var pings = 0;
        var port = FreePort.Tcp();
        using var server = new MqttServerFactory().CreateMqttServer(
            new MqttServerOptionsBuilder().WithDefaultEndpoint().WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointPort(port).Build());
        server.InterceptingInboundPacketAsync += packet =>
        {
            if (packet.Packet is MqttPingReqPacket)
                Interlocked.Increment(ref pings);
            return Task.CompletedTask;
        };
        await server.StartAsync();
        var time = new ManualTime(ManualTime.SetClock);
        using var connection = new MqttConnection(
            new(new("127.0.0.1", port, IsSecure: false), "dev", s_topics.Status, "offline"u8.ToArray(), KeepAlive: TimeSpan.FromMinutes(10)),
            _drops, time, () => 0, NullLogger<MqttConnection>.Instance);
        using var stop = new CancellationTokenSource();
        var running = connection.RunAsync(stop.Token);
        await Wait.UntilAsync(() => connection.IsConnected && time.Timers > 0, "connected");

        for (var i = 1; i <= 3; i++)
        {
            time.JumpWallClock(TimeSpan.FromDays(i % 2 == 0 ? 365 : -365));
            for (var second = 0; second < 460 && Volatile.Read(ref pings) < i; second += 5) // three quarters of ten minutes, and a look
            {
                time.Advance(TimeSpan.FromSeconds(5));
                await Task.Delay(1, TestContext.Current.CancellationToken); // other threads have their own time
            }

            await Wait.UntilAsync(() => Volatile.Read(ref pings) == i, $"ping {i}");
        }

        Assert.Equal(1, connection.Connections);
        await stop.CancelAsync();
        time.Advance(TimeSpan.FromSeconds(3));
        await running;
        await server.StopAsync();
    }

    [Theory]
    [InlineData("there", true)]
    [InlineData("away", false)]
    [InlineData("refuses", false)]
    public async Task A_broker_that_is_away_or_refuses_is_progress_and_so_is_one_that_is_there(string how, bool isConnected)
    {
        var time = new ManualTime(ManualTime.SetClock);
        var board = new ProgressBoard(time);
        var options = new MqttConnectionOptions(
            new("127.0.0.1", how == "away" ? FreePort.Tcp() : _broker.Port, IsSecure: false), "dev", s_topics.Status, "offline"u8.ToArray(), EmbeddedBroker.DeviceUser,
            how == "refuses" ? "guess"u8.ToArray() : _broker.DevicePassword, KeepAlive: TimeSpan.FromMinutes(20)); // a ping's answer takes real time
        using var connection = new MqttConnection(options, _drops, time, () => 1, NullLogger<MqttConnection>.Instance, board.Add("broker connection"));
        using var stop = new CancellationTokenSource();
        var running = connection.RunAsync(stop.Token);
        await Wait.UntilAsync(() => connection.IsTried, "tried");
        for (var i = 0; i < 200; i++) // the longest wait is 60 s
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Wait.UntilAsync(() => board.Overdue().Count == 0, "a further promise"); // other threads have their own time
        }

        Assert.Equal(isConnected, connection.IsConnected);
        if (how == "refuses")
            Assert.Contains("check mqtt.username, mqtt.passwordFile", connection.Problem, StringComparison.Ordinal);
        await stop.CancelAsync();
        time.Advance(TimeSpan.FromSeconds(3));
        await running;
    }
}
