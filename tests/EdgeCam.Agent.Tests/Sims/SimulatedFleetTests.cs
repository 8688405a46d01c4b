using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Management.Update;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Settings;
using EdgeCam.Sims.Common;
using EdgeCam.Sims.Fleet;
using EdgeCam.Sims.Fleet.Model;

namespace EdgeCam.Agent.Tests.Sims;

/// <summary>A device of the simulated fleet says what the agent says, in the agent's form, at the agent's times.</summary>
public sealed class SimulatedFleetTests
{
    private const string TenSeconds = "telemetry.periodSeconds";

    [Fact]
    public void What_it_reports_is_what_the_agent_would_have_written()
    {
        var rig = SimulatedFleetRig.Connected(UpdateFate.Good, "--cameras", "2");
        MustBe<StatusMessage>(rig, "status", ManagementJson.Default.StatusMessage);
        MustBe<TelemetryMessage>(rig, "telemetry", ManagementJson.Default.TelemetryMessage);
        Assert.Equal(Encoding.UTF8.GetString(rig.Agent.Will), Again(Encoding.UTF8.GetString(rig.Agent.Will), ManagementJson.Default.StatusMessage));
        rig.Result("update.install", Order("0.2.0"));
        rig.Run(TimeSpan.FromSeconds(40));
        MustBe<UpdateEvent>(rig, "event/update", UpdateJson.Default.UpdateEvent);
        var report = rig.Result("update.check").ToJsonString();
        Assert.Equal(report, Again(report, UpdateJson.Default.UpdateReport));

        var keys = ConfigurationKeys.All.Select(static key => key.Path).ToHashSet();
        Assert.All(Paths(rig.On("config/reported")[^1]["values"]!, ""), path => Assert.Contains(path, keys));
    }

    [Fact]
    public void Its_topics_are_the_agents()
    {
        var (ours, theirs) = (new AgentTopics("a/b", "porch"), new MqttTopics("a/b", "porch"));
        Assert.Equal([theirs.Status, theirs.ToDeviceFilter, theirs.RpcRequestFilter, theirs.ConfigDesired], ours.Filters.Select(static filter => filter.Filter));
        Assert.Equal(
            [theirs.Telemetry, theirs.ConfigReported, theirs.Event("update"), theirs.ToViewerOf("ann", "session-1")], [ours.Telemetry, ours.Reported, ours.Event("update"), ours.ToViewer("ann", "session-1")]);
        foreach (var asked in new[] { null, "a/b/porch/rpc/op/response/7", "a/b/porch/rpc/other/x", "a/b/porch/rpc/op/request", "a/b/porch/rpc/op/#" })
            Assert.Equal(theirs.RpcResponseOf("op", asked), ours.Response("op", asked));
    }

    [Fact]
    public void It_waits_for_its_broker_as_the_agent_does()
    {
        var (random, draws) = (new Random(5), new Random(6));
        for (var fleet = 0; fleet < 200; fleet++)
        {
            var seed = draws.Next();
            var (first, second) = (new Random(seed), new Random(seed));
            var (ours, theirs) = (new RetryWaits(first.NextDouble), new ReconnectPolicy(second.NextDouble));
            for (var end = 0; end < 60; end++)
            {
                var kind = (LinkEnd)random.Next((int)LinkEnd.TakenOver + 1);
                var lived = kind is LinkEnd.Closed or LinkEnd.Lost or LinkEnd.TakenOver ? TimeSpan.FromSeconds(random.Next(3) switch { 0 => 3, 1 => 40, _ => 400 }) : TimeSpan.Zero;
                var same = kind switch
                {
                    LinkEnd.NoAnswer => BrokerEndKind.Unreachable,
                    LinkEnd.NotListening => BrokerEndKind.NotListening,
                    LinkEnd.Refused => BrokerEndKind.Refused,
                    LinkEnd.Closed => BrokerEndKind.Closed,
                    LinkEnd.Lost => BrokerEndKind.Lost,
                    _ => BrokerEndKind.TakenOver,
                };
                Assert.Equal(theirs.Next(new(same, "", lived)).TotalMilliseconds, ours.Next(kind, lived).TotalMilliseconds, 1.0);
            }
        }
    }

    [Fact]
    public void After_a_connection_it_tells_status_settings_and_telemetry_and_then_telemetry_each_period()
    {
        var rig = SimulatedFleetRig.Connected();
        Assert.Equal([false, true], rig.On("status").Select(static status => status["cameras"]![0]!["state"]!.GetValue<string>() == "live"));
        Assert.Single(rig.On("config/reported"));
        Assert.Equal(2, rig.On("telemetry").Count); // at once, and when its camera is live
        rig.Run(TimeSpan.FromSeconds(300));
        Assert.InRange(rig.On("telemetry").Count, 11, 13);
        Assert.Equal(rig.On("status").Count + 1, rig.Said.Count(static said => said.IsRetained));

        var boot = rig.On("status")[^1]["bootId"]!.GetValue<string>();
        rig.Said.Clear();
        rig.Agent.Disconnected([]);
        rig.Time.Advance(TimeSpan.FromSeconds(20));
        rig.Agent.Connected();
        rig.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(["status", "config/reported", "telemetry"], rig.Said.Select(static said => string.Join('/', said.Topic.Split('/')[3..])).Order().OrderBy(static topic => topic != "status"));
        Assert.Equal(boot, rig.On("status")[0]["bootId"]!.GetValue<string>());
    }

    [Fact]
    public void A_status_that_somebody_else_left_there_is_said_again_twice_a_second_at_most()
    {
        var rig = SimulatedFleetRig.Connected();
        rig.Said.Clear();
        for (var i = 0; i < 20; i++)
        {
            rig.Send("status", "an older connection's will");
            rig.Turn();
        }

        Assert.Single(rig.On("status"));
        rig.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(2, rig.On("status").Count); // somebody wrote after that
        rig.Send("status", rig.Said.Last(static said => said.IsRetained).Text);
        rig.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(2, rig.On("status").Count); // its own comes back to it
    }

    [Fact]
    public void Settings_are_kept_by_revision_and_confirmed_after_ten_seconds_with_the_broker()
    {
        var rig = SimulatedFleetRig.Connected();
        var before = rig.Result("config.get")["revision"]!.GetValue<string>();
        var harmless = rig.Result("config.set", Patch("""{"peers":{"maxViewers":8}}"""));
        Assert.Equal(("confirmed", "peers.maxViewers"), (harmless["state"]!.GetValue<string>(), harmless["changed"]![0]!.GetValue<string>()));

        var stale = Patch("""{"telemetry":{"periodSeconds":10}}""");
        stale["revision"] = before;
        Assert.Equal(-32010, rig.Call("config.set", stale)["error"]!["code"]!.GetValue<int>());
        Assert.Equal("dryRun", rig.Result("config.set", new JsonObject { ["patch"] = JsonNode.Parse("""{"log":{"format":"json"}}"""), ["dryRun"] = true })["state"]!.GetValue<string>());
        Assert.Equal("trial", rig.Result("config.set", Patch("""{"telemetry":{"periodSeconds":10}}"""))["state"]!.GetValue<string>());
        Assert.Equal(-32011, rig.Call("config.set", Patch("""{"log":{"level":"debug"}}"""))["error"]!["code"]!.GetValue<int>());
        rig.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(1, rig.Restarts); // the agent begins anew by it
        Assert.Equal(["confirmed", "trial", "confirmed"], rig.On("event/config").Select(static told => told["state"]!.GetValue<string>()));
        var reported = rig.On("config/reported")[^1];
        Assert.Equal((8, 10, "confirmed"), (reported["values"]!["peers"]!["maxViewers"]!.GetValue<int>(), reported["values"]!["telemetry"]!["periodSeconds"]!.GetValue<int>(), reported["state"]!.GetValue<string>()));
        Assert.Equal(["peers.maxViewers", TenSeconds], reported["remote"]!.AsArray().Select(static key => key!.GetValue<string>()).Order());

        rig.Result("config.set", Patch("""{"telemetry":null,"peers":{"maxViewers":null}}"""));
        Assert.Equal(64, rig.Result("config.get")["values"]!["peers"]!["maxViewers"]!.GetValue<int>());
    }

    [Fact]
    public void Settings_that_are_wrong_are_refused_with_every_mistake_and_secrets_are_not_told()
    {
        var rig = SimulatedFleetRig.Connected();
        var error = rig.Call("config.set", Patch("""{"telemetry":{"periodSeconds":"often"},"foo":1,"http":{"bind":"0.0.0.0:80"}}"""))["error"]!;
        Assert.Equal(["telemetry.periodSeconds", "foo", "http"], error["data"]!["mistakes"]!.AsArray().Select(static mistake => mistake!["key"]!.GetValue<string>()));
        rig.Result("config.set", Patch("""{"mqtt":{"password":"hush","username":"porch"}}"""));
        rig.Run(TimeSpan.FromSeconds(15));
        Assert.True(rig.On("config/reported")[^1]["secrets"]!["mqtt.password"]!.GetValue<bool>());
        Assert.DoesNotContain(rig.Said, static said => said.Text.Contains("hush", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_desired_configuration_is_taken_once_and_its_outcome_reported(bool isSigned)
    {
        var rig = SimulatedFleetRig.Connected();
        var document = new JsonObject { ["config"] = JsonNode.Parse("""{"peers":{"maxViewers":9}}""") };
        var text = isSigned ? SimulatedFleetRig.Jws(document) : document.ToJsonString();
        for (var i = 0; i < 3; i++)
        {
            rig.Send("config/desired", text);
            rig.Run(TimeSpan.FromSeconds(1));
        }

        Assert.Single(rig.On("event/config"));
        var reported = rig.On("config/reported")[^1];
        Assert.Equal((9, "applied"), (reported["values"]!["peers"]!["maxViewers"]!.GetValue<int>(), reported["desired"]!["state"]!.GetValue<string>()));
        rig.Send("config/desired", "nonsense");
        rig.Run(TimeSpan.FromSeconds(1));
        Assert.Equal("refused", rig.On("config/reported")[^1]["desired"]!["state"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(UpdateFate.Good, "confirmed", null, "0.2.0", 1)]
    [InlineData(UpdateFate.WrongHash, "refused", "wrongHash", "0.1.0", 0)]
    [InlineData(UpdateFate.NotHealthy, "rolledBack", "notHealthy", "0.1.0", 2)]
    internal void An_update_goes_its_way_over_some_seconds_and_ends_as_the_device_is_made(UpdateFate fate, string end, string? reason, string version, int restarts)
    {
        var rig = SimulatedFleetRig.Connected(fate);
        Assert.Equal("downloading", rig.Result("update.install", Order("0.2.0"))["state"]!.GetValue<string>());
        Assert.Equal("busy", Reason(rig.Call("update.install", Order("0.3.0"))));
        rig.Run(TimeSpan.FromSeconds(40));
        var told = rig.On("event/update");
        Assert.Equal((end, reason), (told[^1]["state"]!.GetValue<string>(), told[^1]["reason"]?.GetValue<string>()));
        Assert.True(told.Count(static one => one["state"]!.GetValue<string>() == "downloading") >= 3);
        Assert.Equal(restarts, rig.Restarts);
        Assert.Equal(version, rig.On("status")[^1]["version"]!.GetValue<string>());
        Assert.Equal(end, rig.Result("update.check")["lastResult"]!["state"]!.GetValue<string>());
    }

    [Fact]
    public void An_update_that_is_none_for_it_is_refused_by_name()
    {
        var rig = SimulatedFleetRig.Connected();
        Assert.Equal("badManifest", Reason(rig.Call("update.install", new() { ["url"] = "https://x/y", ["manifest"] = "nonsense" })));
        Assert.Equal("sameVersion", Reason(rig.Call("update.install", Order("0.1.0"))));
        Assert.Equal("olderVersion", Reason(rig.Call("update.install", Order("0.0.9"))));
        Assert.Equal("wrongDeviceClass", Reason(rig.Call("update.install", Order("0.2.0", "linux-x64"))));
        Assert.Equal("noSpace", Reason(SimulatedFleetRig.Connected(UpdateFate.NoSpace).Call("update.install", Order("0.2.0"))));
        Assert.Equal("tooLate", Reason(rig.Call("update.cancel")));
    }

    [Fact]
    public void A_restart_takes_it_away_and_brings_it_back_with_another_boot_id_but_not_within_a_minute_of_its_start()
    {
        var rig = SimulatedFleetRig.Connected();
        Assert.Equal(-32029, rig.Call("device.restart")["error"]!["code"]!.GetValue<int>());
        rig.Run(TimeSpan.FromSeconds(60));
        rig.Result("device.restart");
        rig.Run(TimeSpan.FromSeconds(10));
        Assert.Equal((1, "restarting"), (rig.Restarts, rig.On("event/device").Single()["kind"]!.GetValue<string>()));
        var online = rig.On("status").Select(static status => status["online"]!.GetValue<bool>()).ToList();
        Assert.Equal([true, true, false, true, true], online);
        Assert.NotEqual(rig.On("status")[0]["bootId"]!.GetValue<string>(), rig.On("status")[^1]["bootId"]!.GetValue<string>());
    }

    [Fact]
    public void Requests_come_plain_with_a_token_or_signed_and_a_signed_one_must_be_for_it_and_of_now()
    {
        var rig = SimulatedFleetRig.Connected();
        var request = """{"jsonrpc":"2.0","id":5,"method":"device.info"}""";
        JsonNode Ask(string text)
        {
            rig.Send("rpc/op/request", text);
            rig.Turn();
            return JsonNode.Parse(rig.Said[^1].Text)!;
        }

        string Signed(string device, int late) => SimulatedFleetRig.Jws(new()
        {
            ["token"] = "t", ["aud"] = device, ["iat"] = rig.Time.GetUtcNow().ToUnixTimeSeconds() - late, ["jti"] = "12345678", ["request"] = JsonNode.Parse(request),
        });
        foreach (var good in new[] { request, $$"""{"token":"t","request":{{request}}}""", Signed(rig.Agent.Id, 20) })
            Assert.Equal(rig.Agent.Id, Ask(good)["result"]!["id"]!.GetValue<string>());
        Assert.Contains("another device", Ask(Signed("other", 0))["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("not of this moment", Ask(Signed(rig.Agent.Id, 31))["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("damaged", Ask("no request")["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(-32601, rig.Call("ptz.stop")["error"]!["code"]!.GetValue<int>());
        Assert.Equal(2, Ask($"[{request},{request}]").AsArray().Count);
        Assert.NotEmpty(rig.Result("log.tail")["lines"]!.AsArray());
        Assert.NotNull(rig.Result("device.health")["temperatureCelsius"]);
    }

    [Fact]
    public void Viewers_are_greeted_and_told_that_there_is_no_picture()
    {
        var rig = SimulatedFleetRig.Connected();
        rig.Send("session/ann/session-0001/to-device", """{"v":1,"type":"hello","seq":1}""");
        rig.Send("session/ann/session-0001/to-device", """{"v":1,"type":"offer","seq":2,"sdp":"v=0"}""");
        rig.Turn();
        var said = rig.On("session/ann/session-0001/to-viewer");
        Assert.Equal(("welcome", 480, 2), (said[0]["type"]!.GetValue<string>(), said[1]["code"]!.GetValue<int>(), said[1]["re"]!.GetValue<int>()));
        Assert.Contains("simulated", said[1]["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_broker_has_not_taken_comes_again_while_it_is_of_use_and_is_counted_where_it_is_not()
    {
        var rig = SimulatedFleetRig.Connected();
        rig.Send("rpc/op/request", """{"jsonrpc":"2.0","id":1,"method":"config.set","params":{"patch":{"peers":{"maxViewers":7}}}}""");
        rig.Agent.Advance();
        List<AgentMessage> unsent = [];
        while (rig.Agent.TryTake(out var message, out _))
            unsent.Add(message);
        rig.Agent.Disconnected(unsent);
        rig.Time.Advance(TimeSpan.FromSeconds(31));
        rig.Said.Clear();
        rig.Agent.Connected();
        rig.Turn();
        Assert.Single(rig.On("event/config"));
        Assert.Empty(rig.On("rpc/op/response")); // nobody waits any more
        Assert.Equal((1, 0), (rig.Agent.TakeGivenUp(), rig.Agent.TakeGivenUp()));
    }

    [Theory]
    [InlineData("--broker is required", "--devices", "5")]
    [InlineData("'--broker'", "--broker", "wss://broker.example")]
    [InlineData("'--broker'", "--broker", "mqtt://broker.example/path")]
    [InlineData("'--ca'", "--broker", "mqtt://broker.example", "--ca", "ca.pem")]
    [InlineData("needs '--username'", "--broker", "mqtt://broker.example", "--password-file", "p")]
    [InlineData("'--name-prefix'", "--broker", "mqtt://broker.example", "--name-prefix", "Sim")]
    [InlineData("'--prefix'", "--broker", "mqtt://broker.example", "--prefix", "a/b/c/d")]
    [InlineData("1 to 50000", "--broker", "mqtt://broker.example", "--devices", "50001")]
    public void A_command_line_with_a_mistake_is_told_what_is_wrong(string words, params string[] arguments)
    {
        var mistake = Assert.Throws<FormatException>(() => FleetOptions.Read(Options.Parse(arguments, FleetOptions.Names, [])));
        Assert.Contains(words.Replace("--broker is", "'--broker' is", StringComparison.Ordinal), mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_devices_than_it_may_have_files_are_refused_with_the_remedy()
    {
        string[] limits = ["Limit                     Soft Limit           Hard Limit           Units", "Max open files            1024                 4096                 files"];
        Assert.Contains("ulimit -n 2200", Assert.Throws<FormatException>(() => OpenFiles.MustAllow(2000, limits)).Message, StringComparison.Ordinal);
        OpenFiles.MustAllow(800, limits);
    }

    private static JsonObject Patch(string json) => new() { ["patch"] = JsonNode.Parse(json) };

    private static JsonObject Order(string version, string deviceClass = "linux-arm64") => new()
    {
        ["url"] = "https://updates.example/edgecam.tar.gz", ["manifest"] = SimulatedFleetRig.Jws(new() { ["v"] = 1, ["product"] = "edgecam", ["version"] = version, ["deviceClass"] = deviceClass, ["size"] = 20_000_000 }),
    };

    private static string Reason(JsonNode answer) => answer["error"]!["message"]!.GetValue<string>().Split('(', ')')[1];

    private static string Again<T>(string text, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) => JsonSerializer.Serialize(JsonSerializer.Deserialize(text, type)!, type);

    private static void MustBe<T>(SimulatedFleetRig rig, string topic, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        var said = rig.Said.Where(said => said.Topic.EndsWith($"/{topic}", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(said);
        Assert.All(said, one => Assert.Equal(one.Text, Again(one.Text, type)));
    }

    private static IEnumerable<string> Paths(JsonNode node, string where) => node switch
    {
        JsonObject section => section.SelectMany(member => member.Value is JsonObject or JsonArray
            ? Paths(member.Value, where.Length == 0 ? member.Key : $"{where}.{member.Key}")
            : [where.Length == 0 ? member.Key : $"{where}.{member.Key}"]),
        JsonArray list when list.Count > 0 && list[0] is JsonObject => list.SelectMany(element => Paths(element!, $"{where}[]")),
        _ => [where],
    };
}
