using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Bad messages at the broker and bad datagrams at the media port, beside a viewer that must not notice.</summary>
public sealed class HostileTests(ITestOutputHelper output)
{
    private const double PerSecond = 100;
    private const int MaxGrowthKilobytes = 32 * 1024;
    private const int MaxLateAnswers = 10;
    private const string UnknownViewer = "FeedBack: UnknownViewer";

    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(Workplace.IsSoak ? 300 : 10);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Bad_messages_and_datagrams_are_counted_and_answered_and_cost_the_viewer_no_picture(bool embeddedBroker)
    {
        await using var mosquitto = new Mosquitto();
        if (!embeddedBroker)
        {
            Workplace.Need(Tool.Mosquitto);
            await mosquitto.StartAsync();
        }

        var drops = new DropLog();
        await using var agent = await AgentProcess.StartAsync(
            new(Broker: embeddedBroker ? null : $"mqtt://127.0.0.1:{mosquitto.Port}", Adjust: static content => content["peers"]!["offersPerMinute"] = 6000), drops.Read); // each is to be read
        using var viewer = await LoadViewer.JoinAsync(agent.Whep());
        await viewer.WaitForPictureAsync(TimeSpan.FromSeconds(10));
        using var datagrams = new HostileDatagrams(viewer.Answer);
        await using var mallory = await HostileClient.ConnectAsync(agent, "mallory", embeddedBroker); // two, as each may send 100 a second
        await using var mallet = await HostileClient.ConnectAsync(agent, "mallet", embeddedBroker);
        await using var alice = await TestClient.ConnectAsync(new Uri(agent.Broker).Port, "alice");
        await alice.SubscribeAsync($"edgecam/v1/{agent.Device}/session/alice/+/to-viewer");
        Task AttackAsync(TimeSpan length) =>
            Task.WhenAll(mallory.AttackAsync(PerSecond / 2, length), mallet.AttackAsync(PerSecond / 2, length), datagrams.AttackAsync(PerSecond, length));

        await AttackAsync(s_warmUp); // code is compiled, pools are filled
        var (before, pictures, began) = (ProcessUse.Of(agent.Id), viewer.Pictures, LoadViewer.Now);
        var attack = AttackAsync(s_length);
        await MustBeServedAsync(alice, agent); // an honest client in the midst of it
        await attack;
        var (after, seen, seconds) = (ProcessUse.Of(agent.Id), viewer.Pictures - pictures, (LoadViewer.Now - began).TotalSeconds);

        HostileClient[] clients = [mallory, mallet];
        var expected = clients.SelectMany(client => client.Counted).GroupBy(count => $"Signaling: {count.Key}", count => count.Value)
            .ToDictionary(group => group.Key, group => (long)group.Sum());
        expected[UnknownViewer] = datagrams.Unknown;
        expected["FeedBack: Unauthenticated"] = datagrams.Unauthenticated;
        foreach (var (reason, count) in expected)
            await Wait.UntilAsync(() => drops[reason] >= count && drops[reason] <= count + Late(reason), () => $"{count} × {reason}; counted are {drops}");
        foreach (var client in clients)
        {
            await Wait.UntilAsync(() => client.Answers().Values.Sum() == client.Codes.Values.Sum() + client.Welcomes, "every answer");
            Assert.Equal(client.Codes.Append(new(-1, client.Welcomes)).OrderBy(code => code.Key), client.Answers().OrderBy(code => code.Key));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{mallory.Sent + mallet.Sent} messages, {datagrams.Unknown + datagrams.Unauthenticated} datagrams; {seen / seconds:F1} pictures/s; {before} -> {after}; {drops}"));
        await Wait.UntilAsync(() => viewer.Missing == 0, "no packet is missing");
        Assert.True(seen >= 20 * seconds, $"{seen} pictures in {seconds} s"); // a busy machine's camera may be slower than 30
        foreach (var stage in new[] { "FanOut: QueueFull", "FanOut: WaitingForIdr", "Pace: SlowReceiver", "Route: Fault", "Signaling: Fault", "Signaling: RateLimited" })
            Assert.Equal((stage, 0), (stage, drops[stage]));
        Assert.Equal(0, viewer.Repaired);
        Assert.Equal(1, (await agent.GetHealthAsync())["viewers"]!.GetValue<int>());
        Assert.True(after.ResidentKilobytes <= before.ResidentKilobytes + MaxGrowthKilobytes, $"memory: {before} -> {after}");
        Assert.True(after.Descriptors <= before.Descriptors, $"descriptors: {before} -> {after}");
        Assert.DoesNotContain("fault of ours", agent.Log, StringComparison.Ordinal);
        await agent.StopAsync();
    }

    [Fact]
    public async Task One_client_that_offers_and_never_connects_leaves_room_for_the_others()
    {
        await using var agent = await AgentProcess.StartAsync();
        await using var mallory = await TestClient.ConnectAsync(new Uri(agent.Broker).Port, "mallory");
        await mallory.SubscribeAsync($"edgecam/v1/{agent.Device}/session/mallory/+/to-viewer");
        using var ghost = new VirtualViewer(1, TransportAddress.FromIPv4(0x7F000001, 9), LoadViewer.Now, isRealTime: true);

        for (var i = 0; i < 36; i++)
            await mallory.PublishAsync($"edgecam/v1/{agent.Device}/session/mallory/ghost-{i:D4}/to-device", Offer(ghost.Offer));

        await Wait.UntilAsync(() => mallory.Received.Count == 36, "every offer is answered");
        var messages = mallory.Received.Select(received => JsonNode.Parse(received.Text)!).ToList();
        Assert.Equal(16, messages.Count(message => message["type"]!.GetValue<string>() == "answer"));
        Assert.Equal(20, messages.Count(message => message["code"]?.GetValue<int>() == 429));
        using var viewer = await LoadViewer.JoinAsync(agent.Whep());
        await viewer.WaitForPictureAsync(TimeSpan.FromSeconds(5));
        if (Workplace.IsSoak)
        {
            await Task.Delay(TimeSpan.FromSeconds(45)); // a connection has 30 s to come about
            Assert.Equal(1, (await agent.GetHealthAsync())["viewers"]!.GetValue<int>());
        }

        await agent.StopAsync();
    }

    private static async Task MustBeServedAsync(TestClient alice, AgentProcess agent)
    {
        using var browser = new VirtualViewer(2, TransportAddress.FromIPv4(0x7F000001, 9), LoadViewer.Now, isRealTime: true);
        var topic = $"edgecam/v1/{agent.Device}/session/alice/session-of-alice/to-device";
        await alice.PublishAsync(topic, """{"v":1,"type":"hello","seq":1}""");
        await alice.PublishAsync(topic, Offer(browser.Offer, seq: 2));
        await Wait.UntilAsync(() => alice.Received.Count == 2, "a welcome and an answer", seconds: 3);
        Assert.Equal(["welcome", "answer"], alice.Received.Select(received => JsonNode.Parse(received.Text)!["type"]!.GetValue<string>()));
        await alice.PublishAsync(topic, """{"v":1,"type":"bye","seq":3}""");
    }

    /// <summary>An honest viewer's answers to checks that were repeated meanwhile are nobody's, too.</summary>
    private static int Late(string reason) => reason == UnknownViewer ? MaxLateAnswers : 0;

    private static string Offer(string sdp, int seq = 1) => $$"""{"v":1,"type":"offer","seq":{{seq}},"sdp":{{JsonSerializer.Serialize(sdp)}}}""";
}
