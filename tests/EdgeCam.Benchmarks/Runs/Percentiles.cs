using System.Text.Json.Nodes;

namespace EdgeCam.Benchmarks.Runs;

/// <summary>In milliseconds; NaN where there was nothing.</summary>
internal readonly record struct Percentiles(double Median, double P95, double P99, double Most, int Count)
{
    public static Percentiles Of(IEnumerable<double> values)
    {
        var ordered = values.Order().ToArray();
        double At(double share) => ordered.Length == 0 ? double.NaN : ordered[(int)Math.Round((ordered.Length - 1) * share)];
        return new(At(0.5), At(0.95), At(0.99), At(1), ordered.Length);
    }

    public JsonObject ToJson() => new() { ["p50"] = Number(Median), ["p95"] = Number(P95), ["p99"] = Number(P99), ["max"] = Number(Most), ["count"] = Count };

    private static JsonNode? Number(double value) => double.IsNaN(value) ? null : Math.Round(value, 2);
}
