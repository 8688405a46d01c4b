using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Gpio;

/// <param name="Then">The value that the line has afterwards.</param>
internal readonly record struct GpioPulse(Instant EndsAt, bool Then);
