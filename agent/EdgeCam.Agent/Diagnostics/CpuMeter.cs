using System.Globalization;

namespace EdgeCam.Agent.Diagnostics;

/// <summary>How busy the processors are, from one look to the next. Not for several threads at once.</summary>
/// <param name="root">Where proc is.</param>
internal sealed class CpuMeter(TimeProvider time, string root = "/", Func<TimeSpan>? used = null)
{
    private readonly Func<TimeSpan> _used = used ?? (static () => Environment.CpuUsage.TotalTime);

    private long _at = time.GetTimestamp();
    private TimeSpan _process = (used ?? (static () => Environment.CpuUsage.TotalTime))();
    private (long Busy, long All)? _system = System(root);

    /// <summary>The time since the last look, or since this was made.</summary>
    /// <returns>
    /// Of this process, in processors: 1 is one of them all the time, its children left out. Of the system, 0 to 1 of all of them together;
    /// null where the kernel does not tell.
    /// </returns>
    public (double Process, double? System) Read()
    {
        var (at, process, system) = (time.GetTimestamp(), _used(), System(root));
        var elapsed = time.GetElapsedTime(_at, at);
        var own = elapsed > TimeSpan.Zero ? Math.Max(0, (process - _process) / elapsed) : 0;
        double? all = system is { } now && _system is { } before && now.All > before.All
            ? Math.Clamp((now.Busy - before.Busy) / (double)(now.All - before.All), 0, 1)
            : null;
        (_at, _process, _system) = (at, process, system);
        return (own, all);
    }

    /// <summary>The first line of <c>/proc/stat</c> (proc_stat(5)): ticks in user, nice, system, idle, iowait, irq, softirq, steal.</summary>
    private static (long Busy, long All)? System(string root)
    {
        try
        {
            using var file = new StreamReader(Path.Combine(root, "proc/stat"));
            var words = (file.ReadLine() ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 6 || words[0] != "cpu")
                return null;
            long all = 0, idle = 0;
            for (var i = 1; i < words.Length && i <= 8; i++)
            {
                if (!long.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks))
                    return null;
                all += ticks;
                idle += i is 4 or 5 ? ticks : 0;
            }

            return (all - idle, all);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
