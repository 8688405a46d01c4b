namespace EdgeCam.Agent.Devices.Ptz.PelcoD;

/// <summary>
/// The messages of Pelco-D: FF, address, command 1 and 2, data 1 and 2, and the sum of all but the first, modulo 256 (Pelco's D protocol,
/// document TF-0002). A standard command names every motion that shall go on, so one that names none stops all.
/// </summary>
internal static class PelcoDFrame
{
    public const int Length = 7;
    public const byte Sync = 0xFF;

    /// <summary>The highest speed but turbo.</summary>
    public const int TopSpeed = 0x3F;

    public const byte QueryPan = 0x51;
    public const byte QueryTilt = 0x53;
    public const byte QueryZoom = 0x55;

    private const byte Right = 0x02;
    private const byte Left = 0x04;
    private const byte Up = 0x08;
    private const byte Down = 0x10;
    private const byte Tele = 0x20;
    private const byte Wide = 0x40;
    private const byte ZoomSpeed = 0x25;
    private const byte SetPan = 0x4B;
    private const byte SetTilt = 0x4D;
    private const byte SetZoom = 0x4F;
    private const byte PanIs = 0x59;
    private const byte TiltIs = 0x5B;
    private const byte ZoomIs = 0x5D;

    public static byte[] Stop(byte address) => Motion(address, 0, 0, 0);

    /// <param name="pan">-63 to 63, right is positive.</param>
    /// <param name="tilt">-63 to 63, up is positive.</param>
    /// <param name="zoom">Its sign: 1 is tele.</param>
    public static byte[] Motion(byte address, int pan, int tilt, int zoom)
    {
        var motions = Pick(pan, Right, Left) | Pick(tilt, Up, Down) | Pick(zoom, Tele, Wide);
        return Create(address, (byte)motions, (byte)Math.Abs(pan), (byte)Math.Abs(tilt));
    }

    /// <param name="level">0 to 3, the fastest.</param>
    public static byte[] SetZoomSpeed(byte address, int level) => Create(address, ZoomSpeed, 0, (byte)level);

    public static byte[] Query(byte address, PtzAxis axis) => Create(address, axis switch
    {
        PtzAxis.Pan => QueryPan,
        PtzAxis.Tilt => QueryTilt,
        _ => QueryZoom,
    }, 0, 0);

    /// <param name="value">Hundredths of a degree, or 65535ths of the highest magnification.</param>
    public static byte[] SetPosition(byte address, PtzAxis axis, ushort value) => Create(address, axis switch
    {
        PtzAxis.Pan => SetPan,
        PtzAxis.Tilt => SetTilt,
        _ => SetZoom,
    }, (byte)(value >> 8), (byte)value);

    /// <summary>Reads a whole message that answers a query; false for any other.</summary>
    public static bool TryReadPosition(ReadOnlySpan<byte> frame, out PtzAxis axis, out ushort value)
    {
        (axis, value) = (default, 0);
        if (frame.Length != Length || frame[2] != 0)
            return false;
        var answered = frame[3] switch
        {
            PanIs => PtzAxis.Pan,
            TiltIs => PtzAxis.Tilt,
            ZoomIs => PtzAxis.Zoom,
            _ => default(PtzAxis?),
        };
        (axis, value) = (answered ?? default, (ushort)((frame[4] << 8) | frame[5]));
        return answered is not null;
    }

    public static bool IsWhole(ReadOnlySpan<byte> frame) => frame.Length == Length && frame[0] == Sync && frame[6] == Checksum(frame);

    private static byte Checksum(ReadOnlySpan<byte> frame) => (byte)(frame[1] + frame[2] + frame[3] + frame[4] + frame[5]);

    private static byte Pick(int speed, byte positive, byte negative) => speed > 0 ? positive : speed < 0 ? negative : (byte)0;

    private static byte[] Create(byte address, byte command, byte data1, byte data2)
    {
        byte[] frame = [Sync, address, 0, command, data1, data2, 0];
        frame[6] = Checksum(frame);
        return frame;
    }
}
