using System.Diagnostics;
using System.Globalization;
using EdgeCam.Benchmarks.Feed;
using EdgeCam.Benchmarks.Load;
using EdgeCam.Benchmarks.Senders;

namespace EdgeCam.Benchmarks.Runs;

/// <summary><c>startup</c>: from the start of the process to the first complete picture at a viewer that asks from the first moment on.</summary>
internal static class StartupCommand
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var (runs, name, program) = (arguments.Count("runs", 10), arguments.Text("sender") ?? SenderList.EdgeCam, arguments.Text("program"));
        arguments.MustBeKnown();
        var clip = Clip.FileOf(1920, 1080, 4_000_000);
        Clip.Load(1920, 1080, 4_000_000);
        program ??= name == SenderList.Jit ? Place.Agent : NativeAgent.Find();
        List<double> first = [], whole = [];
        for (var run = 0; run < runs; run++)
        {
            using var loop = new LoadLoop();
            var viewer = loop.Add();
            var began = Stopwatch.GetTimestamp();
            await using var sender = EdgeCamSender.StartOnFile(name, program, clip);
            await sender.JoinWhenReadyAsync(loop, viewer);
            first.Add(Stopwatch.GetElapsedTime(began, viewer.FirstPacketAt).TotalMilliseconds);
            whole.Add(Stopwatch.GetElapsedTime(began, viewer.FirstIdrAt).TotalMilliseconds);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}, {runs} starts: first RTP packet after {Text(first)}, first IDR picture complete after {Text(whole)}"));
        return 0;
    }

    private static string Text(IEnumerable<double> values)
    {
        var times = Percentiles.Of(values);
        return string.Create(CultureInfo.InvariantCulture, $"{times.Median:F0} ms (most {times.Most:F0})");
    }
}
