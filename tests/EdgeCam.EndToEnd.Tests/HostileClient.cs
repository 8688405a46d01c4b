using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>A client of the broker that sends one kind of bad message after the other, and knows what each should lead to.</summary>
internal sealed class HostileClient : IAsyncDisposable
{
    private readonly TestClient _client;
    private readonly string _device;
    private readonly string _name;
    private readonly bool _isEmbedded;
    private readonly Func<int, Task>[] _kinds;
    private int _number;

    private HostileClient(TestClient client, string device, string name, bool isEmbedded)
    {
        (_client, _device, _name, _isEmbedded) = (client, device, name, isEmbedded);
        _kinds =
        [
            i => SendAsync("not JSON", Noise(i), "Malformed", 400),
            i => SendAsync("no object", Text("[[[]]]"), "Malformed", 400),
            i => SendAsync("no version", Text($$"""{"type":"hello","seq":{{i}}}"""), "Malformed", 400),
            i => SendAsync("another version", Text($$"""{"v":2,"type":"hello","seq":{{i}}}"""), "Malformed", 400),
            i => SendAsync("no sequence number", Text("""{"v":1,"type":"hello"}"""), "Malformed", 400),
            i => SendAsync("an unknown type", Text($$"""{"v":1,"type":"{{new string('x', 200)}}","seq":{{i}}}"""), "Malformed", 400),
            i => SendAsync("members of other types", Text($$"""{"v":"1","type":{},"seq":[{{i}}]}"""), "Malformed", 400),
            i => SendAsync("half a surrogate pair", Text($$"""{"v":1,"type":"offer","seq":{{i}},"sdp":"\ud800"}"""), "Malformed", 400),
            i => SendAsync("nothing at all", [], "Malformed", 400),
            i => SendAsync("deep JSON", Text($$"""{"v":1,"type":"hello","seq":{{i}},"x":{{new string('[', 5000)}}{{new string(']', 5000)}}}"""), "Malformed", 400),
            i => SendAsync("an overlong candidate", Text($$"""{"v":1,"type":"candidate","seq":{{i}},"candidate":"{{new string('c', 2000)}}"}"""), "Malformed", 400),
            i => SendAsync("too large", Text($$"""{"v":1,"type":"offer","seq":{{i}},"sdp":"{{new string('s', 70_000)}}"}"""), "Oversized", 413),
            i => SendAsync("an offer of garbage", Text($$"""{"v":1,"type":"offer","seq":{{i}},"sdp":"v=0 {{i}}"}"""), "RefusedOffer", 400, Session(i)),
            i => SendAsync("an offer for no camera", Text($$"""{"v":1,"type":"offer","seq":{{i}},"sdp":"v=0","camera":"none"}"""), "UnknownCamera", 404, Session(i)),
            i => SendAsync("a goodbye of nobody", Text($$"""{"v":1,"type":"bye","seq":{{i}}}"""), "UnknownSession", null, Session(i)),
            i => SendAsync("retained", Text($$"""{"v":1,"type":"hello","seq":{{i}}}"""), "Retained", null, Session(i), retain: true),
            SendTwiceAsync,
            SendToNoSessionAsync,
        ];
    }

    /// <summary>Messages sent.</summary>
    public int Sent { get; private set; }

    /// <summary>How often each reason should be in the log.</summary>
    public Dictionary<string, int> Counted { get; } = [];

    /// <summary>How often each code should have come as an <c>error</c>.</summary>
    public Dictionary<int, int> Codes { get; } = [];

    public int Welcomes { get; private set; }

    public static async Task<HostileClient> ConnectAsync(AgentProcess agent, string name, bool isEmbedded)
    {
        var client = await TestClient.ConnectAsync(new Uri(agent.Broker).Port, name);
        await client.SubscribeAsync($"edgecam/v1/{agent.Device}/session/{name}/+/to-viewer");
        return new(client, agent.Device, name, isEmbedded);
    }

    /// <summary>Sends at a steady rate; what the machine delays is made up for.</summary>
    public async Task AttackAsync(double perSecond, TimeSpan length)
    {
        var (began, before) = (Stopwatch.StartNew(), Sent);
        while (began.Elapsed < length)
        {
            while (Sent - before < began.Elapsed.TotalSeconds * perSecond)
                await _kinds[_number % _kinds.Length](++_number);
            await Task.Delay(5);
        }
    }

    /// <summary>The codes of all errors, and -1 for each welcome.</summary>
    public Dictionary<int, int> Answers() => _client.Received
        .Select(received => JsonNode.Parse(received.Text)!)
        .Select(message => message["type"]!.GetValue<string>() == "welcome" ? -1 : message["code"]?.GetValue<int>() ?? 0)
        .CountBy(code => code).ToDictionary();

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Noise(int seed)
    {
        var noise = new byte[1 + (seed % 3000)];
        new Random(seed).NextBytes(noise);
        noise[0] = (byte)'\\'; // no JSON begins so
        return noise;
    }

    private string Session(int i) => $"{_name}-{i:D8}";

    private async Task SendAsync(string kind, byte[] payload, string reason, int? code, string? session = null, bool retain = false)
    {
        _ = kind;
        Sent++;
        Counted[reason] = Counted.GetValueOrDefault(reason) + 1;
        if (code is { } expected)
            Codes[expected] = Codes.GetValueOrDefault(expected) + 1;
        await _client.PublishAsync($"edgecam/v1/{_device}/session/{_name}/{session ?? Session(0)}/to-device", payload, retain);
    }

    /// <summary>The same session and sequence number twice: welcome once.</summary>
    private async Task SendTwiceAsync(int i)
    {
        var hello = Text("""{"v":1,"type":"hello","seq":5}""");
        await SendAsync("a hello", hello, "none", null, Session(i));
        await SendAsync("the same again", hello, "Duplicate", null, Session(i));
        Counted.Remove("none");
        Welcomes++;
    }

    /// <summary>A topic that names no session. Our own broker does not even take it.</summary>
    private Task SendToNoSessionAsync(int i) =>
        SendAsync("to no session", Text($$"""{"v":1,"type":"hello","seq":{{i}}}"""), _isEmbedded ? "Forbidden" : "BadTopic", null, "short");
}
