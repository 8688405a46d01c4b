using System.Diagnostics;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>Runs a program to its end.</summary>
internal static class Command
{
    /// <returns>What it wrote to its standard output.</returns>
    /// <param name="input">Text for its standard input.</param>
    public static string Run(string program, IEnumerable<string> arguments, string input = "")
    {
        var (status, output, error) = TryRun(program, arguments, input);
        return status == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: status {status}\n{output}{error}{input}");
    }

    public static (int Status, string Output, string Error) TryRun(string program, IEnumerable<string> arguments, string input = "")
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
