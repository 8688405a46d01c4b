using System.Text.Json.Nodes;
using EdgeCam.Agent.Settings;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Settings;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>The files of what is set remotely, over starts and ends of the process.</summary>
public sealed class SettingsKeeperTests : IDisposable
{
    private const string Debug = """{"log":{"level":"debug"}}""";

    private readonly SettingsPlace _place = new("""{ "log": { "level": "warning" } }""");

    public void Dispose() => _place.Dispose();

    [Fact]
    public void What_is_on_trial_is_in_force_and_confirmed_it_is_the_remote_file()
    {
        var keeper = _place.Try(Debug);
        Assert.Equal("debug", keeper.Options.Log.Level);
        Assert.False(File.Exists(_place.Confirmed));
        Assert.Equal(SettingsLayer.Trial, LayeredConfiguration.Load(_place.Own).Layer); // for edgecam check, too
        var revision = keeper.Revision;

        keeper.Confirm();

        Assert.Equal((revision, null), (keeper.Revision, keeper.Trial));
        Assert.Equal((Debug, Debug), (File.ReadAllText(_place.Confirmed), File.ReadAllText(_place.LastGood)));
        Assert.Equal(["config.json", "config.last-good.json"], Directory.GetFiles(_place.State).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(Directory.GetFiles(_place.State), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.Equal("debug", _place.Open().Options.Log.Level);
    }

    [Fact]
    public void Rolled_back_it_is_as_if_nothing_had_been_set()
    {
        var before = _place.Open().Revision;
        var keeper = _place.Try(Debug);
        keeper.RollBack("no broker");

        Assert.Equal((before, "warning"), (keeper.Revision, keeper.Options.Log.Level));
        Assert.Empty(Directory.GetFiles(_place.State));
        Assert.Equal(("rolledBack", "no broker", "ann"), (keeper.Last!.State, keeper.Last.Reason, keeper.Last.By));
        Assert.Contains(keeper.Alarms, alarm => alarm.Contains("no broker", StringComparison.Ordinal));
    }

    [Fact]
    public void A_trial_that_never_gets_far_ends_with_the_fourth_start()
    {
        _place.Try(Debug);
        for (var start = 1; start <= 3; start++)
        {
            var keeper = _place.Open();
            Assert.Equal((start, "debug"), (keeper.Trial!.Starts, keeper.Options.Log.Level));
        }

        var last = _place.Open();
        Assert.Equal((null, "warning"), (last.Trial, last.Options.Log.Level));
        Assert.Contains("started 3 times", Assert.Single(last.Alarms), StringComparison.Ordinal);
        Assert.False(File.Exists(_place.Trial));
        Assert.Empty(_place.Open().Alarms);
    }

    [Theory]
    [InlineData("""{"starts":0""", "is broken")]
    [InlineData("", "is broken")]
    [InlineData("[]", "is broken")]
    [InlineData("""{"starts":0,"values":{"log":{"levle":"debug"}}}""", "is not a key")]
    [InlineData("""{"starts":0,"values":{"http":{"bind":"0.0.0.0:80"}}}""", "set on the device itself only")]
    public void A_trial_that_cannot_be_used_is_rolled_back_at_once(string content, string why)
    {
        _place.Write(_place.Trial, content);
        var keeper = _place.Open();
        Assert.Equal((null, "warning"), (keeper.Trial, keeper.Options.Log.Level));
        Assert.Contains(why, Assert.Single(keeper.Alarms), StringComparison.Ordinal);
        Assert.False(File.Exists(_place.Trial));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0\0\0\0")]
    [InlineData("""{"log":{"level":"deb""")]
    [InlineData("""{"log":{"level":"loud"}}""")]
    public void A_remote_file_that_is_broken_gives_way_to_the_last_good_one(string content)
    {
        var keeper = _place.Try(Debug);
        keeper.Confirm();
        _place.Write(_place.Confirmed, content);

        var next = _place.Open();

        Assert.Equal(("debug", SettingsLayer.LastGood), (next.Options.Log.Level, next.Current.Layer));
        var alarm = Assert.Single(next.Alarms);
        Assert.Contains($"{_place.Confirmed} is left out, and {_place.LastGood} is in force", alarm, StringComparison.Ordinal);
        Assert.Equal(keeper.Revision, next.Revision); // so that an operator may go on from it

        _place.Write(_place.LastGood, content);
        Assert.Equal(("warning", SettingsLayer.None), (_place.Open().Options.Log.Level, _place.Open().Current.Layer));
    }

    [Fact]
    public void What_a_killed_writer_left_is_no_setting_and_goes_with_the_next_one()
    {
        _place.Write(_place.Confirmed + ".draft", """{"log":{"le""");
        _place.Write(_place.Trial + ".draft", "{");
        var keeper = _place.Open();
        Assert.Empty(keeper.Alarms);
        Assert.Null(keeper.Trial);
        keeper.BeginTrial(keeper.Propose(SettingsPlace.Json(Debug)), "ann", false, []);
        keeper.Confirm();
        Assert.DoesNotContain(Directory.GetFiles(_place.State), file => file.EndsWith(".draft", StringComparison.Ordinal));
    }

    [Fact]
    public void What_cannot_be_written_changes_nothing()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root writes everywhere");
        var keeper = _place.Open();
        File.SetUnixFileMode(_place.State, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.ThrowsAny<UnauthorizedAccessException>(() => keeper.BeginTrial(keeper.Propose(SettingsPlace.Json(Debug)), "ann", false, []));
        Assert.Equal((null, "warning"), (keeper.Trial, keeper.Options.Log.Level));
    }

    [Fact]
    public void A_folder_where_a_file_should_be_changes_nothing_either()
    {
        var keeper = _place.Open();
        Directory.CreateDirectory(_place.Trial);
        Assert.ThrowsAny<Exception>(() => keeper.BeginTrial(keeper.Propose(SettingsPlace.Json(Debug)), "ann", false, []));
        Assert.Equal((null, "warning"), (keeper.Trial, keeper.Options.Log.Level));
        Directory.Delete(_place.Trial);
    }

    [Fact]
    public void A_revision_is_of_the_content_whatever_its_order()
    {
        var (one, other) = (SettingsPlace.Json("""{"a":1,"b":{"c":[1,2],"d":null}}"""), SettingsPlace.Json("""{"b":{"d":null,"c":[1,2]},"a":1}"""));
        Assert.Equal(SettingsRevision.Of(one, []), SettingsRevision.Of(other, []));
        Assert.Matches("^[0-9a-f]{16}$", SettingsRevision.Of(one, []));
        string[] all = [.. new[] { "{}", """{"a":1}""", """{"a":"1"}""", """{"a":[1]}""", """{"a":null}""", """{"a":{"b":1}}""", """{"a":[1,1]}""" }
            .SelectMany(json => new[] { SettingsRevision.Of(SettingsPlace.Json(json), []), SettingsRevision.Of([], SettingsPlace.Json(json)) })];
        Assert.Equal(all.Length - 1, all.Distinct().Count()); // two empty ones are one
    }

    [Fact]
    public void The_time_of_a_trial_is_counted_from_this_process_s_start()
    {
        var time = new ManualTime();
        _place.Try(Debug, time);
        time.Advance(TimeSpan.FromMinutes(10)); // the device was off
        Assert.Equal(time.GetTimestamp(), _place.Open(time).TrialBegan);
        Assert.Null(JsonNode.Parse(File.ReadAllText(_place.Trial))!["since"]); // that clock was never set
    }
}
