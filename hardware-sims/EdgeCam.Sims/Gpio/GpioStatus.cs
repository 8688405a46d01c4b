namespace EdgeCam.Sims.Gpio;

/// <summary>How a request to the chip ended.</summary>
internal enum GpioStatus : byte
{
    Done = 0,
    NoSuchLine = 1,
    Busy = 2,
    NotRequested = 3,
    InputOutput = 4,
}
