using System.Diagnostics;
using EdgeCam.Benchmarks.Load;
using EdgeCam.Benchmarks.Senders;

namespace EdgeCam.Benchmarks.Runs;

/// <summary>Viewers come to a sender, watch, and are counted.</summary>
internal sealed class FanoutRun(Sender sender, FanoutOptions options) : IDisposable
{
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_underway = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_joinLimit = TimeSpan.FromSeconds(20);

    private readonly LoadLoop _loop = new(options.Srtp);
    private readonly List<(LoadViewer Viewer, Func<Task> Leave)> _viewers = [];
    private readonly Dictionary<int, Arrival> _arrivals = [];
    private bool _isMeasuring;

    public async Task<FanoutFigures> RunAsync()
    {
        await Task.Delay(s_settle);
        sender.MustRun();
        var idle = ProcessMeter.ResidentMegabytes(sender.Id);
        JoinTimes? alone = options.Joins > 0 ? await JoinAndLeaveAsync() : null;
        for (var i = 0; i < options.Viewers; i += sender.JoinsAtOnce)
            _viewers.AddRange(await Task.WhenAll(Enumerable.Range(i, Math.Min(sender.JoinsAtOnce, options.Viewers - i)).Select(_ => JoinAsync())));
        await Task.Delay(s_settle);

        _loop.Ask(() => _isMeasuring = true);
        var (from, began, cpu) = (sender.Feed!.Written, Stopwatch.GetTimestamp(), ProcessMeter.ProcessorTime(sender.Id));
        var before = Count();
        await Task.Delay(TimeSpan.FromSeconds(options.Seconds));
        sender.MustRun();
        var (seconds, used, to) = (Stopwatch.GetElapsedTime(began).TotalSeconds, ProcessMeter.ProcessorTime(sender.Id) - cpu, sender.Feed.Written);
        var after = Count();
        await Task.Delay(s_underway); // the last picture's packets
        var (last, packet, viewer) = _loop.Ask(() =>
        {
            _isMeasuring = false;
            return (Latency(from, to, static arrival => arrival.Last), Latency(from, to, static arrival => arrival.FirstPacket), Latency(from, to, static arrival => arrival.FirstViewer));
        });
        var (resident, threads) = (ProcessMeter.ResidentMegabytes(sender.Id), ProcessMeter.Threads(sender.Id));
        JoinTimes? beside = options.Joins > 0 ? await JoinAndLeaveAsync() : null;
        JoinTimes? together = options.Together > 0 ? await JoinTogetherAsync() : null;
        await Task.Delay(s_underway); // what is repaired
        var (_, _, _, lost, repaired) = Count(); // of those that play, also while others join
        return new(
            sender.Name, options.Viewers, (after.Bytes - before.Bytes) * 8 / seconds / options.Viewers, (after.Packets - before.Packets) / seconds / options.Viewers,
            (after.Pictures - before.Pictures) / seconds / options.Viewers, used / 1e6 / seconds / options.Viewers, idle, resident, threads, lost, repaired, last, packet, viewer, alone, beside, together);
    }

    public void Dispose() => _loop.Dispose();

    private (long Bytes, long Packets, long Pictures, long Lost, long Repaired) Count() => _loop.Ask(() =>
    {
        (long Bytes, long Packets, long Pictures, long Lost, long Repaired) sum = default;
        Span<ushort> missing = stackalloc ushort[64];
        foreach (var (viewer, _) in _viewers)
        {
            var video = viewer.Video;
            sum = (sum.Bytes + video.Bytes, sum.Packets + video.Packets, sum.Pictures + video.Pictures, sum.Lost + video.Lost + video.Missing(missing), sum.Repaired + video.Repaired);
        }

        return sum;
    });

    /// <summary>Of the pictures that came whole to all viewers.</summary>
    private Percentiles Latency(int from, int to, Func<Arrival, long> moment) => Percentiles.Of(
        _arrivals.Where(entry => entry.Key >= from && entry.Key < to && entry.Value.Viewers == options.Viewers)
            .Select(entry => (moment(entry.Value) - sender.Feed!.WrittenAt(entry.Key)) / (double)TimeSpan.TicksPerMillisecond));

    private async Task<(LoadViewer Viewer, Func<Task> Leave)> JoinAsync(bool isCounted = true)
    {
        var viewer = sender.AddViewer(_loop);
        if (isCounted)
            _loop.Ask(() => viewer.Video.Completed = Note);
        var leave = await sender.JoinAsync(_loop, viewer);
        for (var since = Stopwatch.GetTimestamp(); viewer.FirstIdrAt == 0; await Task.Delay(1))
        {
            if (viewer.Failure is { } failure || Stopwatch.GetElapsedTime(since) > s_joinLimit)
                throw new InvalidOperationException($"{sender.Name}: viewer {_viewers.Count + 1} has no picture: {viewer.Failure ?? (viewer.ConnectedAt == 0 ? "not connected" : "connected")}");
        }

        return (viewer, leave);
    }

    private void Note(int number, long first, long last)
    {
        if (!_isMeasuring || number < 0)
            return;
        var before = _arrivals.GetValueOrDefault(number, new(0, long.MaxValue, long.MaxValue, 0));
        _arrivals[number] = new(before.Viewers + 1, Math.Min(first, before.FirstPacket), Math.Min(last, before.FirstViewer), Math.Max(last, before.Last));
    }

    private async Task<JoinTimes> JoinAndLeaveAsync()
    {
        List<LoadViewer> joined = [];
        for (var i = 0; i < options.Joins; i++)
        {
            var (viewer, leave) = await JoinAsync(isCounted: false);
            joined.Add(viewer);
            await leave();
            _loop.Remove(viewer);
            await Task.Delay(Random.Shared.Next(20, 150)); // at any moment of the group of pictures
        }

        return TimesOf(joined);
    }

    private async Task<JoinTimes> JoinTogetherAsync()
    {
        var joined = await Task.WhenAll(Enumerable.Range(0, options.Together).Select(_ => JoinAsync(isCounted: false)));
        return TimesOf([.. joined.Select(static join => join.Viewer)]);
    }

    private static JoinTimes TimesOf(IReadOnlyList<LoadViewer> joined) => new(
        Percentiles.Of(joined.Select(static viewer => Stopwatch.GetElapsedTime(viewer.OfferedAt, viewer.ConnectedAt).TotalMilliseconds)),
        Percentiles.Of(joined.Select(static viewer => Stopwatch.GetElapsedTime(viewer.OfferedAt, viewer.FirstIdrAt).TotalMilliseconds)));

    /// <summary>Of one picture: how many viewers have it, when its first packet was anywhere, when the first viewer had all of it, and when the last.</summary>
    private readonly record struct Arrival(int Viewers, long FirstPacket, long FirstViewer, long Last);
}
