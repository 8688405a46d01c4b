namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>What is wired to an input of the simulated chip.</summary>
internal enum GpioPull
{
    Down,
    Up,
}
