using System.Text.Json;
using EdgeCam.Agent.Fleet;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Fleet;

/// <summary>What devices tell of settings and updates, and when the broker has told all that it keeps.</summary>
public sealed class FleetNewsTests
{
    [Theory]
    [InlineData("""{"state":"confirmed","revision":"r2"}""", true, null)]
    [InlineData("""{"state":"rolledBack","revision":"r2","reason":"no camera"}""", false, "no camera")]
    [InlineData("""{"state":"confirmed","revision":"r2","values":{},"last":{"state":"confirmed","revision":"r2"}}""", true, null)]
    [InlineData("""{"state":"confirmed","revision":"r1","last":{"state":"rolledBack","revision":"r2","reason":"no camera"}}""", false, "no camera")]
    public void Settings_on_trial_end_so(string said, bool isConfirmed, string? reason) => Assert.Equal((isConfirmed, reason), TrialNews.Of("r2", JsonElement.Parse(said)));

    [Theory]
    [InlineData("""{"state":"trial","revision":"r2"}""")]
    [InlineData("""{"state":"confirmed","revision":"r1"}""")]
    [InlineData("""{"state":"confirmed","revision":"r1","last":{"state":"rolledBack","revision":"r0"}}""")]
    [InlineData("""{"state":7,"revision":["r2"]}""")]
    public void Nothing_is_said_of_them_yet(string said) => Assert.Null(TrialNews.Of("r2", JsonElement.Parse(said)));

    [Fact]
    public void A_desired_document_is_taken_when_it_is_confirmed()
    {
        Assert.Null(Desired("""{"state":"confirmed","desired":{"document":"d0","state":"applied"}}"""));
        Assert.Null(Desired("""{"state":"trial","desired":{"document":"d1","state":"applied"}}"""));
        Assert.Equal((true, null), Desired("""{"state":"confirmed","desired":{"document":"d1","state":"applied"}}"""));
        Assert.Equal((false, "why"), Desired("""{"state":"confirmed","desired":{"document":"d1","state":"refused","reason":"why"}}"""));
        Assert.Equal((false, "why"), Desired("""{"state":"confirmed","desired":{"document":"d1","state":"rolledBack","reason":"why"}}"""));

        static (bool, string?)? Desired(string said) => TrialNews.OfDesired("d1", JsonElement.Parse(said));
    }

    [Fact]
    public void An_update_is_followed_by_events_and_by_what_the_device_answers()
    {
        Assert.Equal(new UpdateNews("downloading", 40, "1.1.0", null), Of("""{"v":1,"kind":"update","id":"u","state":"downloading","version":"1.1.0","percent":40}"""));
        Assert.Equal(new UpdateNews("downloading", 41, "1.1.0", null), Of("""{"version":"1.0.0","state":"downloading","id":"u","update":"1.1.0","percent":41}"""));
        var last = Of("""{"version":"1.0.0","state":"idle","lastResult":{"id":"u","state":"rolledBack","version":"1.1.0","reason":"notHealthy","detail":"no camera","remedy":"Look"}}""")!;
        Assert.Equal((true, false, "notHealthy: no camera. Look"), (last.IsLast, last.IsGood, last.Why));
        Assert.True(Of("""{"id":"u","state":"confirmed","kind":"update"}""") is { IsLast: true, IsGood: true });
        Assert.Null(Of("""{"id":"other","state":"confirmed","kind":"update"}"""));
        Assert.Null(Of("""{"version":"1.0.0","state":"idle"}"""));

        static UpdateNews? Of(string said) => UpdateNews.Of("u", JsonElement.Parse(said));
    }

    [Fact]
    public async Task Retained_messages_are_all_there_when_it_is_quiet()
    {
        var time = new ManualTime();
        var watch = new QuietWatch(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(10), time);
        var waiting = watch.WaitAsync(CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(1.9));
        watch.Hear();
        time.Advance(TimeSpan.FromSeconds(0.2));
        watch.Hear();
        await Wait.UntilAsync(() => time.Timers >= 2, "it waits on");
        Assert.False(waiting.IsCompleted);
        for (var passed = 0; passed < 20 && !waiting.IsCompleted; passed++)
        {
            time.Advance(TimeSpan.FromSeconds(0.1));
            await Task.Delay(5);
        }

        Assert.True(await waiting);
    }

    [Fact]
    public async Task What_came_first_shortens_the_time_that_there_was_for_it()
    {
        var time = new ManualTime();
        var watch = new QuietWatch(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(10), time);
        var waiting = watch.WaitAsync(CancellationToken.None);
        watch.Hear();
        for (var passed = 0; passed < 7 && !waiting.IsCompleted; passed++)
        {
            var timers = time.Timers;
            time.Advance(TimeSpan.FromSeconds(0.1));
            if ((passed + 1) % 3 == 0)
                await Wait.UntilAsync(() => waiting.IsCompleted || time.Timers > timers, "the next look");
        }

        Assert.True(waiting.IsCompletedSuccessfully && await waiting);
    }

    [Fact]
    public async Task And_where_it_never_is_quiet_there_is_an_end_all_the_same()
    {
        var time = new ManualTime();
        var watch = new QuietWatch(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(1), time);
        var waiting = watch.WaitAsync(CancellationToken.None);
        for (var passed = 0; passed < 200 && !waiting.IsCompleted; passed++)
        {
            watch.Hear();
            time.Advance(TimeSpan.FromSeconds(0.1));
            await Task.Delay(2);
        }

        Assert.False(await waiting);
    }

    [Theory]
    [InlineData("porch-*", "porch-1", true)]
    [InlineData("porch-?", "porch-12", false)]
    [InlineData("porch", "porch", true)]
    [InlineData("porch", "porch-1", false)]
    [InlineData("*", "anything", true)]
    public void Patterns_choose_devices(string word, string name, bool fits) => Assert.Equal(fits, DeviceNames.Matches([word], name));

    [Theory]
    [InlineData("log.level=debug", """{"log":{"level":"debug"}}""")]
    [InlineData("peers.maxViewers=7", """{"peers":{"maxViewers":7}}""")]
    [InlineData("mqtt.broker=null", """{"mqtt":{"broker":null}}""")]
    [InlineData("device.groups=[\"a\",\"b\"]", """{"device":{"groups":["a","b"]}}""")]
    [InlineData("{\"log\":{\"level\":null}}", """{"log":{"level":null}}""")]
    [InlineData("device.name=a=b", """{"device":{"name":"a=b"}}""")]
    public void Settings_are_typed_as_key_and_value(string setting, string patch) => Assert.Equal(patch, SettingsPatch.Of([setting]).ToJsonString());

    [Theory]
    [InlineData("mqtt.password=hunter2")]
    [InlineData("{\"mqtt\":{\"password\":\"hunter2\"}}")]
    [InlineData("peers.sharedSecret=hunter2")]
    [InlineData("=hunter2")]
    [InlineData("cameras[0].name=hunter2")]
    public void A_secret_and_what_is_no_key_is_refused_and_not_repeated(string setting)
    {
        var refused = Assert.Throws<FleetException>(() => SettingsPatch.Of([setting]));
        Assert.Equal(ExitCode.Usage, refused.ExitCode);
        Assert.DoesNotContain("hunter2", refused.Message, StringComparison.Ordinal);
    }
}
