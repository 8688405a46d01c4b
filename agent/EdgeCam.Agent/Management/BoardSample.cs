namespace EdgeCam.Agent.Management;

/// <summary>How the board does, as telemetry has it; null where it does not tell.</summary>
internal sealed record BoardSample(BoardTelemetry Board, DiskTelemetry? Disk = null, WifiTelemetry? Wifi = null, long? MemoryTotal = null, long? MemoryAvailable = null, double? Load1 = null)
{
    public static readonly BoardSample Unknown = new(new BoardTelemetry());
}
