namespace EdgeCam.Agent.Devices;

/// <summary>More is wanted of the devices than they can do, or they are being switched off.</summary>
internal sealed class DeviceLoopBusyException() : Exception("The devices have too much to do; try again.");
