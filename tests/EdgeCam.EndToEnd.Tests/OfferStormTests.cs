using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>A thousand good offers in ten seconds to one device: its limits hold, who watches loses nothing, and who comes afterwards is let in.</summary>
public sealed class OfferStormTests(ITestOutputHelper output)
{
    private const int MaxViewers = 64; // as configured by default
    private const int MaxGrowthKilobytes = 96 * 1024; // for 60 connections that are waited for, and what was answered before the collector came

    private static readonly int s_watchers = Workplace.IsSoak ? 8 : 3;
    private static readonly int s_offers = Workplace.IsSoak ? 1000 : 400;
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(s_offers / 100);

    [Fact]
    public async Task A_thousand_good_offers_in_ten_seconds_cost_those_who_watch_nothing_and_keep_nobody_out()
    {
        Workplace.Need(Tool.Mosquitto);
        await using var broker = new Mosquitto();
        await broker.StartAsync();
        await using var storm = new OfferStorm();
        var drops = new DropLog();
        await using var agent = await AgentProcess.StartAsync(
            new(Width: 640, Height: 360, Bitrate: 600_000, Broker: $"mqtt://127.0.0.1:{broker.Port}", Access: "tokens", Adjust: content => content["security"]!["issuers"] = storm.Issuers), drops.Read);
        await storm.ConnectAsync(agent);
        using var http = await agent.HttpWithTokenAsync(TimeSpan.FromSeconds(10));
        var watchers = new List<LoadViewer>();
        try
        {
            for (var i = 0; i < s_watchers; i++)
                watchers.Add(await LoadViewer.JoinAsync(agent.Whep(), http));
            foreach (var watcher in watchers)
                await watcher.WaitForPictureAsync(TimeSpan.FromSeconds(20));
            await storm.BlowAsync(40, TimeSpan.FromSeconds(1)); // code is compiled, pools are filled
            var (before, pictures, began) = (ProcessUse.Of(agent.Id), watchers.ConvertAll(static watcher => watcher.Pictures), Stopwatch.StartNew());

            using var over = new CancellationTokenSource();
            var counting = MostViewersAsync(agent, over.Token);
            await storm.BlowAsync(s_offers, s_length);
            var (took, after) = (began.Elapsed, ProcessUse.Of(agent.Id));
            var seconds = await LetInAsync(storm, agent);
            await over.CancelAsync();
            var most = await counting;
            var lasted = began.Elapsed.TotalSeconds;
            var seen = watchers.Select((watcher, i) => watcher.Pictures - pictures[i]).ToList();
            var (crowd, greedy) = (storm.Answers(ofCrowd: true), storm.Answers(ofCrowd: false));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{s_offers} offers in {took.TotalSeconds:F1} s: at most {most} viewers; pictures/s of those who watched {string.Join(' ', seen.Select(count => (count / lasted).ToString("F1", CultureInfo.InvariantCulture)))}; {before} -> {after}; afterwards a stranger was answered within {seconds.Answered:F2} s and saw a picture after {seconds.Pictured:F2} s"));
            output.WriteLine($"of many: {Told(crowd)}\nof one: {Told(greedy)}\ndropped: {drops}");

            Assert.InRange(most, s_watchers + 1, MaxViewers);
            Assert.True(greedy.GetValueOrDefault("answer") <= 120 + (int)(lasted * 2) + 20, Told(greedy)); // peers.offersPerMinute
            Assert.All(crowd.Keys.Concat(greedy.Keys), static words => Assert.True(words == "answer" || words.StartsWith("429", StringComparison.Ordinal), words));
            Assert.True(crowd.GetValueOrDefault("answer") >= MaxViewers - s_watchers - 20, Told(crowd));
            Assert.True(after.ResidentKilobytes <= before.ResidentKilobytes + MaxGrowthKilobytes, $"memory: {before} -> {after}");
            Assert.True(seconds.Answered < 2, $"answered after {seconds.Answered} s");
            await Wait.UntilAsync(() => watchers.TrueForAll(static watcher => watcher.Missing == 0), "no packet is missing");
            Assert.All(watchers, static watcher => Assert.Equal((null, 0), (watcher.Failure, watcher.Repaired)));
            Assert.True(seen.Max() - seen.Min() <= 2, string.Join(' ', seen)); // each saw every picture that there was
            Assert.True(seen.Min() >= lasted * (Workplace.IsSoak ? 25 : 10), $"{seen.Min()} pictures in {lasted} s");
            foreach (var stage in new[] { "FanOut: QueueFull", "FanOut: WaitingForIdr", "Pace: SlowReceiver", "Route: Fault", "Signaling: Fault", "Signaling: QueueFull" })
                Assert.Equal((stage, 0), (stage, drops[stage]));
            Assert.DoesNotContain("fault of ours", agent.Log, StringComparison.Ordinal);
        }
        finally
        {
            watchers.ForEach(static watcher => watcher.Dispose());
        }

        await agent.StopAsync();
    }

    private static string Told(IReadOnlyDictionary<string, int> answers) => string.Join("; ", answers.OrderByDescending(static answer => answer.Value).Select(static answer => $"{answer.Value} × {answer.Key}"));

    /// <summary>The most that it had at one time, as its page of health says.</summary>
    private static async Task<int> MostViewersAsync(AgentProcess agent, CancellationToken over)
    {
        var most = 0;
        while (!over.IsCancellationRequested)
        {
            most = Math.Max(most, (await agent.GetHealthAsync())["viewers"]!.GetValue<int>());
            await Task.Delay(100, CancellationToken.None);
        }

        return most;
    }

    /// <summary>Somebody with a token of his own, who offers as a page does: again after half a second where the device has no room.</summary>
    private static async Task<(double Answered, double Pictured)> LetInAsync(OfferStorm storm, AgentProcess agent)
    {
        await using var client = await storm.ConnectAsync("stranger");
        using var holder = storm.CreateHolder();
        using var viewer = new SocketLoop(static _ => { }, new(IPAddress.Loopback, 0));
        var began = Stopwatch.StartNew();
        for (var attempt = 1; ; attempt++)
        {
            client.Received.Clear();
            await storm.OfferAsync(client, "stranger", $"stranger-{attempt}", holder, viewer.Ask(static inside => inside.Offer));
            await Wait.UntilAsync(() => !client.Received.IsEmpty, "an answer");
            var answer = JsonNode.Parse(client.Received.First().Text)!;
            if (answer["type"]!.GetValue<string>() == "answer")
            {
                var answered = began.Elapsed.TotalSeconds;
                viewer.HandleAnswer(answer["sdp"]!.GetValue<string>());
                await Wait.UntilAsync(() => viewer.Ask(static inside => inside.Video.IdrCount) > 0, "the picture");
                return (answered, began.Elapsed.TotalSeconds);
            }

            Assert.True(attempt < 10 && answer["code"]?.GetValue<int>() == 429, answer.ToJsonString());
            await Task.Delay(500);
        }
    }
}
