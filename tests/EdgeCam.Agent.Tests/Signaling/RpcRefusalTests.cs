using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Trust;
using EdgeCam.Agent.Signaling;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Tests.Signaling;

/// <summary>Requests by MQTT that are not to be done, through the whole service: none is, each is answered with its own words, and counted.</summary>
public sealed class RpcRefusalTests : IAsyncDisposable
{
    private const string Request = """{"jsonrpc":"2.0","id":1,"method":"device.restart"}""";

    private readonly ManualTime _time = new(ManualTime.SetClock);
    private readonly DeviceKeys _keys = DeviceKeys.CreateForThisRun();
    private readonly DeviceKey _fleet = DeviceKey.Create();
    private readonly DeviceKey _next = DeviceKey.Create();
    private readonly IssuerFile _file = new();
    private readonly DropCounters _drops = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _done = new();
    private readonly ConcurrentQueue<string> _answers = new();
    private readonly TokenForge _forge;
    private readonly TrustStore _trust;
    private readonly AccessPolicy _policy;
    private readonly RpcService _service;
    private readonly Task _running;

    public RpcRefusalTests()
    {
        _file.Write(IssuerFile.Set(("a", _fleet)));
        _file.WriteRevoked("{}");
        _forge = new(_fleet, _time, issuer: IssuerFile.Name);
        _trust = _file.Trust(_keys.Signing, _time, groups: ["porches"]);
        _policy = new(AccessMode.Tokens, _trust, _keys.Signing, _time);
        _service = new(
            new(_policy, "dev", _time),
            (request, _, _) =>
            {
                _done.Enqueue(Encoding.UTF8.GetString(request.Span));
                return ValueTask.FromResult<byte[]?>("""{"result":1}"""u8.ToArray());
            },
            (_, _, response) => _answers.Enqueue(Encoding.UTF8.GetString(response)), new(), _drops, _time, new LogLines<RpcService>());
        _running = _service.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _policy.Dispose();
        _forge.Dispose();
        _keys.Dispose();
        _fleet.Dispose();
        _next.Dispose();
        _file.Dispose();
        _drops.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Each_is_refused_for_its_own_reason_and_none_is_done()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var stranger = new TokenForge(_fleet, _time, issuer: "https://elsewhere.example.org");
        var seen = _forge.Request(Request);
        Assert.Contains("result", await AnswerAsync(seen), StringComparison.Ordinal);
        List<string> words = [];
        foreach (var (text, part) in new[]
        {
            (Request, "nothing proves that you have it"), // unsigned
            (seen, "the same proof came before"), // replayed
            (_forge.Request(Request, payload => payload["iat"] = _forge.Now - 31), "waited for more than 30 seconds"), // stale
            (_forge.Request(Request, static payload => payload["aud"] = "garden"), "the signed message is for another device"), // wrong audience
            (_forge.Request(Request, static payload => payload["aud"] = "group:porches"), "the signed message is for another device"), // a command is for one device
            (_forge.Request(Request, payload => payload["token"] = _forge.Token(change: static claims => claims["aud"] = "garden")), "the token is for another device"),
            (_forge.Request(Request, by: other), "made with another key than"), // wrong key
            (_forge.Request(Request, payload => payload["token"] = _forge.Token(kid: "b")), "a key that its issuer does not have here"),
            (stranger.Request(Request), "of another issuer"),
            (_forge.Request(Request, static payload => payload["jti"] = "short"), "is not what it should be"),
        })
        {
            var answer = await AnswerAsync(text);
            Assert.Contains(part, answer, StringComparison.Ordinal);
            Assert.Contains("-32001", answer, StringComparison.Ordinal);
            words.Add(answer);
        }

        Assert.Single(_done);
        Assert.Equal(words.Count - 1, words.Distinct(StringComparer.Ordinal).Count()); // but for the two that are for another device
        Assert.Equal((1, 1, 8), (_drops[Stage.Control, DropReason.Duplicate], _drops[Stage.Control, DropReason.Expired], _drops[Stage.Control, DropReason.Forbidden]));
    }

    [Fact]
    public async Task What_waited_at_the_broker_while_the_device_was_away_is_not_done_late()
    {
        string[] queued = [.. Enumerable.Range(0, 5).Select(_ => _forge.Request(Request))]; // of MQTT 3.1.1, which knows no expiry
        var inTime = _forge.Request(Request, payload => payload["iat"] = _forge.Now + 1);
        _time.Advance(TimeSpan.FromSeconds(31));

        foreach (var text in queued)
            Assert.Contains("waited for more than 30 seconds", await AnswerAsync(text), StringComparison.Ordinal);
        Assert.Contains("result", await AnswerAsync(inTime), StringComparison.Ordinal);

        Assert.Single(_done);
        Assert.Equal(5, _drops[Stage.Control, DropReason.Expired]);
    }

    [Fact]
    public async Task A_key_that_is_rotated_or_revoked_ends_what_it_signed()
    {
        Assert.Contains("result", await AnswerAsync(Signed()), StringComparison.Ordinal);
        foreach (var (list, part) in new[]
        {
            ("""{ "tokens": ["token-1"] }""", "the token was revoked"),
            ($$"""{ "holders": ["{{PublicJwk.Of(_forge.Holder).Thumbprint()}}"] }""", "the key that the token is bound to was revoked"),
            ("""{ "keys": ["a"] }""", "the key that signed the token was revoked"),
            ($$"""{ "before": { "{{IssuerFile.Name}}": {{_forge.Now + 1}} } }""", "issued before a time"),
        })
        {
            _file.WriteRevoked(list);
            _trust.Look();
            Assert.Contains(part, await AnswerAsync(Signed()), StringComparison.Ordinal);
        }

        _file.WriteRevoked("{}");
        _file.Write(IssuerFile.Set(("b", _next)));
        _trust.Look();
        Assert.Contains("does not have here, or no longer", await AnswerAsync(Signed()), StringComparison.Ordinal);
        Assert.Single(_done);

        string Signed() => _forge.Request(Request, payload => payload["token"] = _forge.Token(kid: "a", change: static claims => claims["jti"] = "token-1"));
    }

    private async Task<string> AnswerAsync(string payload)
    {
        var number = _answers.Count;
        _time.Advance(TimeSpan.FromMilliseconds(50)); // for the rate
        _service.Receive("operator", new("edgecam/v1/dev/rpc/operator/request", Encoding.UTF8.GetBytes(payload), Retained: false));
        await Wait.UntilAsync(() => _answers.Count > number, "an answer");
        return JsonElement.Parse(_answers.ElementAt(number)).GetRawText();
    }
}
