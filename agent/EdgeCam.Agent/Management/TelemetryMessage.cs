namespace EdgeCam.Agent.Management;

/// <summary>What <c>{prefix}/{device}/telemetry</c> holds. What is not known is left out.</summary>
/// <param name="At">Milliseconds since 1970; null while the clock is not set.</param>
/// <param name="BootId">As in the status: counters begin anew with it.</param>
/// <param name="Uptime">Of the agent, seconds.</param>
/// <param name="Broker">As in <c>/healthz</c>: <c>connected</c> or not.</param>
/// <param name="ViewerCount">Connected or connecting.</param>
/// <param name="Viewers">At most <see cref="TelemetryBuilder.MaxViewers"/>; the rest is summed up in <see cref="MoreViewers"/>.</param>
/// <param name="Outputs">Servers that cameras are published to; null: none is configured.</param>
/// <param name="Drops">What was dropped since the start, by stage and reason.</param>
internal sealed record TelemetryMessage(
    int V,
    long? At,
    string BootId,
    long Uptime,
    string Broker,
    CpuTelemetry Cpu,
    MemoryTelemetry Memory,
    BoardTelemetry Board,
    DiskTelemetry? Disk,
    WifiTelemetry? Wifi,
    IReadOnlyList<CameraTelemetry> Cameras,
    int ViewerCount,
    IReadOnlyList<ViewerTelemetry> Viewers,
    MoreViewersTelemetry? MoreViewers,
    IReadOnlyDictionary<string, Dictionary<string, long>> Drops,
    IReadOnlyList<OutputTelemetry>? Outputs = null);

/// <param name="Process">The agent without its children, in processors: 1 is one of them all the time.</param>
/// <param name="System">All processors together, 0 to 1.</param>
/// <param name="Load1">Processes that run or wait to, over a minute.</param>
internal sealed record CpuTelemetry(double Process, double? System, double? Load1);

/// <param name="Process">Resident, bytes; without the agent's children.</param>
internal sealed record MemoryTelemetry(long Process, long? Total, long? Available);

/// <param name="Uptime">Of the board, seconds.</param>
internal sealed record BoardTelemetry(
    double? TemperatureCelsius = null, bool? Throttled = null, bool? ThrottledBefore = null, bool? UnderVoltage = null, bool? UnderVoltageBefore = null, long? Uptime = null);

/// <summary>The file system of the state folder, bytes.</summary>
internal sealed record DiskTelemetry(long Total, long Free);

internal sealed record WifiTelemetry(string Interface, int SignalDbm);

/// <param name="Frames">Pictures since the start.</param>
/// <param name="FramesPerSecond">Since the last message.</param>
/// <param name="KeyFrames">Since the start.</param>
/// <param name="Bitrate">Bits per second now.</param>
/// <param name="Substream">Null where there is none.</param>
internal sealed record CameraTelemetry(
    string Name, string State, string? Detail, int Width, int Height, long Frames, double FramesPerSecond, long KeyFrames, long Bitrate, SubstreamTelemetry? Substream = null);

internal sealed record SubstreamTelemetry(long Frames, double FramesPerSecond, long Bitrate);

/// <param name="Id">Tells viewers of this run apart, and nothing more.</param>
/// <param name="Path"><c>local</c>, <c>direct</c>, <c>relay</c>, or <c>none</c> while it connects.</param>
/// <param name="Address">Only where <c>telemetry.addresses</c> is <c>shown</c>.</param>
/// <param name="RoundTrip">Milliseconds.</param>
/// <param name="Loss">0 to 1.</param>
/// <param name="Estimate">What its network carries, bits per second.</param>
/// <param name="Bitrate">What it was sent since the last message, bits per second.</param>
/// <param name="Queueing">What stands in queues on the way, milliseconds.</param>
/// <param name="Frames">Since it connected, as the two that follow.</param>
/// <param name="Retransmitted">Packets.</param>
internal sealed record ViewerTelemetry(
    string Id, string Camera, string Stream, string Path, string? Address, double? RoundTrip, double Loss, long Estimate, long Bitrate, double Queueing, long Frames, long FramesDropped, long Retransmitted);

/// <summary>A server that a camera is published to; what follows the detail as in <see cref="ViewerTelemetry"/>, null while it is not connected.</summary>
/// <param name="State">As in <see cref="Diagnostics.OutputReport"/>.</param>
internal sealed record OutputTelemetry(
    string Name, string Camera, string State, string? Detail, string? Stream, string? Path, double? RoundTrip, double? Loss, long? Estimate, long? Frames, long? FramesDropped, long? Retransmitted);

internal sealed record MoreViewersTelemetry(int Count, long Bitrate, long FramesDropped);
