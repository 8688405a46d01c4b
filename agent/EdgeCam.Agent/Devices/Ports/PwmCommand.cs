using System.Buffers.Binary;

namespace EdgeCam.Agent.Devices.Ports;

/// <summary>What a PWM channel is told: period and pulse in nanoseconds (Linux, Documentation/driver-api/pwm.rst).</summary>
/// <param name="Pulse">0 to <paramref name="Period"/>.</param>
internal readonly record struct PwmCommand(uint Period, uint Pulse, bool IsEnabled)
{
    public const int Length = 9;

    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        Write(bytes);
        return bytes;
    }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Period);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Pulse);
        target[8] = IsEnabled ? (byte)1 : (byte)0;
    }

    public static bool TryParse(ReadOnlySpan<byte> bytes, out PwmCommand command)
    {
        command = default;
        if (bytes.Length != Length)
            return false;
        command = new(BinaryPrimitives.ReadUInt32LittleEndian(bytes), BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]), bytes[8] != 0);
        return command.Period > 0 && command.Pulse <= command.Period;
    }
}
