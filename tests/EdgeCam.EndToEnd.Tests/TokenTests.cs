using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using MQTTnet;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>The built agent with tokens, by nothing but a link that it made and what the link's holder computes from it.</summary>
public sealed class TokenTests
{
    [Fact]
    public async Task A_link_shows_the_picture_until_it_expires_and_whoever_read_along_gets_none()
    {
        await using var agent = await AgentProcess.StartAsync(new(Access: "tokens"));
        var link = (await agent.LinkAsync("view", more: ["--ttl", "12s"])).Split('#')[1].Split('&').ToDictionary(member => member.Split('=')[0], member => member.Split('=')[1]);
        Assert.Equal(agent.Device, link["device"]);
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = Base64Url.DecodeFromChars(link["key"]) });
        using var viewer = new SocketLoop(static _ => { }, new(IPAddress.Loopback, 0));
        await using var alice = await ConnectAsync(agent, "alice", link["token"]);
        var sdp = viewer.Ask(inside => inside.Offer);
        var offer = Offer(1, agent.Device, "session-0001", sdp, link["token"], key);
        await alice.PublishAsync(ToDevice(agent, "alice", "session-0001"), offer.ToJsonString());
        var answer = await HeardAsync(alice, "answer");

        // Nobody stands in between: the identity is the link's, and it has signed both certificates.
        var jwk = answer.GetProperty("identity");
        var (x, y) = (jwk.GetProperty("x").GetString(), jwk.GetProperty("y").GetString());
        Assert.Equal(link["identity"], Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}"""))));
        using var identity = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Base64Url.DecodeFromChars(x), Y = Base64Url.DecodeFromChars(y) } });
        var answered = answer.GetProperty("sdp").GetString()!;
        var signed = $"edgecam-answer-v1\n{agent.Device}\nsession-0001\n{Fingerprint(sdp)}\n{Fingerprint(answered)}\n{offer["nonce"]}";
        Assert.True(identity.VerifyData(Encoding.UTF8.GetBytes(signed), Base64Url.DecodeFromChars(answer.GetProperty("signature").GetString()), HashAlgorithmName.SHA256));
        viewer.HandleAnswer(answered);
        await Wait.UntilAsync(() => viewer.Ask(inside => inside.Video.IdrCount) > 0, "the picture");

        // Who read all of that has the token, and the offer: neither opens anything.
        await using var mallory = await ConnectAsync(agent, "mallory", link["token"]);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var second = new SocketLoop(static _ => { }, new(IPAddress.Loopback, 0));
        var own = second.Ask(inside => inside.Offer);
        var replayed = offer.DeepClone();
        replayed["seq"] = 7;
        var changed = offer.DeepClone();
        (changed["seq"], changed["sdp"]) = (8, own);
        foreach (var (attempt, words) in new[]
        {
            (replayed, "came before"), (changed, "does not fit"), (Offer(9, agent.Device, "session-0001", own, link["token"], other), "does not fit"),
            (new JsonObject { ["v"] = 1, ["type"] = "offer", ["seq"] = 10, ["sdp"] = own, ["token"] = link["token"] }, "nothing proves"),
            (new JsonObject { ["v"] = 1, ["type"] = "offer", ["seq"] = 11, ["sdp"] = own }, "a token is needed"),
        })
        {
            mallory.Received.Clear();
            await mallory.PublishAsync(ToDevice(agent, "mallory", "session-0001"), attempt.ToJsonString());
            Assert.Contains(words, (await HeardAsync(mallory, "error")).GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        using (var http = agent.Http(TimeSpan.FromSeconds(5)))
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", link["token"]);
            using var content = new StringContent(own, new System.Net.Http.Headers.MediaTypeHeaderValue("application/sdp"));
            using var refused = await http.PostAsync(agent.Whep(), content);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        await Wait.UntilAsync(() => alice.Received.Any(message => message.Text.Contains("the token expired", StringComparison.Ordinal)), "the end", seconds: 15);
        await Wait.UntilAsync(() => !alice.IsConnected && !mallory.IsConnected, "the end of the connections");
        Assert.Equal(0, (await agent.GetHealthAsync())["viewers"]!.GetValue<int>());
        Assert.DoesNotContain(link["key"], agent.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(link["token"].Split('.')[2], agent.Log, StringComparison.Ordinal);
        await agent.StopAsync();
    }

    private static string ToDevice(AgentProcess agent, string client, string session) => $"edgecam/v1/{agent.Device}/session/{client}/{session}/to-device";

    private static string Fingerprint(string sdp) => sdp.Split('\n').First(line => line.StartsWith("a=fingerprint:", StringComparison.Ordinal))["a=fingerprint:".Length..].Trim();

    private static JsonObject Offer(int seq, string device, string session, string sdp, string token, ECDsa key)
    {
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        var time = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var proof = key.SignData(Encoding.UTF8.GetBytes($"edgecam-offer-v1\n{device}\n{session}\n{Fingerprint(sdp)}\n{nonce}\n{time}"), HashAlgorithmName.SHA256);
        return new() { ["v"] = 1, ["type"] = "offer", ["seq"] = seq, ["sdp"] = sdp, ["token"] = token, ["nonce"] = nonce, ["time"] = time, ["proof"] = Base64Url.EncodeToString(proof) };
    }

    private static async Task<TestClient> ConnectAsync(AgentProcess agent, string name, string token)
    {
        var client = new TestClient();
        var options = TestClient.Options(new Uri(agent.Broker).Port, name).WithCredentials("token", token);
        Assert.Equal(MqttClientConnectResultCode.Success, await client.TryConnectAsync(options));
        await client.SubscribeAsync($"edgecam/v1/{agent.Device}/session/{name}/+/to-viewer");
        return client;
    }

    private static async Task<JsonElement> HeardAsync(TestClient client, string type)
    {
        JsonElement? Find() => client.Received.Select(message => JsonElement.Parse(message.Text)).Cast<JsonElement?>().LastOrDefault(message => message!.Value.GetProperty("type").GetString() == type);
        await Wait.UntilAsync(() => Find() is not null, type);
        return Find()!.Value;
    }
}
