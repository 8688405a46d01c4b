namespace EdgeCam.Agent.Devices.Ptz.Visca;

/// <summary>The errors by which a head refuses.</summary>
internal static class ViscaError
{
    public const byte Length = 0x01;
    public const byte Syntax = 0x02;
    public const byte BufferFull = 0x03;
    public const byte Cancelled = 0x04;
    public const byte NoSocket = 0x05;
    public const byte NotExecutable = 0x41;

    public static DeviceFault Describe(byte error) => error switch
    {
        Length or Syntax => new("the head does not understand a command (VISCA syntax error)", "Set tiltSpeeds=20 in its driver, and write the head's own ends for pan, tilt and zoom"),
        NotExecutable => new("the head cannot do it now (VISCA command not executable)", "Switch the camera on, close its menu, and try again"),
        _ => new($"the head refuses a command (VISCA error {error:X2})", "Look that error up in the head's manual"),
    };
}
