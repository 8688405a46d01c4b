namespace EdgeCam.Sims.Gpio;

/// <summary>What pulls an input that nothing drives.</summary>
internal enum GpioBias : byte
{
    None = 0,
    Up = 1,
    Down = 2,
}
