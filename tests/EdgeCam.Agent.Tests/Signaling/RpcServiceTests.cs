using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Signaling;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Tests.Signaling;

/// <summary>Requests by MQTT: what is let in under each policy, and where the answers go.</summary>
public sealed class RpcServiceTests : IAsyncDisposable
{
    private const string Request = """{"jsonrpc":"2.0","id":1,"method":"device.info"}""";

    private readonly ManualTime _time = new(ManualTime.SetClock);
    private readonly DeviceKeys _keys = DeviceKeys.CreateForThisRun();
    private readonly TokenForge _forge;
    private readonly DropCounters _drops = new();
    private readonly LogLines<RpcService> _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<(string Request, string Client, AccessGrant Grant)> _handled = new();
    private readonly ConcurrentQueue<(string Client, MqttMessage Request, JsonElement Response)> _sent = new();
    private readonly MqttTopics _topics = new("edgecam/v1", "dev");
    private Func<ValueTask<byte[]?>> _answer = () => ValueTask.FromResult<byte[]?>("""{"result":1}"""u8.ToArray());
    private AccessPolicy? _policy;
    private RpcDoor? _door;
    private RpcService? _service;
    private Task _running = Task.CompletedTask;

    public RpcServiceTests() => _forge = new(_keys.Signing, _time);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _policy?.Dispose();
        _forge.Dispose();
        _keys.Dispose();
        _drops.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Open_access_takes_json_rpc_as_it_is()
    {
        Start(AccessMode.Open);
        Receive(Request);

        await Answered(1);
        Assert.Equal((Request, "operator"), (_handled.Single().Request, _handled.Single().Client));
        Assert.Equal(AccessScope.All, _handled.Single().Grant.Scopes);
    }

    [Fact]
    public async Task Bearer_access_takes_a_token_beside_the_request()
    {
        Start(AccessMode.Bearer);
        Receive($$"""{"token":"{{_forge.Token("view manage", isBound: false)}}","request":{{Request}}}""");
        Receive(_forge.Request(Request)); // signed is good, too

        await Answered(2);
        Assert.Equal([Request, Request], _handled.Select(handled => handled.Request));
        Assert.Equal(AccessScope.View | AccessScope.Manage, _handled.First().Grant.Scopes);
        Refused(Request, "a token is needed");
        Refused($$"""{"token":"{{_forge.Token()[..^9]}}","request":{{Request}}}""", "not signed by this device");
        Refused($$"""{"token":"{{_forge.Token()}}"}""", "damaged");
        Refused("{", "damaged");
    }

    [Fact]
    public async Task Token_access_takes_what_the_holder_signed_once()
    {
        Start(AccessMode.Tokens);
        var signed = _forge.Request(Request);
        Receive(signed);
        await Answered(1);
        Assert.Equal(Request, _handled.Single().Request);
        Assert.Equal("Ann", _handled.Single().Grant.Name);

        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Refused(signed, "came before");
        Refused(Request, "nothing proves that you have it");
        Refused($$"""{"token":"{{_forge.Token()}}","request":{{Request}}}""", "nothing proves that you have it");
        Refused(_forge.Request(Request, by: other), "does not fit");
        Refused(_forge.Request(Request, payload => payload["aud"] = "garden"), "another device");
        Refused(_forge.Request(Request, payload => payload["iat"] = _forge.Now - 31), "clocks");
        Refused(_forge.Request(Request, payload => payload["iat"] = _forge.Now + 32), "clocks"); // a second passes before it arrives
        Refused(_forge.Request(Request, payload => payload.Remove("iat")), "not what it should be");
        Refused(_forge.Request(Request, payload => payload["jti"] = "short"), "not what it should be");
        Refused(_forge.Request(Request, payload => payload.Remove("request")), "not what it should be");
        Refused(_forge.Request(Request, payload => payload["token"] = _forge.Token(isBound: false)), "bound to no key");
        Refused(_forge.Request(Request, payload => payload["token"] = _forge.Token(change: claims => claims["exp"] = _forge.Now - 31)), "expired");
        Refused(_forge.Request(Request, payload => payload.Remove("token")), "a token is needed");
        Refused(_forge.Request(Request, header: """{"alg":"none"}"""), "ES256");
        Refused(_forge.Request(Request, header: """{"alg":"HS256"}"""), "ES256");
        Refused(signed[..^20] + TokenForge.Base64(new byte[15]), "does not fit");
        Refused("nonsense", "damaged");
        Refused("", "damaged");
        Assert.Single(_handled);
        Assert.DoesNotContain(_log.Lines, line => line.Contains(_forge.Token().Split('.')[0], StringComparison.Ordinal) || line.Contains(signed.Split('.')[1], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Retained_oversized_and_repeated_messages_do_nothing()
    {
        Start(AccessMode.Open);
        _service!.Receive("operator", new("t", Encoding.UTF8.GetBytes(Request), Retained: true));
        _service.Receive("operator", new("t", default, Retained: false, Oversized: true));
        await Answered(1);
        Assert.Contains("65536", _sent.Single().Response.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, _drops[Stage.Control, DropReason.Retained]);

        Receive(Request, correlation: [1, 2]);
        Receive(Request, correlation: [1, 2]);
        Receive(Request, correlation: [1, 3]);
        Receive(Request, client: "other", correlation: [1, 2]);
        await Answered(4);
        Assert.Equal(3, _handled.Count);
        Assert.Equal(1, _drops[Stage.Control, DropReason.Duplicate]);
    }

    [Fact]
    public async Task A_flood_costs_its_sender_and_nobody_else()
    {
        Start(AccessMode.Open);
        for (var i = 0; i < 100; i++)
            Receive(Request, client: "mallory");
        Receive(Request);

        await Wait.UntilAsync(() => _handled.Any(handled => handled.Client == "operator"), "the other's request");
        Assert.Equal(40, _handled.Count(handled => handled.Client == "mallory"));
        Assert.Equal(60, _drops[Stage.Control, DropReason.RateLimited]);
        Assert.Single(_sent, sent => sent.Client == "mallory" && sent.Response.TryGetProperty("error", out _)); // told once a second
    }

    [Fact]
    public async Task What_takes_long_holds_up_nobody_and_is_bounded()
    {
        var slow = new TaskCompletionSource<byte[]?>();
        Start(AccessMode.Open, new(UnderWayPerClient: 2));
        _answer = () => new(slow.Task);
        Receive(Request);
        Receive(Request);
        Receive(Request);
        await Answered(1);
        Assert.Equal(-32029, _sent.Single().Response.GetProperty("error").GetProperty("code").GetInt32());

        slow.SetResult("{}"u8.ToArray());
        await Answered(3);
    }

    [Fact]
    public async Task A_notification_is_not_answered_and_a_fault_of_ours_costs_one_request()
    {
        Start(AccessMode.Open);
        _answer = () => ValueTask.FromResult<byte[]?>(null);
        Receive(Request);
        await Wait.UntilAsync(() => _handled.Count == 1, "handled");
        _answer = () => throw new InvalidOperationException("bug");
        Receive(Request);
        await Wait.UntilAsync(() => _drops[Stage.Control, DropReason.Fault] == 1, "the fault");
        _answer = () => ValueTask.FromResult<byte[]?>("{}"u8.ToArray());
        Receive(Request);
        await Answered(1);
    }

    [Theory]
    [InlineData(null, "edgecam/v1/dev/rpc/operator/response")]
    [InlineData("edgecam/v1/dev/rpc/operator/response/7", "edgecam/v1/dev/rpc/operator/response/7")]
    [InlineData("edgecam/v1/dev/rpc/operator/mine", "edgecam/v1/dev/rpc/operator/mine")]
    [InlineData("edgecam/v1/dev/rpc/operator/request", "edgecam/v1/dev/rpc/operator/response")] // it would come back here
    [InlineData("edgecam/v1/dev/rpc/other/response", "edgecam/v1/dev/rpc/operator/response")]
    [InlineData("edgecam/v1/dev/rpc/operator/../other", "edgecam/v1/dev/rpc/operator/../other")] // a topic is no path
    [InlineData("edgecam/v1/dev/rpc/operator/#", "edgecam/v1/dev/rpc/operator/response")]
    [InlineData("edgecam/v1/dev/status", "edgecam/v1/dev/rpc/operator/response")]
    [InlineData("edgecam/v1/other/rpc/operator/response", "edgecam/v1/dev/rpc/operator/response")]
    [InlineData("elsewhere", "edgecam/v1/dev/rpc/operator/response")]
    [InlineData("", "edgecam/v1/dev/rpc/operator/response")]
    public void An_answer_goes_to_the_callers_own_place(string? asked, string topic) => Assert.Equal(topic, _topics.RpcResponseOf("operator", asked));

    private void Start(AccessMode mode, RpcLimits? limits = null)
    {
        _policy = new(mode, "dev", _keys.Signing, _time);
        _door = new(_policy, "dev", _time);
        _service = new(
            _door,
            (request, client, grant) =>
            {
                _handled.Enqueue((Encoding.UTF8.GetString(request.Span), client, grant));
                return _answer();
            },
            (client, request, response) => _sent.Enqueue((client, request, JsonElement.Parse(response))), limits ?? new(), _drops, _time, _log);
        _running = _service.RunAsync(_stop.Token);
    }

    private void Receive(string payload, string client = "operator", byte[]? correlation = null) =>
        _service!.Receive(client, new("edgecam/v1/dev/rpc/operator/request", Encoding.UTF8.GetBytes(payload), Retained: false, CorrelationData: correlation));

    private void Refused(string payload, string words)
    {
        _time.Advance(TimeSpan.FromSeconds(1)); // for the rate
        var (request, refusal) = _door!.Open("operator", Encoding.UTF8.GetBytes(payload));
        Assert.Null(request);
        Assert.Contains(words, refusal.InWords(), StringComparison.Ordinal);
    }

    private Task Answered(int count) => Wait.UntilAsync(() => _sent.Count >= count, $"{count} answers");
}
