namespace EdgeCam.Agent.Devices.Guard;

/// <summary>Something to be written to a port.</summary>
/// <param name="Tag">Not 0: what becomes of it is told.</param>
/// <param name="Read">Bytes to read with it.</param>
internal sealed record PortWrite(int Tag, int Read, byte[] Data);
