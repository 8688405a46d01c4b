using System.Text.Json.Nodes;

namespace EdgeCam.Benchmarks.Runs;

/// <summary>What one run showed.</summary>
/// <param name="Bitrate">Bits per second of media that one viewer got, headers of RTP included.</param>
/// <param name="CpuPerViewer">The sender's processor time in milliseconds per viewer and second.</param>
/// <param name="IdleMegabytes">Resident, with a camera and no viewer.</param>
/// <param name="Latency">From the last byte of a picture written to the sender to the last packet of it at the last viewer.</param>
/// <param name="FirstLatency">The same at the first viewer that has it.</param>
/// <param name="Alone">Joins without other viewers.</param>
/// <param name="Beside">Joins beside the viewers.</param>
/// <param name="Together">Joins at once beside the viewers.</param>
internal sealed record FanoutFigures(
    string Sender, int Viewers, double Bitrate, double PacketsPerSecond, double PicturesPerSecond, double CpuPerViewer, double IdleMegabytes, double ResidentMegabytes, int Threads, long Lost, long Repaired,
    Percentiles Latency, Percentiles FirstLatency, JoinTimes? Alone, JoinTimes? Beside, JoinTimes? Together)
{
    public JsonObject ToJson() => new()
    {
        ["sender"] = Sender,
        ["viewers"] = Viewers,
        ["bitrate"] = Math.Round(Bitrate),
        ["packetsPerSecond"] = Math.Round(PacketsPerSecond, 1),
        ["picturesPerSecond"] = Math.Round(PicturesPerSecond, 2),
        ["cpuMsPerViewerSecond"] = Math.Round(CpuPerViewer, 3),
        ["idleMegabytes"] = Math.Round(IdleMegabytes, 1),
        ["residentMegabytes"] = Math.Round(ResidentMegabytes, 1),
        ["threads"] = Threads,
        ["lost"] = Lost,
        ["repaired"] = Repaired,
        ["latencyMs"] = Latency.ToJson(),
        ["firstLatencyMs"] = FirstLatency.ToJson(),
        ["joinAlone"] = Alone?.ToJson(),
        ["joinBeside"] = Beside?.ToJson(),
        ["joinTogether"] = Together?.ToJson(),
    };
}
