using System.Buffers.Binary;

namespace EdgeCam.Agent.Devices.Ptz.Servo;

/// <summary>The registers of NXP's PCA9685 (data sheet revision 4, section 7.3), as far as servos need them.</summary>
internal static class Pca9685
{
    public const byte Mode1 = 0x00;
    public const byte FirstOutput = 0x06; // LED0_ON_L; four registers each: ON low, ON high, OFF low, OFF high
    public const byte PreScale = 0xFE;

    public const byte Restart = 0x80;
    public const byte AutoIncrement = 0x20;
    public const byte Sleep = 0x10;

    /// <summary>Counts in each period.</summary>
    public const int Counts = 4096;

    private const double Oscillator = 25_000_000;
    private const byte FullOff = 0x10; // of OFF high: bit 4

    /// <summary>Equation 1: round(oscillator / (4096 * rate)) - 1. 0x79 at 50 Hz.</summary>
    public static byte PreScaleFor(int frequency) => (byte)(Math.Round(Oscillator / (Counts * (double)frequency)) - 1);

    /// <param name="pulse">Microseconds.</param>
    public static int ToCounts(double pulse, byte preScale) => Math.Clamp((int)Math.Round(pulse * Oscillator / 1e6 / (preScale + 1)), 1, Counts - 1);

    public static double ToPulse(int counts, byte preScale) => counts * 1e6 / Oscillator * (preScale + 1);

    /// <summary>On from the beginning of each period, off after so many counts.</summary>
    public static byte[] SetOutput(int channel, int counts) => [Output(channel), 0, 0, (byte)counts, (byte)(counts >> 8)];

    public static byte Output(int channel) => (byte)(FirstOutput + (4 * channel));

    /// <summary>One register, so that it works without auto-increment too.</summary>
    public static byte[] SwitchOff(int channel) => [(byte)(Output(channel) + 3), FullOff];

    /// <summary>The counts for which an output is on, of its four registers; null where it is off, or on, for good.</summary>
    public static int? ReadOutput(ReadOnlySpan<byte> registers)
    {
        if (registers.Length != 4 || ((registers[1] | registers[3]) & FullOff) != 0)
            return null;
        var (on, off) = (BinaryPrimitives.ReadUInt16LittleEndian(registers), BinaryPrimitives.ReadUInt16LittleEndian(registers[2..]));
        var counts = (off - on) & (Counts - 1);
        return counts == 0 ? null : counts;
    }
}
