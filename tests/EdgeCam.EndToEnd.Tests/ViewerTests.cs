namespace EdgeCam.EndToEnd.Tests;

/// <summary>The viewer page against a mock device, which can fail on command: each failure is called by its name and survived without a reload.</summary>
public sealed class ViewerTests
{
    [Fact]
    public async Task Each_failure_is_named_and_survived()
    {
        Workplace.Need(Tool.Node, Tool.Viewer, Tool.Chromium, Tool.Ffmpeg, Tool.Mosquitto);
        var drill = (await Driver.RunAsync("drill-viewer.mjs", TimeSpan.FromSeconds(240), [])).MustBeOk();
        foreach (var (name, step) in drill["steps"]!.AsObject())
            drill.Must(step!["reached"]!.GetValue<bool>(), $"the step {name} should have come to its end");

        drill.Must(Said("cameraLost", "cam0 was lost and is restarting"), "a lost camera should be named");
        drill.Must(!Said("cameraBack", "Asking"), "a camera that is back should need no new session");
        drill.Must(Said("dropped", "The device closed the connection"), "a closed connection should be named");
        drill.Must(Said("offline", "mock-1 is offline"), "a device that is offline should be named");
        drill.Must(Said("refused", "Because this link does not allow it"), "a refusal should be put in words");
        drill.Must(Said("unknownCamera", "there is no such camera"), "a camera that is not there should be named");
        drill.Must(drill.Flag("bye"), "leaving the page should say bye");
        drill.Must(drill["problems"]!.AsArray().Count == 0, "the page should complain of nothing, least of all its own content security policy");
        drill.Must(drill.Text("snapshot")!.StartsWith("mock-1_cam1_", StringComparison.Ordinal), "a snapshot should be named after its camera");
        drill.Must(drill.Text("statistics")!.Contains("640 × 360", StringComparison.Ordinal), "the overlay should tell the resolution");
        drill.Must(drill["choices"]!.AsArray().Count == 2, "both cameras should be offered");

        bool Said(string step, string words) =>
            drill["steps"]![step]!["details"]!.AsArray().Any(detail => detail!.GetValue<string>().Contains(words, StringComparison.Ordinal));
    }
}
