namespace EdgeCam.Agent.Control;

/// <summary>The result of <c>device.time</c>.</summary>
/// <param name="Time">Milliseconds on the device's monotonic clock, with an epoch of its own: for differences only.</param>
/// <param name="RtpTimestamp">
/// What a picture captured at this time has as RTP timestamp in the asking viewer's stream (90 kHz, modulo 2^32); null where the asker has
/// none. With it a viewer knows of each picture when it was captured.
/// </param>
internal sealed record DeviceTime(double Time, uint? RtpTimestamp);
