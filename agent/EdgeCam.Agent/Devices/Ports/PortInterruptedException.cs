namespace EdgeCam.Agent.Devices.Ports;

/// <summary>A write was given up half done, since something more urgent is to be written: the safe state.</summary>
internal sealed class PortInterruptedException() : Exception("Interrupted by what is more urgent.");
