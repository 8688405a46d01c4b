using System.Diagnostics;

namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>Runs a program of this machine that talks to a guest, to its end or a limit.</summary>
internal static class GuestProgram
{
    /// <exception cref="TimeoutException">It had not ended by the limit; it is killed.</exception>
    public static async Task<GuestResult> RunAsync(string program, IEnumerable<string> arguments, TimeSpan limit)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var timeout = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)}: not done after {limit.TotalSeconds:F0} s");
        }

        return new(process.ExitCode, await output, await error);
    }
}
