using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>Learns from a driver what becomes of its head. Called in the device loop.</summary>
internal interface IPtzDriverObserver
{
    /// <summary>The head is there, for the first time or again, and stands.</summary>
    void OnReady(Instant now);

    /// <summary>Where an axis is, in units, as the head tells.</summary>
    void OnPosition(PtzAxis axis, double position, Instant now);

    /// <summary>It cannot be moved until <see cref="OnReady"/>; <see cref="IPtzDriver.Fault"/> says why.</summary>
    void OnFault(Instant now);

    /// <summary>The head did not do what it was told, but may do the next.</summary>
    void OnRefused(DeviceFault fault, Instant now);

    /// <summary>The head took a command: what <see cref="OnRefused"/> said is over.</summary>
    void OnObeyed(Instant now);
}
