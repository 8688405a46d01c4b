using System.Buffers.Binary;
using System.Text;
using EdgeCam.Agent.Devices.Ports;

namespace EdgeCam.Agent.Devices.Guard;

/// <summary>
/// A message between the agent and its guard: the length of what follows (16 bits), the kind (8), and fields in the order below, integers
/// little-endian, texts and blocks with their length (16 bits) before them.
/// </summary>
internal sealed record GuardMessage(GuardMessageKind Kind)
{
    /// <summary>Bytes of a message, without the length before it.</summary>
    public const int MaxLength = 4096;

    public const int HeaderLength = 2;

    /// <summary>Of <see cref="GuardMessageKind.Beat"/>, <see cref="GuardMessageKind.Tripped"/> and <see cref="GuardMessageKind.Armed"/>: trips so far.</summary>
    public uint Trips { get; init; }

    public ushort Port { get; init; }

    public int Tag { get; init; }

    /// <summary>Of <see cref="GuardMessageKind.Write"/>: bytes to read.</summary>
    public ushort Read { get; init; }

    /// <summary>Of <see cref="GuardMessageKind.Open"/>.</summary>
    public PortPlan? Plan { get; init; }

    /// <summary>Of <see cref="GuardMessageKind.Fault"/>, and of a <see cref="GuardMessageKind.Reply"/> to what failed.</summary>
    public DeviceFault? Fault { get; init; }

    /// <summary>Of <see cref="GuardMessageKind.Tripped"/>.</summary>
    public string Reason { get; init; } = "";

    public byte[] Data { get; init; } = [];

    /// <returns>The message with its length before it; null where it would be longer than <see cref="MaxLength"/>.</returns>
    public byte[]? ToFrame()
    {
        using var stream = new MemoryStream();
        stream.Write([0, 0, (byte)Kind]);
        WriteFields(stream);
        var frame = stream.ToArray();
        if (frame.Length - HeaderLength > MaxLength)
            return null;
        BinaryPrimitives.WriteUInt16LittleEndian(frame, (ushort)(frame.Length - HeaderLength));
        return frame;
    }

    /// <param name="body">Without the length.</param>
    public static bool TryParse(ReadOnlySpan<byte> body, out GuardMessage message)
    {
        message = new(default(GuardMessageKind));
        var reader = new GuardReader(body);
        var kind = (GuardMessageKind)reader.Byte();
        switch (kind)
        {
            case GuardMessageKind.Open:
                var port = reader.Short();
                message = new(kind) { Port = port, Plan = new(reader.Text(), reader.Text(), reader.Blocks(), reader.Blocks()) };
                break;
            case GuardMessageKind.Write:
                message = new(kind) { Port = reader.Short(), Tag = reader.Integer(), Read = reader.Short(), Data = reader.Rest() };
                break;
            case GuardMessageKind.Opened:
                message = new(kind) { Port = reader.Short() };
                break;
            case GuardMessageKind.Beat or GuardMessageKind.Armed:
                message = new(kind) { Trips = (uint)reader.Integer() };
                break;
            case GuardMessageKind.Fault:
                message = new(kind) { Port = reader.Short(), Fault = new(reader.Text(), reader.Text()) };
                break;
            case GuardMessageKind.Reply:
                message = new(kind) { Port = reader.Short(), Tag = reader.Integer(), Fault = reader.Byte() == 0 ? null : new(reader.Text(), reader.Text()), Data = reader.Rest() };
                break;
            case GuardMessageKind.Received:
                message = new(kind) { Port = reader.Short(), Data = reader.Rest() };
                break;
            case GuardMessageKind.Tripped:
                message = new(kind) { Trips = (uint)reader.Integer(), Reason = reader.Text() };
                break;
            case GuardMessageKind.Alive:
                message = new(kind);
                break;
            default:
                return false;
        }

        return reader.IsAtEnd;
    }

    private void WriteFields(MemoryStream stream)
    {
        switch (Kind)
        {
            case GuardMessageKind.Open:
                WriteShort(stream, Port);
                WriteText(stream, Plan!.Name);
                WriteText(stream, Plan.Uri);
                WriteBlocks(stream, Plan.Start);
                WriteBlocks(stream, Plan.Safe);
                break;
            case GuardMessageKind.Write:
                WriteShort(stream, Port);
                WriteInteger(stream, Tag);
                WriteShort(stream, Read);
                stream.Write(Data);
                break;
            case GuardMessageKind.Opened:
                WriteShort(stream, Port);
                break;
            case GuardMessageKind.Beat or GuardMessageKind.Armed:
                WriteInteger(stream, (int)Trips);
                break;
            case GuardMessageKind.Fault:
                WriteShort(stream, Port);
                WriteText(stream, Fault!.What);
                WriteText(stream, Fault.Remedy);
                break;
            case GuardMessageKind.Reply:
                WriteShort(stream, Port);
                WriteInteger(stream, Tag);
                stream.WriteByte(Fault is null ? (byte)0 : (byte)1);
                if (Fault is not null)
                {
                    WriteText(stream, Fault.What);
                    WriteText(stream, Fault.Remedy);
                }

                stream.Write(Data);
                break;
            case GuardMessageKind.Received:
                WriteShort(stream, Port);
                stream.Write(Data);
                break;
            case GuardMessageKind.Tripped:
                WriteInteger(stream, (int)Trips);
                WriteText(stream, Reason);
                break;
        }
    }

    private static void WriteShort(MemoryStream stream, int value) => stream.Write([(byte)value, (byte)(value >> 8)]);

    private static void WriteInteger(MemoryStream stream, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void WriteBlock(MemoryStream stream, ReadOnlySpan<byte> block)
    {
        WriteShort(stream, Math.Min(block.Length, ushort.MaxValue)); // what is longer is longer than a message in any case
        stream.Write(block);
    }

    private static void WriteText(MemoryStream stream, string text) => WriteBlock(stream, Encoding.UTF8.GetBytes(text));

    private static void WriteBlocks(MemoryStream stream, IReadOnlyList<byte[]> blocks)
    {
        WriteShort(stream, blocks.Count);
        foreach (var block in blocks)
            WriteBlock(stream, block);
    }
}
