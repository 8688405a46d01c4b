using System.Buffers.Binary;

namespace EdgeCam.Agent.Devices.Ports;

/// <summary>What a GPIO chip is told, and what it tells. Values are logical: true is active, whatever that is electrically.</summary>
internal static class GpioCommand
{
    private const byte RequestCode = 1;
    private const byte SetCode = 2;
    private const byte GetCode = 3;
    private const byte EdgeCode = 140;

    /// <summary>Takes a line for this process; an output has <see cref="GpioLineRequest.Value"/> from then on.</summary>
    public static byte[] Request(GpioLineRequest line)
    {
        var bytes = new byte[11];
        bytes[0] = RequestCode;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(1), line.Offset);
        bytes[3] = (byte)line.Direction;
        bytes[4] = (byte)line.Pull;
        bytes[5] = line.IsActiveLow ? (byte)1 : (byte)0;
        bytes[6] = line.Value ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(7), (uint)line.Debounce.TotalMicroseconds);
        return bytes;
    }

    public static byte[] Set(ushort offset, bool value) => [SetCode, (byte)offset, (byte)(offset >> 8), value ? (byte)1 : (byte)0];

    /// <summary>The reply's data is one byte, 0 or 1.</summary>
    public static byte[] Get(ushort offset) => [GetCode, (byte)offset, (byte)(offset >> 8)];

    /// <summary>An edge of an input, after debouncing.</summary>
    /// <param name="at">On the clock CLOCK_MONOTONIC, nanoseconds.</param>
    public static byte[] Edge(ushort offset, bool value, long at)
    {
        var bytes = new byte[12];
        (bytes[0], bytes[1], bytes[2], bytes[3]) = (EdgeCode, (byte)offset, (byte)(offset >> 8), value ? (byte)1 : (byte)0);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(4), at);
        return bytes;
    }

    public static bool TryParseRequest(ReadOnlySpan<byte> bytes, out GpioLineRequest line)
    {
        line = default;
        if (bytes.Length != 11 || bytes[0] != RequestCode || bytes[3] > (byte)GpioDirection.Output || bytes[4] > (byte)GpioPull.Down)
            return false;
        line = new(
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]), (GpioDirection)bytes[3], (GpioPull)bytes[4], bytes[5] != 0, bytes[6] != 0,
            TimeSpan.FromMicroseconds(BinaryPrimitives.ReadUInt32LittleEndian(bytes[7..])));
        return true;
    }

    public static bool TryParseSet(ReadOnlySpan<byte> bytes, out ushort offset, out bool value)
    {
        (offset, value) = (0, false);
        if (bytes.Length != 4 || bytes[0] != SetCode)
            return false;
        (offset, value) = (BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]), bytes[3] != 0);
        return true;
    }

    public static bool TryParseGet(ReadOnlySpan<byte> bytes, out ushort offset)
    {
        offset = 0;
        if (bytes.Length != 3 || bytes[0] != GetCode)
            return false;
        offset = BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]);
        return true;
    }

    public static bool TryParseEdge(ReadOnlySpan<byte> bytes, out ushort offset, out bool value, out long at)
    {
        (offset, value, at) = (0, false, 0);
        if (bytes.Length != 12 || bytes[0] != EdgeCode)
            return false;
        (offset, value, at) = (BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]), bytes[3] != 0, BinaryPrimitives.ReadInt64LittleEndian(bytes[4..]));
        return true;
    }
}
