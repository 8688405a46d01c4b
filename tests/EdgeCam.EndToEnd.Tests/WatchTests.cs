namespace EdgeCam.EndToEnd.Tests;

/// <summary>What a person sees: the page in real browsers, signalled over MQTT, and the same picture by WHEP.</summary>
public sealed class WatchTests(AgentFixture fixture) : IClassFixture<AgentFixture>
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(Workplace.Seconds + 90);

    /// <summary>The full figure over a minute; over 10 s one hiccup of a busy machine is 3 % already.</summary>
    private static double MissingPercent => Workplace.IsSoak ? 1 : 5;

    private static string Seconds => Driver.Number(Workplace.Seconds);

    private AgentProcess Agent => fixture.Agent;

    [Fact]
    public async Task Chromium_shows_the_page_live()
    {
        Workplace.Need(Tool.Node, Tool.Viewer, Tool.Chromium);
        var watched = await Driver.RunAsync("watch-chromium.mjs", s_limit, [Agent.Url.AbsoluteUri, "--seconds", Seconds]);
        MustBeASmoothPicture(watched.MustBeOk(), MissingPercent);
        watched.Must(watched.States is ["connecting", "live"], "it should have gone live by way of connecting and stayed so");
        watched.Must(watched["problems"]!.AsArray().Count == 0, "the page had something to complain about");
    }

    [Fact]
    public async Task Chromium_shows_what_the_agent_itself_encodes()
    {
        Workplace.Need(Tool.Node, Tool.Viewer, Tool.Chromium);
        await using var agent = await AgentProcess.StartAsync(new(Device: fixture.Agent.Device, Encoder: "software"));
        var watched = await Driver.RunAsync("watch-chromium.mjs", s_limit, [agent.Url.AbsoluteUri, "--seconds", Seconds]);
        MustBeASmoothPicture(watched.MustBeOk(), MissingPercent);
        await agent.StopAsync();
    }

    [Fact]
    public async Task Firefox_shows_the_page_live()
    {
        Workplace.Need(Tool.Node, Tool.Viewer, Tool.Firefox);
        var watched = await Driver.RunAsync("watch-firefox.mjs", s_limit, [Agent.Url.AbsoluteUri, "--seconds", Seconds]);
        MustBeASmoothPicture(watched.MustBeOk(), MissingPercent);
        watched.Must(watched.States is ["connecting", "live"], "it should have gone live by way of connecting and stayed so");
    }

    [Fact]
    public async Task Chromium_plays_the_same_by_whep()
    {
        Workplace.Need(Tool.Node, Tool.Chromium);
        var watched = await Driver.RunAsync("whep-chromium.mjs", s_limit, [Agent.Url.AbsoluteUri, "--seconds", Seconds]);
        MustBeASmoothPicture(watched.MustBeOk(), MissingPercent);
        var steps = watched["steps"]!.AsArray().Select(step => step!.GetValue<string>()).ToList();
        watched.Must(steps[0] == "POST 201" && steps[^1] == "DELETE 200", "POST, PATCH and DELETE should answer as WHEP says");
        watched.Must(steps.Contains("PATCH 204") && steps.Count(step => step == "PATCH 404") == 1, "candidates should be taken, and only for sessions that are there");
        Assert.StartsWith("application/sdp", watched.Text("answerType"), StringComparison.Ordinal);
    }

    private void MustBeASmoothPicture(DriverResult watched, double missingPercent)
    {
        watched.Must(watched.Number("width") == 1280 && watched.Number("height") == 720, "the picture should be 1280x720");
        watched.Must(watched.Number("framesPerSecond") >= 25, "at least 25 frames/s should be decoded");
        watched.Must(watched.Flag("rising"), "frame numbers should rise");
        watched.Must(watched.Number("missingPercent") < missingPercent, $"less than {missingPercent} % of the frames should be missing");
        watched.Must(watched.Number("read") >= 20 * Workplace.Seconds, "frame numbers should have been read all the time");
        watched.Must(watched["deviceInfo"]?["id"]?.GetValue<string>() == Agent.Device, "device.info should have been answered on the data channel");
    }
}
