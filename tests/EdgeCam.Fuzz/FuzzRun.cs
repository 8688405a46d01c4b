using System.Diagnostics;

namespace EdgeCam.Fuzz;

/// <summary>Feeds a target until the time is over or an input breaks it: by a throw, by time, or by memory.</summary>
internal sealed class FuzzRun(FuzzTarget target, int seed, TextWriter output)
{
    private const long MaxAllocation = 64 * 1024 * 1024; // for an input of at most 256 KiB
    private static readonly TimeSpan s_maxTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_progressEvery = TimeSpan.FromSeconds(5);

    private readonly Mutator _mutator = new(target, seed);
    private volatile byte[] _current = [];
    private long _startedAt;

    /// <returns>True where no input broke the target.</returns>
    public bool Run(TimeSpan duration)
    {
        // An input that never returns: only another thread can still report it.
        using var watchdog = new Timer(_ => CheckForHang(), null, s_maxTime, TimeSpan.FromSeconds(1));
        foreach (var good in target.Corpus)
        {
            if (!TryFeed(good))
                return false;
        }

        var clock = Stopwatch.StartNew();
        var progress = s_progressEvery;
        long count = 0;
        while (clock.Elapsed < duration)
        {
            if (!TryFeed(_mutator.Create(count)))
            {
                output.WriteLine($"{target.Name}: input {count} of seed {seed}");
                return false;
            }

            count++;
            if (clock.Elapsed >= progress)
            {
                output.WriteLine($"{target.Name}: {count} inputs, {count / clock.Elapsed.TotalSeconds:f0}/s");
                progress += s_progressEvery;
            }
        }

        output.WriteLine($"{target.Name}: {count} inputs in {clock.Elapsed.TotalSeconds:f1} s, seed {seed}, none broke it");
        return true;
    }

    public bool TryFeed(byte[] input)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        _current = input;
        Volatile.Write(ref _startedAt, Stopwatch.GetTimestamp());
        try
        {
            target.Feed(input);
        }
        catch (Exception broken)
        {
            Report(input, broken.ToString());
            return false;
        }
        finally
        {
            Volatile.Write(ref _startedAt, 0);
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (allocated <= MaxAllocation)
            return true;
        Report(input, $"allocated {allocated} bytes, more than {MaxAllocation}");
        return false;
    }

    private void CheckForHang()
    {
        var startedAt = Volatile.Read(ref _startedAt);
        if (startedAt == 0 || Stopwatch.GetElapsedTime(startedAt) < s_maxTime)
            return;
        Report(_current, $"not done after {s_maxTime.TotalSeconds} s");
        Environment.Exit(1);
    }

    private void Report(byte[] input, string what)
    {
        output.WriteLine($"{target.Name}: BROKEN: {what}");
        output.WriteLine($"reproduce: edgecam-fuzz {target.Name} --input {Convert.ToHexStringLower(input)}");
    }
}
