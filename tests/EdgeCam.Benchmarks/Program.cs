using System.ComponentModel;
using EdgeCam.Benchmarks;
using EdgeCam.Benchmarks.Micro;
using EdgeCam.Benchmarks.Runs;
using EdgeCam.Benchmarks.Senders;

const string Usage = """
    What the agent costs, beside the least that is possible and beside other WebRTC stacks. tests/EdgeCam.Benchmarks/run.sh builds what it takes.

    fanout    one sender and N viewers: processor time per viewer, memory, latency, joins; a JSON line for each run, and a table
                --viewers 50  --seconds 10  --runs 1  --bitrate 4000000  --width 1920  --height 1080
                --sender edgecam|jit|floor|pion|janus|node-datachannel|gstreamer
                --joins N     time so many single joins, alone and beside the viewers
                --together N  time so many joins at once beside the viewers
                --srtp gcm|cm what the viewers take, as Firefox and Chromium do; else what the agent prefers
                --http        the agent with WHEP and its own broker; else with MQTT over another one
                --program F   another agent
    compare   all senders in turn, medians of several runs as a table in Markdown
                --viewers 1,10,50  --seconds 10  --runs 3  --bitrate 4000000  --senders edgecam,floor,...  (the first is what others are held against)
    latency   from the camera's last byte to the wire and to the last viewer
                --viewers 1,10,50  --seconds 10  --bitrate 4000000  --sender edgecam  --program F
    steady    the agent under viewers that stay: whether its memory grows, and how long collections hold it up
                --viewers 25  --minutes 30  --after 10  (minutes after the start)  --bitrate 4000000  --program F
    startup   from the start of the process to the first picture at a viewer
                --runs 10  --sender edgecam|jit  --program F
    micro     the steps of a frame's way one by one
                --short
    """;

if (args.Contains("--help"))
{
    Console.WriteLine(Usage);
    return 0;
}

try
{
    var rest = new Arguments([.. args.Skip(1)]);
    return args.FirstOrDefault() switch
    {
        "fanout" => await FanoutCommand.RunAsync(rest),
        "compare" => await CompareCommand.RunAsync(rest),
        "latency" => await LatencyCommand.RunAsync(rest),
        "steady" => await SteadyCommand.RunAsync(rest),
        "startup" => await StartupCommand.RunAsync(rest),
        "micro" => MicroCommand.Run(rest),
        FloorSender.Name => FloorCommand.Run(rest),
        _ => Help(),
    };
}
catch (Exception mistake) when (mistake is ArgumentException or InvalidOperationException)
{
    Console.Error.WriteLine(mistake.Message);
    return 2;
}
catch (Win32Exception missing)
{
    Console.Error.WriteLine($"{missing.Message}: tests/EdgeCam.Benchmarks/run.sh brings the programs that it takes.");
    return 2;
}

static int Help()
{
    Console.Error.WriteLine(Usage);
    return 2;
}
