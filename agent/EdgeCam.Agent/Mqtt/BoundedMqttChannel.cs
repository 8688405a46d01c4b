using System.Buffers;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Channel;
using MQTTnet.Exceptions;

namespace EdgeCam.Agent.Mqtt;

/// <summary>
/// A client's byte stream at the embedded broker. It reads along in the fixed headers (MQTT 5 §2.1), since the library allocates whatever
/// length a client announces, up to 256 MB, before it looks at anything else.
/// </summary>
internal sealed class BoundedMqttChannel(Stream stream, EndPoint remote, int maxPacket) : IMqttChannel
{
    private int _remaining;
    private int _length;
    private int _shift = -1; // below 0: the next byte is a packet's first; else the next byte is part of its length

    public X509Certificate2? ClientCertificate => null;

    public bool IsSecureConnection => false;

    public EndPoint RemoteEndPoint => remote;

    public EndPoint? LocalEndPoint => null;

    public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task DisconnectAsync(CancellationToken cancellationToken)
    {
        stream.Close();
        return Task.CompletedTask;
    }

    public async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        var read = await stream.ReadAsync(buffer.AsMemory(offset, count), cancellationToken);
        Follow(buffer.AsSpan(offset, read));
        return read;
    }

    public async Task WriteAsync(ReadOnlySequence<byte> buffer, bool isEndOfPacket, CancellationToken cancellationToken)
    {
        if (buffer.IsSingleSegment)
        {
            await stream.WriteAsync(buffer.First, cancellationToken);
            return;
        }

        // One write, so that a packet is one WebSocket message.
        var length = (int)buffer.Length;
        var whole = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            buffer.CopyTo(whole);
            await stream.WriteAsync(whole.AsMemory(0, length), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    public void Dispose() => stream.Dispose();

    private void Follow(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_remaining > 0)
            {
                var body = Math.Min(_remaining, bytes.Length);
                _remaining -= body;
                bytes = bytes[body..];
                continue;
            }

            var next = bytes[0];
            bytes = bytes[1..];
            if (_shift < 0)
            {
                (_shift, _length) = (0, 0);
                continue;
            }

            _length |= (next & 0x7F) << _shift; // §1.5.5: seven bits each, least significant first
            _shift += 7;
            if (_length > maxPacket || (_shift > 21 && (next & 0x80) != 0))
                throw new MqttProtocolViolationException("The packet is larger than this broker takes.");
            if ((next & 0x80) == 0)
                (_remaining, _shift) = (_length, -1);
        }
    }
}
