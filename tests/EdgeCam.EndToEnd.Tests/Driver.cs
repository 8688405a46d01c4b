using System.Globalization;
using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Runs a script of <c>peers/</c>: progress comes on its standard error, the result as one line of JSON on its standard output.</summary>
internal static class Driver
{
    /// <param name="script">A <c>.mjs</c> for node or a <c>.py</c> for the system's Python, whose packages are Debian's.</param>
    /// <param name="limit">The driver is ended after so long, with all it started.</param>
    /// <param name="onProgress">Sees each line of progress as it comes.</param>
    public static async Task<DriverResult> RunAsync(string script, TimeSpan limit, IEnumerable<string> arguments, Action<string>? onProgress = null)
    {
        string? result = null;
        var program = script.EndsWith(".py", StringComparison.Ordinal) ? "/usr/bin/python3" : "node";
        await using var process = ChildProcess.Start(program, [Path.Combine(Workplace.Peers, script), .. arguments], (line, isOutput) =>
        {
            if (isOutput && line.StartsWith('{'))
                result = line;
            else
                onProgress?.Invoke(line);
        });
        var ended = await process.WaitForExitAsync(limit);
        Assert.True(ended, $"{script} still ran after {limit.TotalSeconds} s.\n{process.Log}");
        Assert.True(result is not null, $"{script} ended with status {process.ExitCode} and no result.\n{process.Log}");
        return new(script, JsonNode.Parse(result!)!, process.Log);
    }

    public static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);
}
