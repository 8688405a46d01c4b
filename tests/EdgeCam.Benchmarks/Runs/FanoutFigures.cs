using System.Text.Json.Nodes;

namespace EdgeCam.Benchmarks.Runs;

/// <summary>What one run showed.</summary>
/// <param name="Bitrate">Bits per second of media that one viewer got, headers of RTP included.</param>
/// <param name="CpuPerViewer">The sender's processor time in milliseconds per viewer and second.</param>
/// <param name="IdleMegabytes">Resident, with a camera and no viewer.</param>
/// <param name="Latency">From the last byte of a picture written to the sender to the last packet of it at the last viewer.</param>
/// <param name="FirstPacket">From that to the first packet at any viewer.</param>
/// <param name="FirstViewer">From that to the last packet at the viewer that has it first.</param>
/// <param name="Alone">Joins without other viewers.</param>
/// <param name="Beside">Joins beside the viewers.</param>
/// <param name="Together">Joins at once beside the viewers.</param>
internal sealed record FanoutFigures(
    string Sender, int Viewers, double Bitrate, double PacketsPerSecond, double PicturesPerSecond, double CpuPerViewer, double IdleMegabytes, double ResidentMegabytes, int Threads, long Lost, long Repaired,
    Percentiles Latency, Percentiles FirstPacket, Percentiles FirstViewer, JoinTimes? Alone, JoinTimes? Beside, JoinTimes? Together)
{
    public JsonObject ToJson() => new()
    {
        ["sender"] = Sender,
        ["viewers"] = Viewers,
        ["bitrate"] = Math.Round(Bitrate),
        ["packetsPerSecond"] = Math.Round(PacketsPerSecond, 1),
        ["picturesPerSecond"] = Number(PicturesPerSecond),
        ["cpuMsPerViewerSecond"] = Math.Round(CpuPerViewer, 3),
        ["idleMegabytes"] = Number(IdleMegabytes),
        ["residentMegabytes"] = Number(ResidentMegabytes),
        ["threads"] = Threads,
        ["lost"] = Lost,
        ["repaired"] = Repaired,
        ["latencyMs"] = Latency.ToJson(),
        ["firstPacketMs"] = FirstPacket.ToJson(),
        ["firstViewerMs"] = FirstViewer.ToJson(),
        ["joinAlone"] = Alone?.ToJson(),
        ["joinBeside"] = Beside?.ToJson(),
        ["joinTogether"] = Together?.ToJson(),
    };

    private static JsonNode? Number(double value) => double.IsNaN(value) ? null : Math.Round(value, 2);
}
