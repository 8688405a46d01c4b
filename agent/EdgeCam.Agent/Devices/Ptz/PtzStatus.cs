namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>How a head does, at one moment.</summary>
/// <param name="IsEstimated">Positions are reckoned from speeds, not known.</param>
/// <param name="Holder">Who holds control.</param>
/// <param name="StillFor">How long it has stood; whether control may be taken over goes by it.</param>
internal sealed record PtzStatus(
    string Camera, string Driver, bool IsReady, DeviceFault? Fault, IReadOnlyList<AxisStatus> Axes, bool IsMoving, bool IsEstimated,
    (string Id, string Name, TimeSpan ExpiresIn)? Holder, TimeSpan StillFor);
