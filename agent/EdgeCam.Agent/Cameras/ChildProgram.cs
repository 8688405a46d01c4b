using System.ComponentModel;
using System.Diagnostics;

namespace EdgeCam.Agent.Cameras;

/// <summary>Finds, starts and ends the programs that the agent runs.</summary>
internal static class ChildProgram
{
    /// <summary>By its path, or in the folders of PATH; null where there is no such executable file.</summary>
    public static string? Find(string program)
    {
        if (program.Contains('/', StringComparison.Ordinal))
            return IsExecutable(program) ? program : null;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(IsExecutable);
    }

    /// <summary>
    /// With pipes for stdin, stdout and stderr. The kernel kills it when the thread that started it ends, whatever kills the agent (setpriv
    /// --pdeathsig; prctl(2), PR_SET_PDEATHSIG); where setpriv is missing, it ends by its next write into the broken pipe.
    /// </summary>
    /// <exception cref="Win32Exception">It could not be started.</exception>
    public static Process Start(string path, IReadOnlyList<string> arguments)
    {
        var guard = Find("setpriv");
        var start = guard is null ? new ProcessStartInfo(path, arguments) : new ProcessStartInfo(guard, ["--pdeathsig", "KILL", "--", path, .. arguments]);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError, start.UseShellExecute) = (true, true, true, false);
        return Process.Start(start)!;
    }

    /// <summary>With all its children. May be called from any thread.</summary>
    public static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It was quicker than we.
        }
    }

    private static bool IsExecutable(string path)
    {
        const UnixFileMode anyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return !OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & anyExecute) != 0;
    }
}
