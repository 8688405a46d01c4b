namespace EdgeCam.Agent.Devices.Guard;

/// <summary>What the guard's ports report; called on their threads.</summary>
internal interface IGuardEvents
{
    void OnOpened(GuardPort port);

    void OnFault(GuardPort port, DeviceFault fault);

    void OnReply(GuardPort port, int tag, DeviceFault? fault, byte[] data);

    void OnReceived(GuardPort port, byte[] data);

    /// <summary>For people.</summary>
    void Log(string line);
}
