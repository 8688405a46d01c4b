using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Runs a script of <c>peers/</c>: progress comes on its standard error, the result as one line of JSON on its standard output.</summary>
internal static class Driver
{
    /// <param name="script">A <c>.mjs</c> for node or a <c>.py</c> for the system's Python, whose packages are Debian's.</param>
    /// <param name="limit">The driver is ended after so long, with all it started.</param>
    /// <param name="onProgress">Sees each line of progress as it comes.</param>
    /// <param name="inside">Where it runs; null: where the tests run.</param>
    public static async Task<DriverResult> RunAsync(
        string script, TimeSpan limit, IEnumerable<string> arguments, Action<string>? onProgress = null, NetNamespace? inside = null)
    {
        string? result = null;
        var program = script.EndsWith(".py", StringComparison.Ordinal) ? "/usr/bin/python3" : "node";
        void Tell(string line, bool isOutput)
        {
            if (isOutput && line.StartsWith('{'))
                result = line;
            else
                onProgress?.Invoke(line);
        }

        string[] command = [Path.Combine(Workplace.Peers, script), .. arguments];
        await using var process = inside?.Start(program, command, Tell) ?? ChildProcess.Start(program, command, Tell);
        var ended = await process.WaitForExitAsync(limit);
        Assert.True(ended, $"{script} still ran after {limit.TotalSeconds} s.\n{process.Log}");
        Assert.True(result is not null, $"{script} ended with status {process.ExitCode} and no result.\n{process.Log}");
        return new(script, JsonNode.Parse(result!)!, process.Log);
    }

    public static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);
}
