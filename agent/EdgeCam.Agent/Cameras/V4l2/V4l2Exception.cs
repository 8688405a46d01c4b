namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>The kernel refused a call on a device node.</summary>
/// <param name="call">Such as <c>VIDIOC_STREAMON</c>.</param>
/// <param name="error">errno.</param>
internal sealed class V4l2Exception(string call, int error)
    : Exception($"{call} failed: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)}")
{
    /// <summary>errno, the same on x86-64 and arm64 (asm-generic/errno-base.h).</summary>
    public const int NoEntry = 2, InputOutput = 5, NoAddress = 6, Again = 11, NoMemory = 12, NoAccess = 13, Busy = 16, NoDevice = 19, Invalid = 22, NotTerminal = 25,
        BrokenPipe = 32, TimedOut = 110;

    public string Call => call;

    public int Error => error;
}
