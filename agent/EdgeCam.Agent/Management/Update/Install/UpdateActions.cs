using System.ComponentModel;
using System.Diagnostics;

namespace EdgeCam.Agent.Management.Update.Install;

/// <summary>What the helper does to the system beside files.</summary>
/// <param name="AskVersion">Runs a program as <c>PROGRAM version</c> and gives what it said, or why it did not, and whether it did.</param>
/// <param name="Manage">Has the service manager do something, by its verb and the unit's name, without waiting for it.</param>
/// <param name="LastEnd">How the agent ended last, for people; null where that is not known.</param>
/// <param name="Step">Called between the steps of whatever changes something: for tests, which end it there.</param>
internal sealed record UpdateActions(Func<string, (bool HasSaid, string Text)> AskVersion, Action<string, string> Manage, Func<string?> LastEnd, Action<string>? Step = null)
{
    private const string Manager = "/usr/bin/systemctl";
    private const string Service = "edgecam.service";
    private const string Timer = "edgecam-update-deadline.timer"; // of the time that a version on trial has
    private const int MaxSaid = 200;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30); // for a program on a slow card
    private static readonly TimeSpan s_last = TimeSpan.FromSeconds(5); // for what it has said

    /// <param name="user">Who tries the new program; null: the same user.</param>
    public static UpdateActions OfSystem(string? user) => OfFolder(user) with { Manage = static (verb, unit) => Run(Manager, ["--no-block", verb, unit]), LastEnd = LastEndOfService };

    /// <summary>Of a system in a folder, which no service manager looks after.</summary>
    public static UpdateActions OfFolder(string? user) => new(program => Run(program, ["version"], user), static (_, _) => { }, static () => null);

    public void StartTimer() => Manage("restart", Timer);

    public void StopTimer() => Manage("stop", Timer);

    /// <summary>One that somebody has stopped stays so.</summary>
    public void RestartAgent() => Manage("try-restart", Service);

    private static string? LastEndOfService()
    {
        var (hasSaid, text) = Run(Manager, ["show", Service, "-p", "Result", "-p", "ExecMainStatus"]);
        return hasSaid ? text.Replace('\n', ' ') : null;
    }

    private static (bool HasSaid, string Text) Run(string program, string[] arguments, string? user = null)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
            if (user is not null)
                start.UserName = user;
            using var process = Process.Start(start)!;
            var said = ReadAsync(process.StandardOutput);
            var complained = ReadAsync(process.StandardError);
            if (!process.WaitForExit(s_patience))
            {
                process.Kill();
                return (false, $"it had not ended after {s_patience.TotalSeconds:F0} s");
            }

            if (!Task.WaitAll([said, complained], s_last))
                return (false, "it ended, but something of it has not");
            return process.ExitCode == 0 ? (true, said.Result) : (false, $"it ended with {process.ExitCode}: {complained.Result}");
        }
        catch (Exception failure) when (failure is Win32Exception or IOException or InvalidOperationException)
        {
            return (false, failure.Message);
        }
    }

    /// <summary>The beginning; the rest is read and forgotten, so that nobody waits for us.</summary>
    private static async Task<string> ReadAsync(StreamReader reader)
    {
        var text = "";
        var block = new char[1024];
        while (await reader.ReadAsync(block) is > 0 and var read)
            text = text.Length < MaxSaid ? text + new string(block, 0, read) : text;
        return text[..Math.Min(text.Length, MaxSaid)].Trim();
    }
}
