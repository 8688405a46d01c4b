using System.Text.Json.Nodes;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Settings;

namespace EdgeCam.Agent.Tests.Settings;

/// <summary>Settings over MQTT: what is asked, what is done, and what is told of it.</summary>
public sealed class SettingsServiceTests : IDisposable
{
    private const string Own = """{ "mqtt": { "broker": "mqtt://one", "username": "u" }, "log": { "level": "warning" } }""";
    private const string OtherBroker = """{"mqtt":{"broker":"mqtt://two","username":null,"password":null}}""";

    private readonly SettingsScene _scene = new(Own);

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void What_is_in_force_is_told_with_its_revision()
    {
        var told = _scene.Call("config.get");
        Assert.Equal("confirmed", Text(told["state"]));
        Assert.Equal(_scene.Keeper.Revision, Text(told["revision"]));
        Assert.Equal(("warning", 64), (Text(told["values"]!["log"]!["level"]), told["values"]!["peers"]!["maxViewers"]!.GetValue<int>()));
        Assert.Empty(told["remote"]!.AsArray());
        Assert.False(told["secrets"]!["mqtt.password"]!.GetValue<bool>());
    }

    [Fact]
    public void What_cannot_cut_it_off_is_in_force_and_confirmed_at_once()
    {
        var done = _scene.Set("""{"log":{"level":"debug"}}""");

        Assert.Equal(("confirmed", """["log.level"]""", "[]"), (Text(done["state"]), done["live"]!.ToJsonString(), done["restarts"]!.ToJsonString()));
        Assert.Equal("debug", Assert.Single(_scene.Applied).Options.Log.Level);
        Assert.Equal("""{"log":{"level":"debug"}}""", File.ReadAllText(_scene.Place.Confirmed));
        _scene.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("confirmed", Text(Assert.Single(_scene.Events)["state"]));
        Assert.Equal("""["log.level"]""", _scene.Reports[^1]["remote"]!.ToJsonString());
    }

    [Fact]
    public void Patches_add_up_and_a_null_is_the_default_and_a_reset_the_operator_s()
    {
        _scene.Set("""{"log":{"level":"debug"}}""");
        _scene.Set("""{"peers":{"maxViewers":3}}""");
        Assert.Equal(("debug", 3), (_scene.Keeper.Options.Log.Level, _scene.Keeper.Options.Peers.MaxViewers));
        _scene.Set("""{"log":{"level":null}}""");
        Assert.Equal(("information", 3), (_scene.Keeper.Options.Log.Level, _scene.Keeper.Options.Peers.MaxViewers));
        _scene.Call("config.reset", """{"keys":["log.level"]}""");
        Assert.Equal(("warning", 3), (_scene.Keeper.Options.Log.Level, _scene.Keeper.Options.Peers.MaxViewers));
        _scene.Call("config.reset");
        Assert.Equal(64, _scene.Keeper.Options.Peers.MaxViewers);
        Assert.Equal("{}", File.ReadAllText(_scene.Place.Confirmed));
        Assert.Equal("log.level", Text(_scene.Call("config.reset", """{"keys":["log.level"]}""")["data"]!["mistakes"]![0]!["key"]));
    }

    [Fact]
    public void Of_two_writers_with_one_revision_one_wins_and_one_is_told()
    {
        var seen = Text(_scene.Call("config.get")["revision"]);
        var first = _scene.Call("config.set", $$$"""{"patch":{"log":{"level":"debug"}},"revision":"{{{seen}}}"}""");
        var second = _scene.Call("config.set", $$$"""{"patch":{"log":{"level":"error"}},"revision":"{{{seen}}}"}""");

        Assert.Equal("confirmed", Text(first["state"]));
        Assert.Equal((-32010, Text(first["revision"])), (second["code"]!.GetValue<int>(), Text(second["data"]!["revision"])));
        Assert.Equal("debug", _scene.Keeper.Options.Log.Level);
        Assert.Equal("confirmed", Text(_scene.Call("config.set", $$$"""{"patch":{"log":{"level":"error"}},"revision":"{{{Text(first["revision"])}}}"}""")["state"]));
    }

    [Fact]
    public void Every_mistake_is_named_and_nothing_is_written()
    {
        var refused = _scene.Set("""{"cameras":[{"name":"cam0","source":"rpicam:0","width":5,"frameRate":500}],"mqtt":{"keepAliveSeconds":1}}""");

        Assert.Equal(-32602, refused["code"]!.GetValue<int>());
        Assert.Equal(["cameras[0].frameRate", "cameras[0].width", "mqtt.keepAliveSeconds"], refused["data"]!["mistakes"]!.AsArray().Select(mistake => Text(mistake!["key"])).Order(StringComparer.Ordinal));
        Assert.All(refused["data"]!["mistakes"]!.AsArray(), mistake => Assert.NotEmpty(Text(mistake!["remedy"])));
        Assert.Empty(Directory.GetFiles(_scene.Place.State));
        Assert.Contains("is not a key", _scene.Set("""{"log":{"levle":"debug"}}""").ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("is there twice", _scene.Set("""{"log":{"level":"debug","level":"error"}}""").ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("set on the device itself only", _scene.Set("""{"security":{"access":"open"}}""").ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("patch is an object", _scene.Call("config.set", """{"patch":[]}""").ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("needs the scope manage", _scene.Call("config.set", """{"patch":{}}""", AccessScope.View).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dry_run_says_what_it_would_do()
    {
        var said = _scene.Call("config.set", $$"""{"patch":{{OtherBroker}},"dryRun":true}""");
        Assert.Equal(("dryRun", """["broker connection"]""", 270), (Text(said["state"]), said["restarts"]!.ToJsonString(), said["confirmedWithin"]!.GetValue<int>()));
        _scene.Pass(TimeSpan.FromSeconds(2));
        Assert.Empty(_scene.Applied);
        Assert.Empty(Directory.GetFiles(_scene.Place.State));
        Assert.Equal(Text(said["revision"]), Text(_scene.Set(OtherBroker)["revision"]));
    }

    [Fact]
    public void Another_broker_is_on_trial_and_confirmed_once_it_holds()
    {
        var done = _scene.Set(OtherBroker);
        Assert.Equal("trial", Text(done["state"]));
        Assert.Empty(_scene.Applied); // the answer goes by the old connection
        _scene.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(("mqtt://two", true), (Assert.Single(_scene.Applied).Options.Mqtt.Broker, _scene.Applied[0].Change.RenewsBroker));
        Assert.Equal("trial", Text(_scene.Call("config.get")["state"]));
        var refused = _scene.Set("""{"log":{"level":"debug"}}""");
        Assert.Equal(-32011, refused["code"]!.GetValue<int>());
        Assert.InRange(refused["data"]!["expiresIn"]!.GetValue<long>(), 200_000, 270_000);

        _scene.Broker = new(true, 2, null);
        _scene.Pass(TimeSpan.FromSeconds(12));

        Assert.Equal("confirmed", Text(_scene.Call("config.get")["state"]));
        Assert.Equal(["trial", "confirmed"], _scene.Events.Select(told => Text(told["state"])));
        Assert.Contains("mqtt://two", File.ReadAllText(_scene.Place.Confirmed), StringComparison.Ordinal);
    }

    [Fact]
    public void A_broker_that_is_not_reached_is_left_again_by_itself_within_five_minutes()
    {
        var before = Text(_scene.Call("config.get")["revision"]);
        _scene.Set(OtherBroker);
        _scene.Broker = new(false, 1, "connection refused");
        _scene.Pass(TimeSpan.FromSeconds(268));
        Assert.Equal("mqtt://two", _scene.Applied[^1].Options.Mqtt.Broker);
        _scene.Pass(TimeSpan.FromSeconds(3));

        Assert.Equal(("mqtt://one", true), (_scene.Applied[^1].Options.Mqtt.Broker, _scene.Applied[^1].Change.RenewsBroker));
        _scene.Broker = new(true, 2, null);
        _scene.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(("rolledBack", "there is no connection to the broker: connection refused"), (Text(_scene.Events[^1]["state"]), Text(_scene.Events[^1]["reason"])));
        Assert.Equal((before, "rolledBack"), (Text(_scene.Reports[^1]["revision"]), Text(_scene.Reports[^1]["last"]!["state"])));
        Assert.False(File.Exists(_scene.Place.Trial));
        Assert.Equal(1, _scene.Log.Count("are rolled back: there is no connection"));
    }

    [Fact]
    public void What_needs_all_parts_anew_restarts_them_and_stays_on_trial()
    {
        Assert.Equal("""["agent"]""", _scene.Set("""{"device":{"name":"Porch"}}""")["restarts"]!.ToJsonString());
        _scene.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal((1, 0), (_scene.Restarts, _scene.Applied.Count));
        Assert.Equal(-32004, _scene.Set("""{"log":{"level":"debug"}}""")["code"]!.GetValue<int>()); // it leaves

        _scene.StartAgain(isProcess: false);
        _scene.Cameras = [new("cam0", "lost", 1280, 720, "no such mode")];
        Assert.Equal("trial", Text(_scene.Call("config.get")["state"]));
        _scene.Pass(TimeSpan.FromSeconds(268));
        Assert.Equal(1, _scene.Restarts);
        _scene.Pass(TimeSpan.FromSeconds(2)); // the time before the restart counts, too
        Assert.Equal((2, null), (_scene.Restarts, _scene.Keeper.Trial));
        _scene.StartAgain(isProcess: false);
        _scene.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("camera cam0 is lost: no such mode", Text(_scene.Events[^1]["reason"]));
    }

    [Fact]
    public void A_broker_that_was_away_before_is_not_waited_for()
    {
        _scene.Broker = new(false, 0, "refused");
        _scene.Set("""{"cameras":[{"name":"cam0","source":"rpicam:0","frameRate":10}]}""");
        _scene.Pass(TimeSpan.FromSeconds(12));
        Assert.Null(_scene.Keeper.Trial);
        Assert.Equal(10, _scene.Keeper.Options.Cameras[0].FrameRate);
        Assert.Equal(["cameras[0]"], Assert.Single(_scene.Applied).Change.RestartsCameras);
        Assert.Empty(_scene.Events);
        _scene.Broker = new(true, 1, null);
        _scene.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(["trial", "confirmed"], _scene.Events.Select(told => Text(told["state"])));
    }

    [Fact]
    public void A_password_is_set_and_never_told()
    {
        const string Secret = "hunter2-and-more";
        _scene.Set($$$"""{"mqtt":{"broker":"mqtt://two","username":"u","password":"{{{Secret}}}"}}""");
        _scene.Pass(TimeSpan.FromSeconds(12));
        var told = _scene.Call("config.get");

        Assert.Equal(Secret, _scene.Applied[^1].Options.Mqtt.Password);
        Assert.True(told["secrets"]!["mqtt.password"]!.GetValue<bool>());
        Assert.False(told["values"]!["mqtt"]!.AsObject().ContainsKey("password"));
        _scene.Set($$$$"""{"mqtt":{"password":{"a":"{{{{Secret}}}}"}}}""");
        _scene.Set($$$"""{"mqtt":{"broker":null,"password":"{{{Secret}}}"}}""");
        _scene.Desire($$$$"""{"config":{"mqtt":{"password":"{{{{Secret}}}}"}}}""");
        Assert.Equal("refused", Text(_scene.Reports[^1]["desired"]!["state"]));
        Assert.DoesNotContain(Secret, _scene.Said.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(_scene.Log.Lines, line => line.Contains(Secret, StringComparison.Ordinal));
        Assert.DoesNotContain(EffectiveConfiguration.List(LayeredConfiguration.Load(_scene.Place.Own)), key => key.Value.Contains(Secret, StringComparison.Ordinal));
        Assert.DoesNotContain(Secret, _scene.Keeper.Options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_operator_s_password_is_not_told_to_another_broker()
    {
        var refused = _scene.Set("""{"mqtt":{"broker":"mqtt://evil"}}""");
        Assert.Equal("mqtt.broker", Text(refused["data"]!["mistakes"]![0]!["key"]));
        Assert.Contains("not told to it", refused.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Desired_settings_are_the_whole_of_what_is_remote()
    {
        _scene.Set("""{"peers":{"maxViewers":3}}""");
        _scene.Desire("""{"config":{"log":{"level":"debug"}}}""");

        Assert.Equal(("debug", 64), (_scene.Keeper.Options.Log.Level, _scene.Keeper.Options.Peers.MaxViewers));
        Assert.Equal("applied", Text(_scene.Reports[^1]["desired"]!["state"]));
        Assert.StartsWith("desired:", Text(_scene.Events[^1]["by"]), StringComparison.Ordinal);

        // The broker hands it out again at each connection; what an operator has set since then stands.
        _scene.Set("""{"log":{"level":"error"}}""");
        _scene.StartAgain(isProcess: true);
        _scene.Desire("""{"config":{"log":{"level":"debug"}}}""");
        Assert.Equal("error", _scene.Keeper.Options.Log.Level);
        _scene.Desire(""); // taken from the broker
        Assert.Equal("error", _scene.Keeper.Options.Log.Level);
    }

    [Theory]
    [InlineData("not JSON", "it is not {\"config\": {…}}: write the whole")]
    [InlineData("[]", "it is not {")]
    [InlineData("""{"config":1}""", "it is not {")]
    [InlineData("""{"config":{"log":{"level":"loud"}}}""", "log.level: is loud. It must be debug, information")]
    [InlineData("""{"config":{"log":{"levle":"debug"}}}""", "is not a key")]
    [InlineData("""{"config":{"log":{},"log":{}}}""", "it is not {")]
    [InlineData("""{"config":{"http":{"bind":"0.0.0.0:80"}}}""", "set on the device itself only")]
    public void Desired_settings_with_a_mistake_are_refused_and_it_is_told_why(string payload, string why)
    {
        _scene.Desire(payload);
        Assert.Equal("refused", Text(_scene.Reports[^1]["desired"]!["state"]));
        Assert.Contains(why, Text(_scene.Reports[^1]["desired"]!["reason"]), StringComparison.Ordinal);
        Assert.Equal(1, _scene.Log.Count("Desired settings are refused"));
        Assert.Empty(_scene.Applied);
        Assert.Equal(("refused", true), (Text(_scene.Events[^1]["state"]), Text(_scene.Events[^1]["by"]).StartsWith("desired:", StringComparison.Ordinal)));
        Assert.Contains(why, Text(_scene.Events[^1]["reason"]), StringComparison.Ordinal);

        _scene.Desire(payload); // with the next connection: counted again, and said no more
        Assert.Equal(2, _scene.Drops[Stage.Control, DropReason.Malformed]);
        Assert.Equal((1, 1), (_scene.Log.Count("Desired settings are refused"), _scene.Events.Count(told => Text(told["state"]) == "refused")));
    }

    [Fact]
    public void Desired_settings_that_are_too_large_are_refused_and_it_is_told_what_to_do()
    {
        _scene.Service.ReceiveDesired(default, isOversized: true);
        _scene.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("refused", Text(_scene.Reports[^1]["desired"]!["state"]));
        Assert.Contains("larger than 64 KiB, which no configuration needs: leave out", Text(_scene.Reports[^1]["desired"]!["reason"]), StringComparison.Ordinal);
        Assert.Equal("refused", Text(Assert.Single(_scene.Events)["state"]));
        Assert.Equal(1, _scene.Drops[Stage.Control, DropReason.Oversized]);
        _scene.Desire("""{"config":{"log":{"level":"debug"}}}""");
        Assert.Equal("applied", Text(_scene.Reports[^1]["desired"]!["state"]));
    }

    [Fact]
    public void Of_a_thousand_mistakes_as_many_are_named_as_anybody_reads()
    {
        var junk = string.Join(',', Enumerable.Range(0, 5000).Select(static number => $"\"k{number}\":1"));
        _scene.Desire("{\"config\":{" + junk + $",\"{new string('x', 5000)}\":1}}}}");
        var reason = Text(_scene.Reports[^1]["desired"]!["reason"]);
        Assert.EndsWith("; and 4969 more", reason, StringComparison.Ordinal);
        Assert.True(reason.Length < 8000, $"{reason.Length} characters");
        _scene.Desire("{\"config\":{" + $"\"{new string('x', 50_000)}\":1}}}}");
        Assert.Contains(new string('x', 64) + "…: is not a key", Text(_scene.Reports[^1]["desired"]!["reason"]), StringComparison.Ordinal);
    }

    [Fact]
    public void While_an_update_is_on_trial_nothing_is_set_and_what_is_desired_waits()
    {
        _scene.IsUpdating = true;
        foreach (var patch in (string[])[OtherBroker, """{"log":{"level":"debug"}}"""])
        {
            var refused = _scene.Set(patch);
            Assert.Equal(-32011, refused["code"]!.GetValue<int>());
            Assert.Contains("another version of the agent", Text(refused["message"]), StringComparison.Ordinal);
            Assert.Contains("event/update", Text(refused["data"]!["remedy"]), StringComparison.Ordinal);
        }

        Assert.Equal("dryRun", Text(_scene.Call("config.set", $$"""{"patch":{{OtherBroker}},"dryRun":true}""")["state"]));
        _scene.Desire("""{"config":{"log":{"level":"debug"}}}""");
        Assert.Empty(Directory.GetFiles(_scene.Place.State));

        _scene.IsUpdating = false;
        _scene.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(("debug", "applied"), (_scene.Keeper.Options.Log.Level, Text(_scene.Reports[^1]["desired"]!["state"])));
    }

    [Fact]
    public void Desired_settings_that_were_rolled_back_are_not_tried_again_and_again()
    {
        const string Desired = $$"""{"config":{{OtherBroker}}}""";
        _scene.Desire(Desired);
        _scene.Broker = new(false, 1, "refused");
        _scene.Pass(TimeSpan.FromSeconds(275));
        _scene.Broker = new(true, 2, null);
        var applied = _scene.Applied.Count;

        _scene.Desire(Desired);
        Assert.Equal("rolledBack", Text(_scene.Reports[^1]["desired"]!["state"]));
        _scene.StartAgain(isProcess: true);
        _scene.Desire(Desired);
        Assert.Equal((applied, "mqtt://one"), (_scene.Applied.Count, _scene.Keeper.Options.Mqtt.Broker));

        _scene.Desire("""{"config":{"log":{"level":"debug"}}}"""); // another document is another matter
        Assert.Equal("debug", _scene.Keeper.Options.Log.Level);
    }

    [Fact]
    public void A_password_stays_with_its_broker_when_desired_settings_come()
    {
        _scene.Set("""{"mqtt":{"broker":"mqtt://two","username":"u","password":"hunter2"}}""");
        _scene.Pass(TimeSpan.FromSeconds(12));
        _scene.Desire("""{"config":{"log":{"level":"debug"},"mqtt":{"broker":"mqtt://two","username":"u","password":null}}}""");
        Assert.Null(_scene.Keeper.Options.Mqtt.Password); // it is said that there is none
        _scene.Pass(TimeSpan.FromSeconds(12));
        _scene.Set("""{"mqtt":{"password":"hunter2"}}""");
        _scene.Pass(TimeSpan.FromSeconds(12));
        _scene.Desire("""{"config":{"log":{"level":"error"},"mqtt":{"broker":"mqtt://two","username":"u"}}}""");
        Assert.Equal("hunter2", _scene.Keeper.Options.Mqtt.Password);
        _scene.Desire("""{"config":{"mqtt":{"broker":"mqtt://three","username":null,"password":null}}}""");
        Assert.Equal(("mqtt://three", null), (_scene.Keeper.Options.Mqtt.Broker, _scene.Keeper.Options.Mqtt.Password));
    }

    [Fact]
    public void What_is_reported_is_said_again_at_each_connection()
    {
        _scene.Pass(TimeSpan.FromSeconds(5));
        Assert.Single(_scene.Reports);
        _scene.Broker = new(true, 2, null);
        _scene.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(2, _scene.Reports.Count);
    }

    [Fact]
    public void What_cannot_be_written_is_said_and_changes_nothing()
    {
        Directory.CreateDirectory(_scene.Place.Confirmed); // in the file's way
        var refused = _scene.Set("""{"log":{"level":"debug"}}""");
        Assert.Equal(-32004, refused["code"]!.GetValue<int>());
        Assert.Equal(("warning", 0), (_scene.Keeper.Options.Log.Level, _scene.Applied.Count));
        Directory.Delete(_scene.Place.Confirmed);
        Assert.Equal("confirmed", Text(_scene.Set("""{"log":{"level":"debug"}}""")["state"]));
    }

    [Fact]
    public void What_changes_nothing_is_not_written()
    {
        Assert.Equal("unchanged", Text(_scene.Set("{}")["state"]));
        Assert.Empty(Directory.GetFiles(_scene.Place.State));
        Assert.Equal("confirmed", Text(_scene.Set("""{"log":{"level":"warning"}}""")["state"])); // what the operator's file says: it is his no more
        Assert.Equal("""["log.level"]""", _scene.Call("config.get")["remote"]!.ToJsonString());
    }

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}
