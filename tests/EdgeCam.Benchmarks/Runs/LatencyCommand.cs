using System.Globalization;
using EdgeCam.Benchmarks.Feed;
using EdgeCam.Benchmarks.Senders;

namespace EdgeCam.Benchmarks.Runs;

/// <summary><c>latency</c>: where the time goes between a picture's last byte from the camera and its last packet at the last viewer.</summary>
internal static class LatencyCommand
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var (seconds, bitrate) = (arguments.Number("seconds", 10), arguments.Count("bitrate", 4_000_000));
        var counts = arguments.Counts("viewers", "1,10,50");
        var (name, program) = (arguments.Text("sender") ?? SenderList.EdgeCam, arguments.Text("program"));
        arguments.MustBeKnown();
        var clip = Clip.Load(1920, 1080, bitrate);
        Console.WriteLine("milliseconds since the camera wrote the picture, p50 / p99");
        Console.WriteLine($"{"viewers",7} {"its first packet out",22} {"whole at the first viewer",27} {"whole at the last viewer",26}");
        foreach (var viewers in counts)
        {
            var run = await SenderList.RunAsync(name, clip, new(viewers, seconds, 1920, 1080, bitrate), program);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{viewers,7} {Text(run.FirstPacket),22} {Text(run.FirstViewer),27} {Text(run.Latency),26}"));
        }

        return 0;
    }

    private static string Text(Percentiles times) => string.Create(CultureInfo.InvariantCulture, $"{times.Median:F2} / {times.P99:F2}");
}
