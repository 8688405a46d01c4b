namespace EdgeCam.Agent.Diagnostics;

/// <summary>The wall clock as others are told of it: in health and <c>device.info</c>.</summary>
/// <param name="State"><c>set</c>, or <c>unset</c> while it shows a time before this program was built.</param>
/// <param name="Synchronized">Whether NTP disciplines it, by the kernel's word; null where the kernel does not say.</param>
internal sealed record ClockReport(string State, bool? Synchronized);
