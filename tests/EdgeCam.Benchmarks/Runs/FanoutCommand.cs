using System.Globalization;
using EdgeCam.Benchmarks.Feed;
using EdgeCam.Benchmarks.Senders;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Benchmarks.Runs;

/// <summary><c>fanout</c>: one sender.</summary>
internal static class FanoutCommand
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var options = new FanoutOptions(
            arguments.Count("viewers", 50), arguments.Number("seconds", 10), arguments.Count("width", 1920), arguments.Count("height", 1080), arguments.Count("bitrate", 4_000_000),
            arguments.Count("joins", 0), arguments.Count("together", 0), Profile(arguments.Text("srtp")));
        var (name, program, http, runs) = (arguments.Text("sender") ?? "edgecam", arguments.Text("program"), arguments.Has("http"), arguments.Count("runs", 1));
        arguments.MustBeKnown();
        var clip = Clip.Load(options.Width, options.Height, options.Bitrate);
        List<FanoutFigures> figures = [];
        for (var run = 0; run < runs; run++)
        {
            figures.Add(await SenderList.RunAsync(name, clip, options, program, http));
            Console.WriteLine(figures[^1].ToJson().ToJsonString());
        }

        FanoutTable.Write(Console.Out, figures);
        return 0;
    }

    private static SrtpProfile? Profile(string? name) => name switch
    {
        null => null,
        "gcm" => SrtpProfile.AeadAes128Gcm,
        "cm" => SrtpProfile.AesCm128HmacSha1Tag80,
        _ => throw new ArgumentException($"--srtp is gcm or cm, not '{name}'"),
    };
}
