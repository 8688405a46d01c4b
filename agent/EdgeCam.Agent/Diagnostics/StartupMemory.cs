using EdgeCam.Agent.Diagnostics.Interop;

namespace EdgeCam.Agent.Diagnostics;

/// <summary>What only a start needs, some 20 MB of code, constants and heap, is given back once when it is over: a small device has use for it.</summary>
internal static class StartupMemory
{
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(2);

    public static async Task ReleaseAsync(CancellationToken stop)
    {
        await Task.Delay(s_start, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stop.IsCancellationRequested)
            return;
        try
        {
            ProgramPages.Release();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
        {
            // /proc is hidden: then all of it stays.
        }

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
