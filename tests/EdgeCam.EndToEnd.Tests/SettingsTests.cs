using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Settings;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>Settings over MQTT, of a real process that is killed and cut off.</summary>
public sealed class SettingsTests(ITestOutputHelper output)
{
    private const string Answered = "after the answer";

    private static readonly TimeSpan s_longestStart = TimeSpan.FromSeconds(5); // of a processor: how much of one it gets is not its affair

    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("EDGECAM_KILLS"), out var kills) ? kills : Workplace.IsSoak ? 1000 : 10;

    /// <summary>
    /// SIGKILL in the moment in which a setting is being written, from when its draft is there until some time after the answer would be: what
    /// is there afterwards is what was acknowledged last or the one after it, never a mix of two, and the agent starts by it. Several at a
    /// time, for a start waits for more than for a processor.
    /// </summary>
    [Fact]
    public async Task Killed_while_it_writes_it_has_the_old_settings_or_the_new_ones()
    {
        Workplace.Need(Tool.Mosquitto);
        await using var broker = new Mosquitto();
        await broker.StartAsync();
        var seed = Environment.TickCount;
        var lanes = Math.Min(Kills, Workplace.IsSoak ? 3 : 2);
        var lives = await Task.WhenAll(Enumerable.Range(0, lanes).Select(lane => Task.Run(() => KillAsync(broker.Port, lane, (Kills + lane) / lanes, new Random(seed + lane)))));
        var all = lives.SelectMany(static lane => lane).ToList();
        Assert.Equal(Kills, all.Count);
        var slowest = all.Max(static life => life.Start);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"seed {seed}, {all.Count} kills: {string.Join(", ", all.CountBy(static life => life.End).OrderByDescending(static end => end.Value).Select(static end => $"{end.Value} {end.Key}"))}; the dearest start took {slowest.TotalSeconds:0.0} s of a processor"));
        Assert.True(slowest < s_longestStart, $"a start took {slowest.TotalSeconds:0.0} s of a processor");
        if (all.Count >= 100) // of a few on a busy machine chance decides
            Assert.True(all.Count(static life => life.End != Answered) > all.Count / 2, "most kills should hit the write itself");
    }

    /// <summary>One agent after another, by one operator's file.</summary>
    private static async Task<IReadOnlyList<Life>> KillAsync(int broker, int lane, int kills, Random random)
    {
        using var place = new ConfiguredPlace(broker, $"dev{lane}");
        List<Life> lives = [];
        var (number, window) = (ConfiguredPlace.First, TimeSpan.FromMilliseconds(50));
        for (var kill = 0; kill < kills; kill++)
        {
            await using var agent = ChildProcess.Start(Workplace.Agent, ["run", "--config", place.File]);
            await using var client = await place.ConnectAsync(agent);
            var told = await place.CallAsync(client, agent, "config.get");
            var start = await UsedAsync(agent.Id);
            Assert.Equal(number, ConfiguredPlace.NumberOf(told["values"]!));
            var isTrial = kill % 4 == 3; // a setting that goes by a trial, too
            for (var quiet = random.Next(1, 4); quiet > 0; quiet--)
            {
                var began = Stopwatch.GetTimestamp();
                var answer = await place.CallAsync(client, agent, "config.set", new() { ["patch"] = ConfiguredPlace.Patch(number + 1) }, CancellationToken.None);
                Assert.True(answer is not null && answer["code"] is null, $"kill {kill}: {answer?.ToJsonString()}\n{agent.Log}");
                window = Stopwatch.GetElapsedTime(began) is var took && took < window ? took : window; // as long as a write takes here, with its way to and fro
                number++;
            }

            place.RemoveDrafts(); // those of the life before
            var patch = ConfiguredPlace.Patch(number + 1);
            if (isTrial)
                patch["device"] = new JsonObject { ["name"] = $"Porch {number}" };
            bool acknowledged;
            using (KillWhenDrafted(place, agent, Math.Pow(random.NextDouble(), 2) * window))
                acknowledged = await place.CallAsync(client, agent, "config.set", new() { ["patch"] = patch }, CancellationToken.None) is { } said && said["code"] is null;
            agent.Kill(); // where the draft was gone before anybody had a processor to see it
            Assert.True(await agent.WaitForExitAsync(TimeSpan.FromSeconds(10)));

            var found = LayeredConfiguration.Load(place.File);
            Assert.True(found.Options is not null && found.RemoteMistakes.Count == 0, $"kill {kill}: {string.Join('\n', found.Mistakes.Concat(found.RemoteMistakes))}\n{agent.Log}");
            var before = number;
            number = ConfiguredPlace.NumberOf(EffectiveConfiguration.Values(found.Options));
            Assert.True(number == before + 1 || (number == before && !acknowledged), $"kill {kill}: {number}, where {before} was acknowledged, and the next one {(acknowledged ? "too" : "not")}\n{agent.Log}");
            lives.Add(new(start, acknowledged ? Answered : place.HasDraft ? "with a draft" : number > before ? "written and not answered" : "with neither"));
            if (kill == 0)
                Assert.Equal(0, await RunAsync("check", "--origins", "--config", place.File));
            if (found.Layer == SettingsLayer.Trial)
            {
                var keeper = new SettingsKeeper(place.File, TimeProvider.System); // as a start does
                Assert.Equal((1, number), (keeper.Trial!.Starts, ConfiguredPlace.NumberOf(EffectiveConfiguration.Values(keeper.Options))));
                keeper.Confirm();
            }

            if (number > 900)
                number = place.Reset();
        }

        return lives;
    }

    /// <summary>The kernel says when the draft is there (inotify(7)): whoever waits for that is awake within microseconds, and on a busy machine sooner than one who looks without a pause.</summary>
    private static FileSystemWatcher KillWhenDrafted(ConfiguredPlace place, ChildProcess agent, TimeSpan after)
    {
        var watcher = new FileSystemWatcher(place.State, "*.draft") { NotifyFilter = NotifyFilters.FileName };
        watcher.Created += (_, _) =>
        {
            for (var drafted = Stopwatch.StartNew(); drafted.Elapsed < after;)
                Thread.SpinWait(10);
            agent.Kill();
        };
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    /// <summary>Of two who have seen the same, one is taken and the other told so, each time.</summary>
    [Fact]
    public async Task Of_two_writers_with_one_revision_one_wins_and_the_other_is_told()
    {
        Workplace.Need(Tool.Mosquitto);
        await using var broker = new Mosquitto();
        await broker.StartAsync();
        using var place = new ConfiguredPlace(broker.Port, "dev");
        await using var agent = ChildProcess.Start(Workplace.Agent, ["run", "--config", place.File]);
        await using var ann = await place.ConnectAsync(agent, "ann");
        await using var bob = await place.ConnectAsync(agent, "bob");
        var (revision, wins) = ((await place.CallAsync(ann, agent, "config.get"))["revision"]!.GetValue<string>(), new Dictionary<string, int>());
        for (var round = 0; round < (Workplace.IsSoak ? 300 : 20); round++)
        {
            var number = ConfiguredPlace.First + 1 + (2 * round);
            var answers = round % 2 == 0
                ? await Task.WhenAll(SetAsync(ann, "ann", number), SetAsync(bob, "bob", number + 1))
                : await Task.WhenAll(SetAsync(bob, "bob", number + 1), SetAsync(ann, "ann", number));
            var (won, lost) = answers[0].Answer["code"] is null ? (answers[0], answers[1]) : (answers[1], answers[0]);
            Assert.Equal(("confirmed", -32010), (won.Answer["state"]?.GetValue<string>(), lost.Answer["code"]?.GetValue<int>()));
            revision = won.Answer["revision"]!.GetValue<string>();
            Assert.Equal(revision, lost.Answer["data"]!["revision"]!.GetValue<string>());
            Assert.Equal(won.Number, ConfiguredPlace.NumberOf((await place.CallAsync(ann, agent, "config.get"))["values"]!));
            wins[won.Who] = wins.GetValueOrDefault(won.Who) + 1;
            await Task.Delay(100, TestContext.Current.CancellationToken); // a client has 20 requests a second
        }

        output.WriteLine(string.Join(", ", wins.Select(static win => $"{win.Key} won {win.Value} times")));

        async Task<(string Who, int Number, JsonNode Answer)> SetAsync(TestClient client, string who, int number)
        {
            var answer = await place.CallAsync(client, agent, "config.set", new() { ["patch"] = ConfiguredPlace.Patch(number), ["revision"] = revision }, CancellationToken.None, who);
            Assert.True(answer is not null, agent.Log);
            return (who, number, answer);
        }
    }

    /// <summary>The real five minutes, with a viewer's stream going on.</summary>
    [Fact]
    public async Task A_setting_that_cuts_it_off_is_rolled_back_within_five_minutes()
    {
        Assert.SkipUnless(Workplace.IsSoak, "takes five minutes: run.sh --soak Settings");
        Workplace.Need(Tool.Mosquitto);
        await using var broker = new Mosquitto();
        await broker.StartAsync();
        await using var agent = await AgentProcess.StartAsync(new(Broker: $"mqtt://127.0.0.1:{broker.Port}", Access: "open"));
        using var viewer = await LoadViewer.JoinAsync(agent.Whep());
        await viewer.WaitForPictureAsync(TimeSpan.FromSeconds(20));
        await using var ann = await TestClient.ConnectAsync(broker.Port, "ann");
        await ann.SubscribeAsync("edgecam/v1/e2e/event/config");
        var began = Stopwatch.StartNew();
        await ann.PublishAsync("edgecam/v1/e2e/rpc/ann/request", $$$$$"""{"jsonrpc":"2.0","id":1,"method":"config.set","params":{"patch":{"mqtt":{"broker":"mqtt://127.0.0.1:{{{{{FreePort.Tcp()}}}}}"}}}}""");
        while (!ann.Received.Any(message => message.Text.Contains("rolledBack", StringComparison.Ordinal)))
        {
            Assert.True(began.Elapsed < TimeSpan.FromSeconds(300), $"not rolled back and told within five minutes\n{agent.Log}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.InRange(began.Elapsed.TotalSeconds, 240, 300);
        var packets = viewer.Packets; // on a busy machine one may be lost for good, and this viewer's pictures stand then
        await Wait.UntilAsync(() => viewer.Packets > packets + 100, "the stream goes on", seconds: 60);
        Assert.Null(viewer.Failure);
        await agent.StopAsync();
    }

    /// <summary>What a process has had of a processor so far (proc(5): fields 14 and 15 of stat, in hundredths of a second).</summary>
    private static async Task<TimeSpan> UsedAsync(int process)
    {
        var status = await File.ReadAllTextAsync($"/proc/{process}/stat");
        var fields = status[(status.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromMilliseconds(10 * (int.Parse(fields[11], CultureInfo.InvariantCulture) + int.Parse(fields[12], CultureInfo.InvariantCulture)));
    }

    private static async Task<int> RunAsync(params string[] arguments)
    {
        await using var process = ChildProcess.Start(Workplace.Agent, arguments);
        Assert.True(await process.WaitForExitAsync(TimeSpan.FromSeconds(20)));
        Assert.True(process.ExitCode == 0, process.Log);
        return process.ExitCode;
    }

    /// <summary>How an agent's life went.</summary>
    /// <param name="Start">What the start took of a processor.</param>
    /// <param name="End">Where the kill met it.</param>
    private sealed record Life(TimeSpan Start, string End);
}
