using System.Diagnostics;

namespace EdgeCam.Benchmarks;

/// <summary>Programs that run once.</summary>
internal static class Tool
{
    /// <exception cref="InvalidOperationException">It ended with another status than 0.</exception>
    public static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with status {process.ExitCode}: {errors}{output.Result}");
    }
}
