using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>The page's controls in a browser, by mouse, keys and touch, against a mock device with a head and lines.</summary>
public sealed class ViewerControlsTests
{
    /// <summary>A head stops 300 ms after its operator's last word: two words on time leave room for one that is lost. A machine that runs all tests at once has more time.</summary>
    private static double MaxSilenceMs => Workplace.IsSoak ? 250 : 500;

    [Fact]
    public async Task What_is_touched_is_what_the_device_hears()
    {
        Workplace.Need(Tool.Node, Tool.Viewer, Tool.Chromium, Tool.Ffmpeg, Tool.Mosquitto);
        var drill = (await Driver.RunAsync("drill-controls.mjs", TimeSpan.FromSeconds(180), [])).MustBeOk();
        var steps = drill["steps"]!;
        var phone = drill["phone"]!;

        MustSteer(steps["stick"]!, 5, "a stick by mouse");
        MustSteer(steps["blur"]!, 2, "a stick of a window that lost the focus");
        MustSteer(steps["keys"]!, 3, "keys");
        MustSteer(phone["stick"]!, 4, "a stick by touch");
        MustSteer(phone["cancelled"]!, 2, "a touch that the browser took away");
        drill.Must(Number(phone["scrolled"]) == 0 && Number(phone["overflow"]) == 0, "a thumb on the stick should not move the page");
        drill.Must(Number(phone["size"]) >= 150, "the stick should be large enough for a thumb");
        drill.Must(Number(steps["typed"]!["moves"]) + Number(steps["typed"]!["stops"]) == 0, "what is typed into a field should steer nothing");
        drill.Must(Number(steps["leaving"]) > 0 && Number(steps["left"]!["moves"]) == 0, "leaving the page should end a move");

        drill.Must(Text(steps["kept"]!["name"]) == "Gate 1-2." && steps["kept"]!["jpeg"]!.GetValue<bool>() && Number(steps["kept"]!["length"]) <= 12 * 1024, "a preset should be kept with a small picture");
        drill.Must(Number(steps["kept"]!["shown"]) == 1, "the picture should be shown");
        drill.Must(Said("preset", "ptz.home") && Said("preset", "ptz.gotoPreset") && Number(steps["preset"]!["alive"]) >= 5, "keys should go home and to a preset, and keep that alive");
        drill.Must(Number(steps["stop"]!["stops"]) == 1, "the red button should stop");

        drill.Must(Text(steps["held"]).Contains("Bob is in control", StringComparison.Ordinal) && Number(steps["heldMoves"]) == 0, "who is in control should be said, and nobody else steer");
        drill.Must(Text(steps["taken"]) == "You are in control", "control should be taken over");
        drill.Must(Text(steps["fault"]).Contains("Check its cable", StringComparison.Ordinal), "a fault should be shown with its remedy");
        drill.Must(Text(steps["scope"]![0]).Contains("ptz", StringComparison.Ordinal) && Text(steps["scope"]![1]).Contains("gpio", StringComparison.Ordinal), "a missing scope should be named");
        drill.Must(Number(steps["switchable"]) == 0, "nothing should be switchable without the scope for it");

        drill.Must(Text(steps["light"]!["whilePending"]![0]) == "true" && Text(steps["light"]!["after"]) == "false", "a switch should follow the device, not the click");
        drill.Must(Text(steps["pulse"]).StartsWith("Off in ", StringComparison.Ordinal), "a pulse should show the time left");
        drill.Must(Text(steps["interlock"]).Contains("never on together", StringComparison.Ordinal), "a refusal should be shown beside its switch");
        drill.Must(Text(steps["input"]).Contains("on", StringComparison.Ordinal), "an input should be shown as it changes");
        foreach (var method in (string[])["ptz.status", "ptz.presets", "gpio.watch", "gpio.list"])
            drill.Must(Methods("again").Contains(method), $"{method} should be asked anew in the next session");
        drill.Must(drill["problems"]!.AsArray().Count + phone["problems"]!.AsArray().Count == 0, "the page should complain of nothing, least of all its own content security policy");

        void MustSteer(JsonNode step, int moves, string what)
        {
            drill.Must(Number(step["moves"]) >= moves && step["fast"]!.GetValue<bool>(), $"{what} should steer over the fast channel");
            drill.Must(step["gaps"]!.AsArray().All(gap => Number(gap) <= MaxSilenceMs), $"{what} should never be silent for long");
            drill.Must(Number(step["stops"]) == 1 && Number(step["zeros"]) >= 1, $"{what} should stop twice, fast and for certain");
            drill.Must(step["rises"]!.GetValue<bool>(), $"the numbers of {what} should rise");
        }

        bool Said(string step, string method) => steps[step]!["said"]!.AsArray().Any(said => Text(said) == method);
        IEnumerable<string> Methods(string step) => steps[step]!.AsArray().Select(Text);
    }

    private static double Number(JsonNode? node) => node!.GetValue<double>();

    private static string Text(JsonNode? node) => node!.GetValue<string>();
}
