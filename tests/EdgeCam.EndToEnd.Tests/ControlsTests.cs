using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>The page's controls in a real browser: what a hand does there is seen in the picture, and at the simulated hardware.</summary>
public sealed class ControlsTests
{
    [Fact]
    public async Task Chromium_moves_the_camera_and_switches_a_lamp()
    {
        Workplace.Need(Tool.Node, Tool.Viewer, Tool.Chromium);
        await using var scene = await ControlScene.StartAsync(settings: new(Encoder: "software"));
        List<string> arguments = [scene.Agent.Url.AbsoluteUri, "--head", scene.Head.Control, "--chip", scene.Chip.Control, "--closes", Workplace.IsSoak ? "20" : "2"];
        if (Environment.GetEnvironmentVariable("EDGECAM_SCREENSHOTS") is { Length: > 0 } folder)
            arguments.AddRange(["--screenshots", folder]);
        var seen = (await Driver.RunAsync("controls-chromium.mjs", TimeSpan.FromSeconds(Workplace.IsSoak ? 400 : 180), arguments)).MustBeOk();

        // The picture's content goes the other way than the camera.
        foreach (var (name, x, y) in new[] { ("right", -1, 0), ("left", 1, 0), ("up", 0, 1), ("down", 0, -1) })
        {
            var way = seen["directions"]![name]!;
            var (dx, dy) = (way["dx"]!.GetValue<double>(), way["dy"]!.GetValue<double>());
            seen.Must(x != 0 ? dx * x > 10 && Math.Abs(dy) < Math.Abs(dx) / 2 : dy * y > 5 && Math.Abs(dx) < Math.Abs(dy) / 2, $"dragged {name}, the picture should pan that way");
            seen.Must(way["latency"] is JsonNode latency && latency.GetValue<double>() <= (Workplace.IsSoak ? 250 : 1000), $"dragged {name}, the first moved picture should be there soon");
            seen.Must(!way["stillMoves"]!.GetValue<bool>(), $"let go after {name}, the picture should stand still");
        }

        double At(string what, string when, string axis) => seen[what]![when]![axis]!.GetValue<double>();
        seen.Must(At("keys", "afterKey", "pan") > At("keys", "before", "pan") + 5, "the arrow key should pan");
        seen.Must(At("keys", "afterZoomKey", "zoom") > At("keys", "afterKey", "zoom") * 1.1, "the plus key should zoom in");
        seen.Must(Math.Abs(At("preset", "elsewhere", "pan") - At("preset", "kept", "pan")) > 10, "the stick should lead away from the preset");
        seen.Must(Math.Abs(At("preset", "back", "pan") - At("preset", "kept", "pan")) < 2 && Math.Abs(At("preset", "back", "tilt") - At("preset", "kept", "tilt")) < 2, "the preset should lead back");
        seen.Must(seen["preset"]!["thumbnail"]!.GetValue<bool>(), "the preset should have its picture");
        seen.Must(seen["zoomed"]!["zoom"]!.GetValue<double>() > 2, "the slider should zoom in");
        seen.Must(seen.Number("stopAfter") <= ControlScene.DeadMan.TotalMilliseconds, "the big stop should stop");
        seen.Must(Math.Abs(At("home", "there", "pan")) < 2 && Math.Abs(At("home", "there", "tilt")) < 2, "the Home key should lead home");
        seen.Must(seen["lamp"]!["lit"]!.GetValue<bool>() && seen["lamp"]!["shown"]!.GetValue<bool>(), "the switch should light the lamp, and show it");
        var closes = seen["closes"]!.AsArray().Select(after => after!.GetValue<double>()).ToList();
        seen.Must(closes.TrueForAll(static after => after <= ControlScene.DeadMan.TotalMilliseconds), "the head should stand soon after its tab was closed");
        seen.Must(seen["problems"]!.AsArray().Count == 0, "the page had something to complain about");
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"first moved picture after {string.Join(", ", seen["directions"]!.AsObject().Select(way => $"{way.Value!["latency"]!.GetValue<double>():F0}"))} ms; tab closed {closes.Count} times: at rest after {closes.Max():F0} ms at most");
        await scene.Agent.StopAsync();
    }
}
