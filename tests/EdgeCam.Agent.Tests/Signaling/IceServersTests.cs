using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Signaling;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Signaling;

/// <summary>ICE servers on their way to the viewer, and fresh ones before they expire.</summary>
public sealed class IceServersTests : IAsyncDisposable
{
    private static readonly SessionKey s_key = new("alice", "session-0001");

    private readonly FakeGateway _gateway = new();
    private readonly ManualTime _time = new();
    private readonly DropCounters _drops = new();
    private readonly SignalingMetrics _metrics = new();
    private readonly List<JsonElement> _sent = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly SignalingService _service;
    private readonly Task _running;
    private int _sequence;

    public IceServersTests()
    {
        var servers = new ViewerIceServers(
            ["stun.example.org:3478"],
            [TurnServer.WithSecret(new("turn.example.org", 3478, TurnTransport.Udp), "topsecret"u8.ToArray())], TimeSpan.FromSeconds(60), _time);
        _service = new(_gateway, () => new("dev", "Device", "1", []), servers.Grant, Keep, new(), _drops, _time, _metrics, NullLogger<SignalingService>.Instance);
        _running = _service.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _drops.Dispose();
        _metrics.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Welcome_brings_the_viewers_own_credentials_and_the_answer_does_not_repeat_them()
    {
        Receive("hello");
        var welcome = await Sent("welcome", 1);

        Assert.Equal("stun:stun.example.org:3478", welcome.GetProperty("iceServers")[0].GetProperty("urls")[0].GetString());
        Assert.False(welcome.GetProperty("iceServers")[0].TryGetProperty("username", out _));
        var turn = welcome.GetProperty("iceServers")[1];
        Assert.Equal("turn:turn.example.org:3478?transport=udp", turn.GetProperty("urls")[0].GetString());
        Assert.Equal("60:alice", turn.GetProperty("username").GetString());
        Assert.Equal(28, turn.GetProperty("credential").GetString()!.Length);
        Assert.Equal(60, welcome.GetProperty("iceServersExpireInSeconds").GetInt32());
        Assert.DoesNotContain("topsecret", welcome.GetRawText(), StringComparison.Ordinal);

        Receive("offer");
        Assert.False((await Sent("answer", 1)).TryGetProperty("iceServers", out _));
    }

    [Fact]
    public async Task An_answer_without_hello_before_brings_them()
    {
        Receive("offer");

        var answer = await Sent("answer", 1);
        Assert.Equal(2, answer.GetProperty("iceServers").GetArrayLength());
        Assert.Equal(60, answer.GetProperty("iceServersExpireInSeconds").GetInt32());
    }

    [Fact]
    public async Task A_live_session_gets_fresh_ones_20_s_before_they_expire_again_and_again()
    {
        Receive("hello");
        Receive("offer");
        await Sent("answer", 1);

        _time.Advance(TimeSpan.FromSeconds(39));
        Receive("hello", new("bob", "session-0002")); // a message behind the sweep: what there was to send has been sent
        await Sent("welcome", 2);
        Assert.Equal(0, Count("ice-servers"));

        _time.Advance(TimeSpan.FromSeconds(1));
        var fresh = await Sent("ice-servers", 1);
        Assert.Equal("100:alice", fresh.GetProperty("iceServers")[1].GetProperty("username").GetString());
        Assert.Equal(60, fresh.GetProperty("iceServersExpireInSeconds").GetInt32());

        _time.Advance(TimeSpan.FromSeconds(40));
        await Sent("ice-servers", 2);
    }

    [Fact]
    public async Task A_session_that_is_over_gets_none()
    {
        Receive("offer");
        await Sent("answer", 1);
        Receive("bye");
        await Wait.UntilAsync(() => !_gateway.Closed.IsEmpty, "the bye");

        _time.Advance(TimeSpan.FromSeconds(50));
        Receive("hello", new("bob", "session-0002"));
        await Sent("welcome", 1);
        Assert.Equal(0, Count("ice-servers"));
    }

    private void Receive(string type, SessionKey? key = null) =>
        _service.Receive(key ?? s_key, Encoding.UTF8.GetBytes($$"""{"v":1,"type":"{{type}}","seq":{{++_sequence}},"sdp":"x"}"""));

    private void Keep(SessionKey key, byte[] message)
    {
        lock (_sent)
            _sent.Add(JsonElement.Parse(message));
    }

    private int Count(string type)
    {
        lock (_sent)
            return _sent.Count(message => message.GetProperty("type").GetString() == type);
    }

    /// <summary>The n-th message of a type.</summary>
    private async Task<JsonElement> Sent(string type, int number)
    {
        await Wait.UntilAsync(() => Count(type) >= number, type);
        lock (_sent)
            return _sent.Where(message => message.GetProperty("type").GetString() == type).ElementAt(number - 1);
    }
}
