using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>A browser's statistics of one moment; the counts run from the connection's beginning.</summary>
internal sealed class ViewerSample(JsonNode sample)
{
    public DateTime At { get; } = DateTime.UnixEpoch.AddMilliseconds(Number(sample, "at"));

    /// <summary>Video as it came, with repair.</summary>
    public double Bytes { get; } = Number(sample, "bytes");

    public double Decoded { get; } = Number(sample, "decoded");

    public double Width { get; } = Number(sample, "width");

    /// <summary>Seconds that the browser itself calls frozen.</summary>
    public double Frozen { get; } = Number(sample, "frozen");

    public double PictureLossIndications { get; } = Number(sample, "plis");

    public double NegativeAcknowledgements { get; } = Number(sample, "nacks");

    public double RoundTrip { get; } = Number(sample, "rtt");

    public string Path { get; } = sample["path"]?.GetValue<string>() ?? "";

    /// <summary>The selected pair's addresses: of a relayed candidate, the server's.</summary>
    public string LocalAddress { get; } = sample["local"]?.GetValue<string>() ?? "";

    public string RemoteAddress { get; } = sample["remote"]?.GetValue<string>() ?? "";

    public string State { get; } = sample["state"]?.GetValue<string>() ?? "";

    private static double Number(JsonNode sample, string name) => sample[name]?.GetValue<double>() ?? 0;
}
