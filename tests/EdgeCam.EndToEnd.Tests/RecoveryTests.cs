using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>What fails is named, and comes back by itself.</summary>
public sealed class RecoveryTests(AgentFixture fixture) : IClassFixture<AgentFixture>
{
    private const double MaxOutageMs = 5000;

    [Fact]
    public async Task A_killed_camera_is_named_and_its_picture_comes_back()
    {
        Workplace.Need(Tool.Node, Tool.Viewer, Tool.Chromium);
        var killed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var watched = await Driver.RunAsync("watch-chromium.mjs", TimeSpan.FromSeconds(120), [fixture.Agent.Url.AbsoluteUri, "--seconds", "12"], line =>
        {
            if (line.Contains("measuring", StringComparison.Ordinal) && !killed.Task.IsCompleted)
                _ = KillCamerasAsync(killed);
        });
        watched.MustBeOk();
        Assert.True(await killed.Task, "there was no camera process to kill");

        watched.Must(watched.States is ["connecting", "live", "waiting-for-camera", "live"], "it should be named, and the picture come back in the same session");
        var states = watched["states"]!.AsArray();
        var lost = states.First(state => Name(state) == "waiting-for-camera")!["at"]!.GetValue<double>();
        var back = states.Last(state => Name(state) == "live")!["at"]!.GetValue<double>();
        watched.Must(back - lost < MaxOutageMs && watched.Number("longestPauseMs") < MaxOutageMs, "the picture should be back within 5 s");
    }

    private static string Name(JsonNode? state) => state!["name"]!.GetValue<string>();

    private async Task KillCamerasAsync(TaskCompletionSource<bool> killed)
    {
        await Task.Delay(TimeSpan.FromSeconds(2));
        var cameras = fixture.Agent.Cameras;
        foreach (var camera in cameras)
            await ChildProcess.SignalAsync(camera, "KILL");
        killed.SetResult(cameras.Count > 0);
    }
}
