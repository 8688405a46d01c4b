namespace EdgeCam.Agent.Diagnostics;

/// <summary>
/// Whether what we write goes to systemd's journal, which then reads a priority at the beginning of each line: JOURNAL_STREAM names the
/// device and inode of such an output (systemd.exec(5)). It is inherited, so the output itself is compared. Asking who our parent is would
/// not do: a service with ProtectProc=invisible cannot see it.
/// </summary>
internal static class JournalStream
{
    public static bool IsConnected() => Means(Environment.GetEnvironmentVariable("JOURNAL_STREAM"), Output());

    /// <param name="variable"><c>device:inode</c>, or null.</param>
    /// <param name="output">What the descriptor is: <c>socket:[inode]</c> (proc(5)).</param>
    internal static bool Means(string? variable, string? output) =>
        variable?.Split(':') is [_, { Length: > 0 } inode] && output == $"socket:[{inode}]";

    private static string? Output()
    {
        try
        {
            return new FileInfo("/proc/self/fd/1").LinkTarget;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
