using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Fleet;

/// <summary><c>edgecam fleet logs</c>: the newest lines, and with <c>--follow</c> those that come after.</summary>
internal static class LogsCommand
{
    private const int MostLines = 500;
    private const int UsualLines = 100;

    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_pollAfterSilence = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(FleetArguments arguments, FleetSession session)
    {
        var device = DeviceNames.One(arguments, "edgecam fleet logs DEVICE");
        var level = arguments.Text("--level");
        var lines = arguments.Number("--lines", UsualLines, 1, MostLines);
        await session.Calls.BeginAsync(device, session.Stop);
        long? next = null;
        var isSilent = false;
        while (true)
        {
            var answer = await session.Calls.CallAsync(device, "log.tail", Parameters(lines, level, next), session.Stop);
            if (answer.Error is { } error && (next is null || !error.IsSilence))
                throw new FleetException(error.IsSilence ? ExitCode.Silent : ExitCode.Refused, $"{device}: {PlainText.Of(error.InWords())}");
            if (answer.Error is null)
            {
                await WriteAsync(session.Console, answer.Result, next is not null && (answer.Result.Integer("next") < next || isSilent && answer.Result.Flag("cut") == true));
                next = answer.Result.Integer("next") ?? next;
                lines = MostLines; // what came since is wanted as a whole
            }

            if (!arguments.Flag("--follow"))
                return ExitCode.Success;
            if (answer.Error is not null && !isSilent)
                session.Console.Say($"{device} does not answer; trying again each {s_pollAfterSilence.TotalSeconds:0} s. Ctrl-C ends it.");
            isSilent = answer.Error is not null;
            await Task.Delay(isSilent ? s_pollAfterSilence : s_poll, session.Time, session.Stop);
        }
    }

    private static JsonObject Parameters(int lines, string? level, long? since)
    {
        var parameters = new JsonObject { ["lines"] = lines };
        if (level is not null)
            parameters["level"] = level;
        if (since is { } number)
            parameters["since"] = number;
        return parameters;
    }

    /// <param name="isGap">The device has started anew, or was silent for longer than its memory of lines.</param>
    private static async Task WriteAsync(FleetConsole console, JsonElement result, bool isGap)
    {
        if (isGap)
            console.Say("Lines are missing here: the agent started anew, or wrote more than it keeps.");
        foreach (var line in result.List("lines"))
        {
            if (console.IsJson)
                await console.WriteAsync(JsonObject.Create(line)!);
            else
                await console.WriteAsync(Line(line));
        }

        await console.Output.FlushAsync();
    }

    internal static string Line(JsonElement line)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(line.Integer("at") ?? 0, 0, 253_402_300_799_999)).ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        var text = string.Join("\n    ", (line.Text("text") ?? "").Split('\n').Select(static part => PlainText.Of(part.TrimEnd('\r'))));
        return $"{at} {PlainText.Of(line.Text("level"), 12),-11} {PlainText.Of(line.Text("category"), 80)}: {text}";
    }
}
