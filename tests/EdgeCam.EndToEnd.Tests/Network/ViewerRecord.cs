using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>What a browser saw: every decoded frame by the number that the camera painted into it, and its own statistics.</summary>
internal sealed class ViewerRecord
{
    public ViewerRecord(JsonNode answer)
    {
        Frames = [.. answer["codes"]!.AsArray().Select(code => new SeenFrame(Time(code![0]!), (long)code[1]!.GetValue<double>(), Time(code[2]!)))];
        Samples = [.. answer["samples"]!.AsArray().Select(sample => new ViewerSample(sample!))];
        States = [.. answer["states"]!.AsArray().Select(state => (Time(state!["at"]!), state["name"]!.GetValue<string>(), state["detail"]!.GetValue<string>()))];
        Connections = answer["peers"]!.GetValue<int>();
        Problems = [.. answer["problems"]!.AsArray().Select(problem => problem!.GetValue<string>())];
    }

    public IReadOnlyList<SeenFrame> Frames { get; }

    public IReadOnlyList<ViewerSample> Samples { get; }

    public IReadOnlyList<(DateTime At, string Name, string Detail)> States { get; }

    /// <summary>Peer connections that the page has made since it was opened.</summary>
    public int Connections { get; }

    public IReadOnlyList<string> Problems { get; }

    /// <summary>The frames of a stretch of time, and how smoothly they came.</summary>
    public Smoothness Between(DateTime from, DateTime to) => new([.. Frames.Where(frame => frame.At >= from && frame.At <= to)], from, to);

    /// <summary>Bits in a second that reached the browser, video and its repair.</summary>
    public double Bitrate(DateTime from, DateTime to)
    {
        var samples = Samples.Where(sample => sample.At >= from && sample.At <= to && sample.Bytes > 0).ToList();
        return samples.Count < 2 ? 0 : (samples[^1].Bytes - samples[0].Bytes) * 8 / (samples[^1].At - samples[0].At).TotalSeconds;
    }

    private static DateTime Time(JsonNode milliseconds) => DateTime.UnixEpoch.AddMilliseconds(milliseconds.GetValue<double>());
}
