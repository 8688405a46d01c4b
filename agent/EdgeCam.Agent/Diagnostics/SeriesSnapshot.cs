namespace EdgeCam.Agent.Diagnostics;

/// <summary>One series of a metric at one moment.</summary>
/// <param name="Value">Of a histogram the sum.</param>
/// <param name="Count">Of a histogram: how many were recorded.</param>
/// <param name="Buckets">Of a histogram: how many fell into each, without those above the last boundary.</param>
internal sealed record SeriesSnapshot(IReadOnlyList<KeyValuePair<string, object?>> Tags, double Value, long Count, IReadOnlyList<long> Buckets);
