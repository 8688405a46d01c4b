using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeCam.Benchmarks.Senders;

/// <summary>What a process has used.</summary>
internal static partial class ProcessMeter
{
    /// <summary>Processor time of all its threads so far, those that have ended included, in nanoseconds (clock_getcpuclockid(3)).</summary>
    public static long ProcessorTime(int process)
    {
        const int AllThreads = 2; // CPUCLOCK_SCHED
        return ReadClock((~process << 3) | AllThreads, out var time) == 0
            ? (time.Seconds * 1_000_000_000) + time.Nanoseconds
            : throw new InvalidOperationException($"process {process} has no clock: it has ended");
    }

    /// <summary>Megabytes of 1024 * 1024 bytes that are in memory, shared pages included.</summary>
    public static double ResidentMegabytes(int process) => Status(process, "VmRSS:") / 1024.0;

    /// <summary>The part of it that no file lies behind: heap, stacks, libraries' data. The rest are pages of programs, which the kernel takes away and brings back as it sees fit.</summary>
    public static double AnonymousMegabytes(int process) => Status(process, "RssAnon:") / 1024.0;

    public static int Threads(int process) => (int)Status(process, "Threads:");

    private static long Status(int process, string key) => long.Parse(
        File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(key, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ReadClock(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
