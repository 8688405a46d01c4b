using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Devices.Ports;

/// <summary>A simulated GPIO chip: <c>gpio:unix:/path</c>.</summary>
/// <remarks>
/// Messages are their length (16 bits, little-endian), an operation and its fields; an answer has the operation plus 128 and a status.
/// 1 takes a line, 2 sets, 3 gets, 4 gives back; 140 is an edge, which may come at any time.
/// </remarks>
internal sealed class GpioSocket : IPort
{
    private const byte TakeCode = 1;
    private const byte SetCode = 2;
    private const byte GetCode = 3;
    private const byte AnswerBit = 128;
    private const byte EdgeCode = 140;
    private const int MaxMessage = 512;
    private const int MaxOffset = 255;

    private readonly string _path;
    private readonly PortContext _context;
    private PortSocket? _socket;

    private GpioSocket(string path, PortContext context) => (_path, _context, _socket) = (path, context, PortSocket.Connect(path, context.Interrupt));

    public SafeHandle? Descriptor => _socket?.Descriptor;

    public static GpioSocket Open(PortUri uri, PortContext context)
    {
        uri.CheckKeys();
        return new(uri.Path, context);
    }

    public void Receive() => Read(expected: 0);

    public byte[] Write(ReadOnlySpan<byte> data, int read)
    {
        if (GpioCommand.TryParseRequest(data, out var line))
            return Ask(line.Offset, [TakeCode, (byte)line.Offset, .. Settings(line), (byte)"edgecam".Length, .. "edgecam"u8]);
        if (GpioCommand.TryParseSet(data, out var offset, out var value))
            return Ask(offset, [SetCode, (byte)offset, value ? (byte)1 : (byte)0]);
        return GpioCommand.TryParseGet(data, out offset) ? Ask(offset, [GetCode, (byte)offset]) : throw GpioFaults.Malformed(_path);
    }

    public bool Hurry() => false;

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private static byte[] Settings(GpioLineRequest line)
    {
        var settings = new byte[8];
        (settings[0], settings[1]) = ((byte)line.Direction, (byte)line.Pull);
        (settings[2], settings[3]) = (line.IsActiveLow ? (byte)1 : (byte)0, line.Value ? (byte)1 : (byte)0);
        BinaryPrimitives.WriteUInt32LittleEndian(settings.AsSpan(4), (uint)line.Debounce.TotalMicroseconds);
        return settings;
    }

    private byte[] Ask(ushort offset, byte[] request)
    {
        if (offset > MaxOffset)
            throw GpioFaults.NoSuchLine(_path, offset);
        _socket!.Write([(byte)request.Length, (byte)(request.Length >> 8), .. request]);
        byte[]? answer;
        do
            answer = Read((byte)(request[0] + AnswerBit));
        while (answer is null);
        return answer[0] switch
        {
            0 => answer[1..],
            1 => throw GpioFaults.NoSuchLine(_path, offset),
            2 => throw GpioFaults.Busy(_path, offset),
            3 => throw GpioFaults.NotRequested(_path, offset),
            _ => throw GpioFaults.Failed(_path, offset, "input/output error"),
        };
    }

    /// <summary>Reads one message. It is not to be given up half way: what follows would be misread, and a second connection has not our lines.</summary>
    /// <returns>The answer that was expected, from its status on; null for an edge.</returns>
    private byte[]? Read(byte expected)
    {
        Span<byte> header = stackalloc byte[2];
        _socket!.Read(header, isInterruptible: false);
        var length = BinaryPrimitives.ReadUInt16LittleEndian(header);
        if (length is < 2 or > MaxMessage)
            throw Strange();
        var message = new byte[length];
        _socket.Read(message, isInterruptible: false);
        if (message[0] == EdgeCode && length == 11)
        {
            _context.Received(GpioCommand.Edge(message[1], message[2] != 0, BinaryPrimitives.ReadInt64LittleEndian(message.AsSpan(3))));
            return null;
        }

        return message[0] == expected ? message[1..] : throw Strange();
    }

    private PortException Strange() => new(new($"{_path} says what was not asked for", "Check that a simulated GPIO chip is behind it."));
}
