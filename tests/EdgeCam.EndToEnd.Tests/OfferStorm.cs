using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>
/// Offers by the hundred, each of them a good one: half by as many holders of tokens of their own under a dozen names at the broker, half by one holder.
/// Nobody of them ever connects.
/// </summary>
internal sealed class OfferStorm : IAsyncDisposable
{
    public const string Issuer = "https://fleet.example.org";

    private const int Names = 20; // of the crowd; each may make 20 offers a second

    private readonly DeviceKey _issuing = DeviceKey.Create();
    private readonly List<TestClient> _crowd = [];
    private readonly VirtualViewer _ghost = new(1, TransportAddress.FromIPv4(0x7F000001, 9), LoadViewer.Now, isRealTime: true);
    private TestClient? _greedy;
    private int _offers; // so far, for the sessions' names
    private AgentProcess? _agent;

    /// <summary>For the agent's configuration: whose tokens it takes.</summary>
    public JsonArray Issuers => new(new JsonObject { ["name"] = Issuer, ["keys"] = new JsonArray(_issuing.Use(static key => key.ExportSubjectPublicKeyInfoPem())) });

    public async Task ConnectAsync(AgentProcess agent)
    {
        _agent = agent;
        for (var i = 0; i < Names; i++)
            _crowd.Add(await ConnectAsync($"crowd-{i:D2}"));
        _greedy = await ConnectAsync("greedy");
    }

    /// <summary>A new name at the broker.</summary>
    public async Task<TestClient> ConnectAsync(string name)
    {
        var client = await TestClient.ConnectAsync(new Uri(_agent!.Broker).Port, name);
        await client.SubscribeAsync($"edgecam/v1/{_agent.Device}/session/{name}/+/to-viewer");
        return client;
    }

    /// <summary>Somebody with a token and a key of his own.</summary>
    public TokenForge CreateHolder() => new(_issuing, TimeProvider.System, _agent!.Device, Issuer);

    /// <summary>Evenly over so long, whatever the answers.</summary>
    public async Task BlowAsync(int offers, TimeSpan length)
    {
        using var one = CreateHolder();
        var (began, publishing) = (Stopwatch.StartNew(), new List<Task>());
        for (var i = 0; i < offers; i++)
        {
            var due = length * i / offers;
            if (due > began.Elapsed)
                await Task.Delay(due - began.Elapsed);
            var session = string.Create(CultureInfo.InvariantCulture, $"storm-{++_offers:D5}");
            if (i % 2 == 0)
            {
                publishing.Add(OfferAsync(_greedy!, "greedy", session, one, _ghost.Offer));
                continue;
            }

            using var holder = CreateHolder();
            var name = i / 2 % Names;
            publishing.Add(OfferAsync(_crowd[name], $"crowd-{name:D2}", session, holder, _ghost.Offer));
        }

        await Task.WhenAll(publishing);
    }

    public Task OfferAsync(TestClient client, string name, string session, TokenForge holder, string sdp)
    {
        var fingerprint = sdp.Split('\n').First(static line => line.StartsWith("a=fingerprint:", StringComparison.Ordinal))["a=fingerprint:".Length..].Trim();
        var given = holder.Offer(session, fingerprint, holder.Token("view"));
        var offer = new JsonObject { ["v"] = 1, ["type"] = "offer", ["seq"] = 1, ["sdp"] = sdp, ["token"] = given.Token, ["nonce"] = given.Nonce, ["time"] = given.Time, ["proof"] = given.Proof };
        return client.PublishAsync($"edgecam/v1/{_agent!.Device}/session/{name}/{session}/to-device", offer.ToJsonString());
    }

    /// <summary>How many of the one holder's offers, or of the crowd's, were answered how: by <c>answer</c>, or by code and the first words of the refusal.</summary>
    public IReadOnlyDictionary<string, int> Answers(bool ofCrowd) => (ofCrowd ? _crowd : [_greedy!]).SelectMany(static client => client.Received).Select(static message => JsonNode.Parse(message.Text)!)
        .Where(static message => message["type"]!.GetValue<string>() is "answer" or "error")
        .CountBy(static message => message["type"]!.GetValue<string>() == "answer" ? "answer" : $"{message["code"]} {message["message"]}").ToDictionary();

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _crowd)
            await client.DisposeAsync();
        if (_greedy is not null)
            await _greedy.DisposeAsync();
        _ghost.Dispose();
        _issuing.Dispose();
    }
}
