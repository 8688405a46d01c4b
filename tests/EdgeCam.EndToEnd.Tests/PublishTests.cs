using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>A camera is published to media servers that others have written: who watches there sees it, and who watches at the device does not notice.</summary>
public sealed class PublishTests : IDisposable
{
    private const string Token = "a-token-of-the-test";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    private readonly string _tokenFile = Path.GetTempFileName();

    public PublishTests() => File.WriteAllText(_tokenFile, $"{Token}\n");

    public void Dispose() => File.Delete(_tokenFile);

    [Fact]
    public async Task Through_Janus_a_browser_sees_the_camera_again_after_the_server_died()
    {
        Workplace.Need(Tool.Node, Tool.Chromium, Tool.Janus);
        await using var server = MediaServer.Janus(Token);
        await server.StartAsync();
        await using var agent = await StartAgentAsync(("sfu", server.Whip("whip/endpoint/porch")));
        await MustBecomeAsync(agent, "sfu", "publishing", server);
        using var neighbour = await LoadViewer.JoinAsync(agent.Whep());
        await neighbour.WaitForPictureAsync(s_limit);
        await MustBeWatchedAsync(server);

        if (Workplace.IsSoak)
            await server.KillAsync(); // consent ends after 30 s
        else
            await server.StopAsync(); // it says goodbye
        await MustBecomeAsync(agent, "sfu", "failed", server);
        await server.StartAsync();
        await MustBecomeAsync(agent, "sfu", "publishing", server);
        await MustBeWatchedAsync(server);

        Assert.Equal((null, 0), (neighbour.Failure, neighbour.Missing));
        Assert.Equal(1, (await agent.GetHealthAsync())["viewers"]!.GetValue<int>()); // the output is none
        Assert.DoesNotContain(Token, agent.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("endpoint/porch", agent.Log, StringComparison.Ordinal);
        await agent.StopAsync();
    }

    [Fact]
    public async Task A_token_that_Janus_refuses_is_named_and_a_right_one_taken_without_a_restart()
    {
        Workplace.Need(Tool.Node, Tool.Janus);
        await File.WriteAllTextAsync(_tokenFile, "another");
        await using var server = MediaServer.Janus(Token);
        await server.StartAsync();
        await using var agent = await StartAgentAsync(("sfu", server.Whip("whip/endpoint/porch")));
        Assert.Contains("the token is wrong", await MustBecomeAsync(agent, "sfu", "failed", server), StringComparison.Ordinal);
        await File.WriteAllTextAsync(_tokenFile, Token);
        await MustBecomeAsync(agent, "sfu", "publishing", server);
        await agent.StopAsync();
        await Wait.UntilAsync( // by DELETE, or by the goodbye in DTLS, whichever comes first
            () => server.Log.Contains("Terminating WHIP session", StringComparison.Ordinal) || server.Log.Contains("detected as closed", StringComparison.Ordinal), () => server.Log);
    }

    [Fact]
    public async Task Moody_servers_get_the_stream_all_the_same_and_are_told_the_end()
    {
        Workplace.Need(Tool.Node, Tool.Ffmpeg);
        await using var server = MediaServer.Moody(Token);
        await server.StartAsync();
        await using var agent = await StartAgentAsync(("moved", server.Whip("moved/a")), ("busy", server.Whip("busy/b")), ("nowhere", server.Whip("else/c")));
        foreach (var output in (string[])["moved", "busy"])
            await MustBecomeAsync(agent, output, "publishing", server);
        Assert.Contains("no such address (404)", await MustBecomeAsync(agent, "nowhere", "failed", server), StringComparison.Ordinal);
        await Task.Delay(TimeSpan.FromSeconds(Workplace.IsSoak ? 60 : 2.5)); // of pictures
        await agent.StopAsync();

        var log = server.Log;
        var result = await server.StopAsync();
        Assert.NotNull(result);
        var requests = result["requests"]!.AsArray().Select(static request => request!.GetValue<string>()).ToList();
        Assert.Contains("POST /moved 307", requests);
        Assert.Contains("POST /busy 503", requests);
        Assert.Equal(2, requests.Count(static request => request == "DELETE /session 200"));
        foreach (var (name, stream) in result["streams"]!.AsObject())
        {
            var words = $"{name}: {stream!.ToJsonString()}\n{log}\n{agent.Log}";
            Assert.True(stream["ended"]!.GetValue<bool>(), words);
            Assert.True(stream["frames"]!.GetValue<int>() > 40 && stream["gaps"]!.GetValue<int>() == 0 && stream["malformed"]!.GetValue<int>() == 0, words);
            Assert.True(stream["decoded"]!.GetValue<int>() > 30, words);
        }
    }

    [Fact]
    public async Task When_the_device_moves_ICE_is_restarted_at_Janus_and_the_picture_goes_on()
    {
        Leftovers.Need();
        Workplace.Need(Tool.Node, Tool.Janus);
        var (near, far) = (new NetNamespace($"{Leftovers.Prefix}near"), new NetNamespace($"{Leftovers.Prefix}far"));
        try
        {
            near.Ip($"link add eth0 type veth peer name eth0 netns {far.Name}");
            far.Ip("addr add 10.6.0.1/24 dev eth0");
            far.Ip("link set eth0 up");
            near.Ip("addr add 10.6.0.2/24 dev eth0");
            near.Ip("link set eth0 up");
            near.Run("sysctl -qw net.ipv4.conf.all.promote_secondaries=1"); // the second address outlives the first
            await using var server = MediaServer.Janus(Token, far, "10.6.0.1");
            await server.StartAsync();
            await using var agent = await StartAgentAsync(near, ("sfu", server.Whip("whip/endpoint/porch")));
            await MustBecomeAsync(agent, "sfu", "publishing", server);
            await MustSendAsync(near, agent);

            near.Ip("addr add 10.6.0.9/24 dev eth0");
            near.Ip("addr del 10.6.0.2/24 dev eth0");
            // Janus does not always find a path after it has said yes: then the connection is made anew.
            await Wait.UntilAsync(() => server.Log.Contains("Performing ICE restart", StringComparison.Ordinal), () => $"{agent.Log}\n{server.Log}", seconds: 30);
            await MustSendAsync(near, agent);
            await MustBecomeAsync(agent, "sfu", "publishing", server);
            await agent.StopAsync();
        }
        finally
        {
            near.Delete();
            far.Delete();
        }
    }

    /// <summary>Something like a picture leaves the device, and something comes back, which it would not without a path.</summary>
    private static async Task MustSendAsync(NetNamespace device, AgentProcess agent)
    {
        long Count(string what) => long.Parse(device.Run($"cat /sys/class/net/eth0/statistics/{what}"), System.Globalization.CultureInfo.InvariantCulture);
        var (sent, received) = (Count("tx_bytes"), Count("rx_packets"));
        await Wait.UntilAsync(() => Count("tx_bytes") > sent + 300_000 && Count("rx_packets") > received + 5, () => agent.Log, seconds: 20);
    }

    private static async Task MustBeWatchedAsync(MediaServer server)
    {
        var watched = (await Driver.RunAsync("sfu-watch-chromium.mjs", s_limit, ["--ws", server.WebSocket, "--seconds", Workplace.IsSoak ? "30" : "2"])).MustBeOk();
        watched.Must(watched.Number("width") == 1280 && watched.Flag("rising") && watched.Number("read") > 20, "pictures should move");
        if (Workplace.IsSoak) // over two seconds one hiccup of a busy machine says nothing
            watched.Must(watched.Number("missingPercent") < 5, "few frames should be missing");
    }

    /// <returns>The detail.</returns>
    private static async Task<string> MustBecomeAsync(AgentProcess agent, string output, string state, MediaServer server)
    {
        JsonNode? seen = null;
        for (var end = DateTime.UtcNow + s_limit; DateTime.UtcNow < end; await Task.Delay(100))
        {
            seen = (await agent.GetHealthAsync())["outputs"]!.AsArray().Single(known => known!["name"]!.GetValue<string>() == output);
            if (seen!["state"]!.GetValue<string>() == state)
                return seen["detail"]?.GetValue<string>() ?? "";
        }

        throw new Xunit.Sdk.XunitException($"{output} is not {state}: {seen?.ToJsonString()}\n{agent.Log}\n{server.Log}");
    }

    private Task<AgentProcess> StartAgentAsync(params (string Name, string To)[] outputs) => StartAgentAsync(null, outputs);

    private Task<AgentProcess> StartAgentAsync(NetNamespace? inside, params (string Name, string To)[] outputs) => AgentProcess.StartAsync(new(Namespace: inside, Adjust: configuration =>
        configuration["publish"] = new JsonArray([.. outputs.Select(output => (JsonNode)new JsonObject
        {
            ["name"] = output.Name, ["camera"] = "cam0", ["to"] = output.To, ["bearerTokenFile"] = _tokenFile, ["allowPlaintext"] = true,
        })])));
}
