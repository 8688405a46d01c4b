using System.Text.Json.Nodes;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>What a test's agent is told; a port of 0 becomes a free one.</summary>
/// <param name="Broker">URL of a broker to use instead of the agent's own.</param>
/// <param name="Namespace">Where it runs; null: where the tests run.</param>
/// <param name="Access">Null: tokens where others could reach it, open on this machine.</param>
/// <param name="Adjust">Sees the configuration before it is written.</param>
internal sealed record AgentSettings(
    string Device = "e2e",
    string Source = "rpicam:0",
    int Width = 1280,
    int Height = 720,
    int FrameRate = 30,
    int Bitrate = 2_500_000,
    int KeyFrameInterval = 60,
    string Profile = "baseline",
    string Encoder = "camera",
    int HttpPort = 0,
    int BrokerPort = 0,
    string? Broker = null,
    int MediaPort = 0,
    NetNamespace? Namespace = null,
    string? Access = null,
    Action<JsonObject>? Adjust = null)
{
    /// <summary>Whether viewers need a link of <see cref="AgentProcess.LinkAsync"/>.</summary>
    public bool UsesTokens => (Access ?? (Broker is null || new Uri(Broker).IsLoopback ? "open" : "tokens")) != "open";
}
