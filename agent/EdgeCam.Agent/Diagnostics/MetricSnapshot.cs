namespace EdgeCam.Agent.Diagnostics;

/// <summary>A metric as it was at one moment.</summary>
/// <param name="Name">The instrument's.</param>
/// <param name="Unit">Its UCUM unit, or empty.</param>
/// <param name="Boundaries">Of a histogram's buckets; else empty.</param>
internal sealed record MetricSnapshot(string Name, string Unit, string Description, MetricKind Kind, IReadOnlyList<double> Boundaries, IReadOnlyList<SeriesSnapshot> Series);
