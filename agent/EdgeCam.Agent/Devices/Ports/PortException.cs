namespace EdgeCam.Agent.Devices.Ports;

/// <summary>An operation on a port failed.</summary>
/// <param name="isRefusal">The one operation was refused and the port is as good as before: a line that somebody else holds.</param>
internal sealed class PortException(DeviceFault fault, bool isRefusal = false) : Exception(fault.What)
{
    public DeviceFault Fault { get; } = fault;

    public bool IsRefusal { get; } = isRefusal;
}
