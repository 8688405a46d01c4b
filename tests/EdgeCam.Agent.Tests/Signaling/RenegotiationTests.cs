using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Signaling;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Signaling;

/// <summary>Several offers of one session: whose an answer is, and what is left where there is none.</summary>
public sealed class RenegotiationTests : IAsyncDisposable
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

    public RenegotiationTests()
    {
        _service = new(_gateway, () => new("dev", "Device", "1", []), _ => IceServerGrant.None, Keep, new(SessionsPerClient: 2, Burst: 203), _drops, _time, _metrics, NullLogger<SignalingService>.Instance);
        _running = _service.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _time.Advance(TimeSpan.FromSeconds(11)); // for an offer that a failed test left without an answer
        await _running;
        _drops.Dispose();
        _metrics.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task An_answer_says_whose_it_is()
    {
        Receive(Offer(3));
        Assert.Equal(3, (await Sent("answer", 1)).GetProperty("re").GetInt64());
        Receive(Offer(8));
        Assert.Equal(8, (await Sent("answer", 2)).GetProperty("re").GetInt64());
    }

    [Fact]
    public async Task So_does_an_error_where_an_offer_caused_it()
    {
        var answer = new TaskCompletionSource<ViewerAnswer>();
        _gateway.Answer = _ => answer.Task;
        Receive(Offer(3));
        Receive(Offer(4)); // too soon
        Assert.Equal((429, 4), About(await Sent("error", 1)));
        answer.SetResult(ViewerAnswer.Refuse(404, "no such camera"));
        Assert.Equal((404, 3), About(await Sent("error", 2)));
        Receive("""{"v":1,"type":"offer","seq":5}""");
        Assert.Equal((400, 5), About(await Sent("error", 3)));

        var number = 3;
        foreach (var other in new[] { "garbage", """{"v":1,"type":"candidate","seq":6}""", """{"v":1,"type":"offer","seq":-1,"sdp":"x"}""" })
        {
            Receive(other);
            Assert.Equal((400, null), About(await Sent("error", ++number)));
        }
    }

    [Fact]
    public async Task So_does_one_for_want_of_room()
    {
        for (var i = 0; i < 2; i++)
            Receive(Offer(1), s_key with { Session = $"session-100{i}" });
        Receive(Offer(7));
        Assert.Equal((429, 7), About(await Sent("error", 1)));

        for (var i = 0; i < 200; i++)
            Receive(Offer(9), s_key with { Session = $"session-{2000 + i}", Client = "bob" });
        await Wait.UntilAsync(() => _drops[Stage.Signaling, DropReason.RateLimited] > 0, "a limit"); // which leaves so much that the offer is read
        lock (_sent)
            Assert.All(_sent.Where(message => message.GetProperty("type").GetString() == "error").Skip(1), error => Assert.Equal((429, 9), About(error)));
    }

    [Fact]
    public async Task A_live_session_whose_further_offer_finds_no_answer_is_over()
    {
        Receive(Offer(1));
        await Sent("answer", 1);
        _gateway.Answer = _ => new TaskCompletionSource<ViewerAnswer>().Task;
        Receive(Offer(2));
        await Wait.UntilAsync(() => _gateway.Offers.Count == 2, "the further offer");

        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal((408, 2), About(await Sent("error", 1)));
        await Sent("bye", 1);
        Assert.Single(_gateway.Closed);
        _gateway.Offers.First().Signals.OnClosed("closed, as it was told");
        _gateway.Offers.Last().Signals.OnClosed("closed, as it was told");

        Receive("""{"v":1,"type":"candidate","seq":3,"candidate":"late"}""");
        await Wait.UntilAsync(() => _drops[Stage.Signaling, DropReason.UnknownSession] == 1, "a candidate for nobody");
        _time.Advance(TimeSpan.FromSeconds(62));
        await Wait.UntilAsync(() => _service.Sessions == 0, "an empty table");
        Assert.Equal(1, Count("bye"));
    }

    private static string Offer(int seq) => $$"""{"v":1,"type":"offer","seq":{{seq}},"sdp":"x"}""";

    private static (int Code, long? Re) About(JsonElement error) =>
        (error.GetProperty("code").GetInt32(), error.TryGetProperty("re", out var re) ? re.GetInt64() : null);

    private void Receive(string json, SessionKey? key = null) => _service.Receive(key ?? s_key, Encoding.UTF8.GetBytes(json));

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
