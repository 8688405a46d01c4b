using System.Text.Json.Nodes;

namespace EdgeCam.Benchmarks.Runs;

/// <summary>From the offer to DTLS done, and to the first complete IDR picture.</summary>
internal readonly record struct JoinTimes(Percentiles Connected, Percentiles FirstIdr)
{
    public JsonObject ToJson() => new() { ["dtlsMs"] = Connected.ToJson(), ["idrMs"] = FirstIdr.ToJson() };
}
