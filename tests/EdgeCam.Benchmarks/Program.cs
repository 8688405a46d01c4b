using EdgeCam.Benchmarks;
using EdgeCam.Benchmarks.Runs;

const string Usage = """
    EdgeCam.Benchmarks fanout   one sender, N viewers: processor time per viewer, memory, latency, joins; a JSON line and a table
                 --viewers 50 --seconds 10 --runs 1 --bitrate 4000000 --width 1920 --height 1080
                 --sender edgecam|jit|floor|pion|janus|node-datachannel|gstreamer   --program FILE   --http   --joins 0 --together 0
    """;

try
{
    var rest = new Arguments([.. args.Skip(1)]);
    return args.FirstOrDefault() switch
    {
        "fanout" => await FanoutCommand.RunAsync(rest),
        _ => Help(),
    };
}
catch (Exception mistake) when (mistake is ArgumentException or InvalidOperationException)
{
    Console.Error.WriteLine(mistake.Message);
    return 2;
}

static int Help()
{
    Console.Error.WriteLine(Usage);
    return 2;
}
