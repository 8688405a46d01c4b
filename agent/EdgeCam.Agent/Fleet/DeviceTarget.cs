namespace EdgeCam.Agent.Fleet;

/// <summary>A device that a command is for.</summary>
/// <param name="Status">Null: the broker keeps none of it.</param>
internal sealed record DeviceTarget(string Device, DeviceStatus? Status)
{
    /// <summary>Nothing is to be sent: it would not be heard, and what is heard later is not wanted any more.</summary>
    public bool IsKnownOffline => Status is { IsOnline: false };
}
