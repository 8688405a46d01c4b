using System.Diagnostics;
using System.Globalization;
using EdgeCam.Benchmarks.Feed;
using EdgeCam.Benchmarks.Senders;

namespace EdgeCam.Benchmarks.Runs;

/// <summary><c>steady</c>: the agent with its HTTP and broker, under viewers that stay: whether its memory grows, and for how long collections hold it up.</summary>
internal static class SteadyCommand
{
    private const double MostGrowth = 1; // MB, over the whole time
    private const double LongestPause = 5; // ms, of a full collection

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var (viewers, minutes, bitrate, program) = (arguments.Count("viewers", 25), arguments.Number("minutes", 30), arguments.Count("bitrate", 4_000_000), arguments.Text("program"));
        var begin = TimeSpan.FromMinutes(arguments.Number("after", 10)); // what the joins left is collected some minutes later, and its room taken again
        arguments.MustBeKnown();
        var clip = Clip.Load(1920, 1080, bitrate);
        var time = TimeSpan.FromMinutes(minutes);
        await using var sender = await EdgeCamSender.StartAsync(SenderList.EdgeCamHttp, program ?? NativeAgent.Find(), clip, byMqtt: false);
        using var run = new FanoutRun(sender, new(viewers, (begin + time).TotalSeconds, 1920, 1080, bitrate));
        var running = run.RunAsync();
        await Task.WhenAny(running, Task.Delay(begin));

        List<Sample> samples = [];
        for (var began = Stopwatch.GetTimestamp(); !running.IsCompleted && Stopwatch.GetElapsedTime(began) <= time; await Task.WhenAny(running, Task.Delay(s_interval)))
        {
            samples.Add(await TakeAsync(sender, Stopwatch.GetElapsedTime(began)));
            if (samples.Count % 6 == 1)
                Console.WriteLine(samples[^1]);
        }

        var figures = await running;
        var growth = Slope(samples, static sample => sample.Resident) * time.TotalSeconds;
        var anonymous = Slope(samples, static sample => sample.Anonymous) * time.TotalSeconds;
        var pause = samples.Where(sample => sample.Full > samples[0].Full).Select(static sample => sample.FullPause).DefaultIfEmpty().Max();
        var (full, missed) = (samples[^1].Full - samples[0].Full, samples.Zip(samples.Skip(1), static (before, after) => Math.Max(after.Full - before.Full - 1, 0)).Sum());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{viewers} viewers, {minutes} min: {figures.PicturesPerSecond:F2} pictures/s, {figures.Lost} packets lost, {figures.CpuPerViewer:F2} ms per viewer-second"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory {samples.Min(static sample => sample.Resident):F1} to {samples.Max(static sample => sample.Resident):F1} MB, grows by {growth:F2} MB in that time (limit {MostGrowth}); without pages of files {samples.Min(static sample => sample.Anonymous):F1} to {samples.Max(static sample => sample.Anonymous):F1} MB, by {anonymous:F2} MB"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{full} full collections ({missed} not looked at), longest pause {pause:F2} ms (limit {LongestPause}); all pauses {(samples[^1].Paused - samples[0].Paused) * 1000 / time.TotalSeconds:F3} ms a second"));
        return Math.Abs(growth) <= MostGrowth && pause <= LongestPause && missed == 0 ? 0 : 1;
    }

    private static async Task<Sample> TakeAsync(EdgeCamSender sender, TimeSpan at)
    {
        var metrics = await sender.ReadMetricsAsync();
        double Value(string name) => metrics.Split('\n').FirstOrDefault(line => line.StartsWith(name + ' ', StringComparison.Ordinal)) is { } line
            ? double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"the agent has no metric {name}");
        return new(
            at, ProcessMeter.ResidentMegabytes(sender.Id), ProcessMeter.AnonymousMegabytes(sender.Id), (int)Value("edgecam_runtime_collections_total{generation=\"2\"}"), Value("edgecam_runtime_full_pause_seconds") * 1000,
            Value("edgecam_runtime_paused_seconds_total"));
    }

    /// <summary>Of the line that is nearest to all samples, in megabytes a second.</summary>
    private static double Slope(IReadOnlyList<Sample> samples, Func<Sample, double> megabytes)
    {
        var (time, memory) = (samples.Average(static sample => sample.At.TotalSeconds), samples.Average(megabytes));
        return samples.Sum(sample => (sample.At.TotalSeconds - time) * (megabytes(sample) - memory)) / samples.Sum(sample => Math.Pow(sample.At.TotalSeconds - time, 2));
    }

    private sealed record Sample(TimeSpan At, double Resident, double Anonymous, int Full, double FullPause, double Paused)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At:hh\\:mm\\:ss} {Resident:F1} MB, {Anonymous:F1} without pages of files, {Full} full collections, the latest paused {FullPause:F2} ms");
    }
}
