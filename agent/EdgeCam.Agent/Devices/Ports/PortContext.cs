using EdgeCam.Agent.Devices.Ports.Interop;

namespace EdgeCam.Agent.Devices.Ports;

/// <summary>What a port needs of whoever opens it.</summary>
/// <param name="Received">What came by itself; may be called on any thread.</param>
/// <param name="Interrupt">Set when a write that waits is to be given up.</param>
internal sealed record PortContext(Action<byte[]> Received, Signal Interrupt);
