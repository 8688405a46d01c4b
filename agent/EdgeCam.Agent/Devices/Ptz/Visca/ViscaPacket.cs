namespace EdgeCam.Agent.Devices.Ptz.Visca;

/// <summary>
/// The packets of VISCA that a head needs: 8x for the addressee, 01 for a command or 09 for an inquiry, what it is about, FF (Sony's command
/// lists of the EVI and SRG series).
/// </summary>
internal static class ViscaPacket
{
    public const byte End = 0xFF;
    public const int Sockets = 2;

    public const int PanSpeeds = 0x18;
    public const int ZoomSpeeds = 8;
    public const int Tele = 0x4000;

    /// <summary>Broadcast; the head at the end of the chain returns it with the number after its own.</summary>
    public static readonly byte[] AddressSet = [0x88, 0x30, 0x01, End];

    /// <summary>Broadcast; forgets commands under way.</summary>
    public static readonly byte[] InterfaceClear = [0x88, 0x01, 0x00, 0x01, End];

    /// <param name="pan">-24 to 24, right is positive; 0 stops.</param>
    /// <param name="tilt">-23 to 23, or less by the head; up is positive.</param>
    public static byte[] PanTiltDrive(byte address, int pan, int tilt) =>
        [To(address), 0x01, 0x06, 0x01, Speed(pan), Speed(tilt), Direction(pan, 0x02, 0x01), Direction(tilt, 0x01, 0x02), End];

    /// <param name="zoom">-8 to 8, tele is positive.</param>
    public static byte[] ZoomDrive(byte address, int zoom) =>
        [To(address), 0x01, 0x04, 0x07, zoom == 0 ? (byte)0 : (byte)((zoom > 0 ? 0x20 : 0x30) | (Math.Abs(zoom) - 1)), End];

    public static byte[] PanTiltAbsolute(byte address, int panSpeed, int tiltSpeed, short pan, short tilt) =>
        [To(address), 0x01, 0x06, 0x02, (byte)panSpeed, (byte)tiltSpeed, .. Nibbles((ushort)pan), .. Nibbles((ushort)tilt), End];

    public static byte[] ZoomDirect(byte address, ushort zoom) => [To(address), 0x01, 0x04, 0x47, .. Nibbles(zoom), End];

    public static byte[] Cancel(byte address, int socket) => [To(address), (byte)(0x20 | socket), End];

    public static byte[] PanTiltPositionInquiry(byte address) => [To(address), 0x09, 0x06, 0x12, End];

    public static byte[] ZoomPositionInquiry(byte address) => [To(address), 0x09, 0x04, 0x47, End];

    public static byte[] VersionInquiry(byte address) => [To(address), 0x09, 0x00, 0x02, End];

    public static ushort Number(ReadOnlySpan<byte> nibbles) =>
        (ushort)(((nibbles[0] & 15) << 12) | ((nibbles[1] & 15) << 8) | ((nibbles[2] & 15) << 4) | (nibbles[3] & 15));

    private static byte To(byte address) => (byte)(0x80 | address);

    private static byte Speed(int speed) => (byte)Math.Max(1, Math.Abs(speed)); // there is no speed 0

    private static byte Direction(int speed, byte positive, byte negative) => speed > 0 ? positive : speed < 0 ? negative : (byte)0x03;

    private static byte[] Nibbles(ushort value) => [(byte)(value >> 12), (byte)((value >> 8) & 15), (byte)((value >> 4) & 15), (byte)(value & 15)];
}
