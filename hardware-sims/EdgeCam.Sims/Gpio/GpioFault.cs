namespace EdgeCam.Sims.Gpio;

/// <summary>What can be wrong with a line.</summary>
internal enum GpioFault
{
    None,
    InputOutput,
    Busy,
}
