using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices;

/// <summary>A head or a set of lines. Touched by the <see cref="DeviceLoop"/> alone; nothing of it may wait.</summary>
internal interface IDevice
{
    /// <summary>For the log.</summary>
    string Name { get; }

    /// <summary>Each 20 ms.</summary>
    void Tick(Instant now);

    /// <summary>A caller's channel <c>control</c> has closed: what it had set moving stops at once, and what it held is free.</summary>
    void HandleCallerGone(string caller, Instant now);

    /// <summary>The agent ends, or the guard had to step in: everything stands still and is safe.</summary>
    /// <param name="reason">For people.</param>
    void MakeSafe(string reason, Instant now);
}
