using EdgeCam.Benchmarks.Feed;
using EdgeCam.Benchmarks.Senders;

namespace EdgeCam.Benchmarks.Runs;

/// <summary><c>compare</c>: the agent, the floor and other stacks in turn, so that what the machine does meanwhile meets all of them; medians, and ratios to the agent.</summary>
internal static class CompareCommand
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var (seconds, runs, bitrate) = (arguments.Number("seconds", 10), arguments.Count("runs", 3), arguments.Count("bitrate", 4_000_000));
        var counts = arguments.Counts("viewers", "1,10,50");
        var names = arguments.Text("senders")?.Split(',') ?? [SenderList.EdgeCam, FloorSender.Name, .. SenderList.Peers];
        arguments.MustBeKnown();
        var clip = Clip.Load(1920, 1080, bitrate);
        List<FanoutFigures> figures = [];
        for (var run = 0; run < runs; run++)
        {
            foreach (var (viewers, name) in counts.SelectMany(_ => names, static (viewers, name) => (viewers, name)))
            {
                Console.Error.WriteLine($"run {run + 1} of {runs}: {name}, {viewers} viewers ...");
                try
                {
                    figures.Add(await SenderList.RunAsync(name, clip, new(viewers, seconds, 1920, 1080, bitrate, Joins: viewers == counts.Max() ? 10 : 0)));
                    Console.WriteLine(figures[^1].ToJson().ToJsonString());
                }
                catch (Exception failure) when (failure is InvalidOperationException or HttpRequestException or IOException)
                {
                    Console.Error.WriteLine($"{name} with {viewers} viewers is left out: {failure.Message}");
                }
            }
        }

        Console.WriteLine();
        CompareTable.Write(Console.Out, figures, names, counts);
        return 0;
    }
}
