using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Devices.Ports;

/// <summary>A device at a simulated I2C bus: <c>i2c:unix:/path?address=0x40</c>.</summary>
/// <remarks>
/// A transaction is: address (8 bits), length of what is written and of what is read (16 bits each, little-endian), what is written. Its
/// answer: a status (0 done, 1 no acknowledge, 2 bus error), and what was read where it is 0.
/// </remarks>
internal sealed class I2cSocket : IPort
{
    private const int MaxTransaction = 4096;

    private readonly PortContext _context;
    private readonly string _path;
    private readonly byte _address;
    private PortSocket? _socket;

    private I2cSocket(string path, byte address, PortContext context)
    {
        (_path, _address, _context) = (path, address, context);
        _socket = PortSocket.Connect(path, context.Interrupt);
    }

    public SafeHandle? Descriptor => null;

    public static I2cSocket Open(PortUri uri, PortContext context)
    {
        uri.CheckKeys("address");
        return new(uri.Path, (byte)uri.Number("address", 0x03, 0x77), context);
    }

    public void Receive()
    {
    }

    public byte[] Write(ReadOnlySpan<byte> data, int read)
    {
        if (data.Length > MaxTransaction || read is < 0 or > MaxTransaction)
            throw I2cFaults.TooLong(_path);
        var socket = _socket ??= PortSocket.Connect(_path, _context.Interrupt); // an answer that was given up would come before the next
        var request = new byte[5 + data.Length];
        request[0] = _address;
        BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(1), (ushort)data.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(3), (ushort)read);
        data.CopyTo(request.AsSpan(5));
        var isAnswered = false;
        try
        {
            socket.Write(request);
            Span<byte> status = stackalloc byte[1];
            socket.Read(status);
            var answer = new byte[status[0] == 0 ? read : 0];
            socket.Read(answer, isInterruptible: false);
            isAnswered = status[0] == 0;
            return status[0] == 0 ? answer : throw I2cFaults.Failed(_path, _address, status[0] == 1);
        }
        finally
        {
            if (!isAnswered)
                Drop();
        }
    }

    public bool Hurry() => false;

    public void Dispose() => Drop();

    private void Drop()
    {
        _socket?.Dispose();
        _socket = null;
    }
}
