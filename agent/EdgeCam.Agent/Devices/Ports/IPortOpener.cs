namespace EdgeCam.Agent.Devices.Ports;

/// <summary>Opens ports: the guard's link does it in the agent, a test's own in tests.</summary>
internal interface IPortOpener
{
    /// <summary>Never waits: the user learns what becomes of it. It is kept open, whatever happens, for as long as the agent runs.</summary>
    IDevicePort Open(PortPlan plan, IPortUser user);
}
