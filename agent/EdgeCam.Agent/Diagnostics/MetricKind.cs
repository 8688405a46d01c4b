namespace EdgeCam.Agent.Diagnostics;

/// <summary>What a metric's values are.</summary>
internal enum MetricKind
{
    /// <summary>A sum that only grows.</summary>
    Counter,

    /// <summary>What there is now.</summary>
    Gauge,

    Histogram,
}
