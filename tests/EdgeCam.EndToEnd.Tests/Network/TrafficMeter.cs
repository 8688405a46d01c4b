using System.Globalization;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>Reads the kernel's counters of a network device fifty times a second: what really went over the wire, and when nothing did.</summary>
internal sealed class TrafficMeter : IAsyncDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(20);

    private readonly List<TrafficCount> _counts = [];
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    private TrafficMeter(NetNamespace where, string device)
    {
        _thread = new Thread(() => where.Enter(() => Run($"{device}:"))) { IsBackground = true, Name = "traffic meter" };
        _thread.Start();
    }

    /// <summary>Measures until the lab ends.</summary>
    public static TrafficMeter Start(NetworkLab lab, NetNamespace where, string device) => lab.Keep(new TrafficMeter(where, device));

    /// <summary>Bits in a second that the device received, headers included.</summary>
    public double ReceivedBitrate(DateTime from, DateTime to)
    {
        var counts = Between(from, to);
        return counts.Count < 2 ? 0 : (counts[^1].ReceivedBytes - counts[0].ReceivedBytes) * 8 / (counts[^1].At - counts[0].At).TotalSeconds;
    }

    /// <summary>The same in each of the stretches of such a length, in their order.</summary>
    public IReadOnlyList<double> ReceivedBitrates(DateTime from, DateTime to, TimeSpan step)
    {
        List<double> rates = [];
        for (var at = from; at + step <= to; at += step)
            rates.Add(ReceivedBitrate(at, at + step));
        return rates;
    }

    /// <summary>The longest time in which no packet came, and when it began.</summary>
    public (TimeSpan Length, DateTime Since) LongestSilence(DateTime from, DateTime to)
    {
        var counts = Between(from, to);
        var (longest, since) = ((Length: TimeSpan.Zero, Since: from), from);
        for (var i = 1; i < counts.Count; i++)
        {
            if (counts[i].ReceivedPackets == counts[i - 1].ReceivedPackets)
                continue;
            longest = Longer(longest, (counts[i - 1].At - since, since));
            since = counts[i].At;
        }

        return Longer(longest, (to - since, since));
    }

    public ValueTask DisposeAsync()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
        return ValueTask.CompletedTask;
    }

    private static (TimeSpan Length, DateTime Since) Longer((TimeSpan Length, DateTime Since) a, (TimeSpan Length, DateTime Since) b) => a.Length >= b.Length ? a : b;

    private List<TrafficCount> Between(DateTime from, DateTime to)
    {
        lock (_counts)
            return [.. _counts.Where(count => count.At >= from && count.At <= to)];
    }

    private bool Run(string device)
    {
        while (!_stop.Wait(s_period))
        {
            var line = File.ReadLines("/proc/thread-self/net/dev").FirstOrDefault(line => line.TrimStart().StartsWith(device, StringComparison.Ordinal));
            if (line is null)
                continue;
            var fields = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            long Number(int field) => long.Parse(fields[field], CultureInfo.InvariantCulture);
            lock (_counts)
                _counts.Add(new(DateTime.UtcNow, Number(0), Number(1)));
        }

        return true;
    }

    private readonly record struct TrafficCount(DateTime At, long ReceivedBytes, long ReceivedPackets);
}
