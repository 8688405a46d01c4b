using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Management;

/// <summary>What a diagnosis is put together from. JSON is given as it is published.</summary>
/// <param name="Configuration">Keys and their values in JSON, secrets not among them.</param>
internal sealed record DiagnoseSources(
    Func<IEnumerable<(string Path, string Value)>> Configuration,
    Func<byte[]> Status,
    Func<Task<byte[]>> Telemetry,
    Func<byte[]> Board,
    Func<string> Metrics,
    Func<IReadOnlyList<OverdueLoop>> Overdue,
    LogRing Log,
    DeviceFacts Facts);
