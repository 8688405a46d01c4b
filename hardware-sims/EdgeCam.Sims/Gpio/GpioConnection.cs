using System.Buffers.Binary;
using System.Net.Sockets;
using System.Threading.Channels;
using EdgeCam.Sims.Common;

namespace EdgeCam.Sims.Gpio;

/// <summary>One consumer of the chip on its unix stream socket.</summary>
/// <remarks>
/// Messages both ways: u16 length of what follows (little-endian), u8 opcode, body. 1 request, 2 set, 3 get, 4 release; each is answered by its
/// opcode plus 128 with a status first. 140 is an edge: offset, logical value, u64 nanoseconds of CLOCK_MONOTONIC.
/// </remarks>
internal sealed class GpioConnection(int number, NetworkStream stream, GpioChip chip, SimulationLoop loop)
{
    private const int LongestMessage = 1 + 10 + 255;
    private const byte Reply = 128;
    private const byte Edge = 140;

    // Policy: a consumer that lets a thousand messages lie is cut off; edges must not be lost silently.
    private readonly Channel<byte[]> _outbox = Channel.CreateBounded<byte[]>(1000);

    public async Task RunAsync(CancellationToken stop)
    {
        var sending = SendAsync(stop);
        try
        {
            await ReceiveAsync(stop);
        }
        finally
        {
            loop.Do(now => chip.ReleaseAll(number, now));
            _outbox.Writer.TryComplete();
            await sending;
        }
    }

    /// <summary>Called on the loop.</summary>
    public void Tell(GpioLine line, long at)
    {
        var message = new byte[13];
        BinaryPrimitives.WriteUInt16LittleEndian(message, 11);
        (message[2], message[3], message[4]) = (Edge, line.Offset, (byte)(line.Logical ? 1 : 0));
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(5), at);
        Send(message);
    }

    private async Task ReceiveAsync(CancellationToken stop)
    {
        var length = new byte[2];
        while (await stream.ReadAtLeastAsync(length, 2, throwOnEndOfStream: false, stop) == 2)
        {
            var message = new byte[BinaryPrimitives.ReadUInt16LittleEndian(length)];
            if (message.Length is 0 or > LongestMessage)
                return;
            await stream.ReadExactlyAsync(message, stop);
            if (!await loop.Ask(now => TryHandle(message, now)))
                return; // it speaks something else
        }
    }

    private bool TryHandle(ReadOnlySpan<byte> message, long now)
    {
        switch (message)
        {
            case [1, ..] when GpioRequest.Read(message[1..]) is { } request:
                Answer(1, (byte)chip.Request(request, number, now));
                return true;
            case [2, var offset, var value]:
                Answer(2, (byte)chip.Set(offset, value != 0, number, now));
                return true;
            case [3, var offset]:
                var status = chip.Get(offset, number, out var level);
                Answer(3, (byte)status, (byte)(level ? 1 : 0));
                return true;
            case [4, var offset]:
                Answer(4, (byte)chip.Release(offset, number, now));
                return true;
            default:
                return false;
        }
    }

    private void Answer(byte opcode, params ReadOnlySpan<byte> body) => Send([(byte)(body.Length + 1), 0, (byte)(opcode + Reply), .. body]);

    private void Send(byte[] message)
    {
        if (!_outbox.Writer.TryWrite(message))
            stream.Socket.Shutdown(SocketShutdown.Both);
    }

    private async Task SendAsync(CancellationToken stop)
    {
        try
        {
            await foreach (var message in _outbox.Reader.ReadAllAsync(stop))
                await stream.WriteAsync(message, stop);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // the receiving side notices as well
        }
    }
}
