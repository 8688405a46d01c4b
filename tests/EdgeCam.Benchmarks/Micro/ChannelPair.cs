using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sctp;

namespace EdgeCam.Benchmarks.Micro;

/// <summary>Two ends of data channels with nothing between them.</summary>
internal sealed class ChannelPair
{
    private readonly DataChannels _one = new(new(new SystemRandom(), IsClient: true));
    private readonly DataChannels _other = new(new(new SystemRandom(), IsClient: false));
    private readonly byte[] _packet = new byte[2048];
    private readonly ushort _channel;

    public ChannelPair()
    {
        _one.Connect(MonotonicClock.Now);
        _other.Connect(MonotonicClock.Now);
        for (var turn = 0; turn < 100 && !(_one.IsConnected && _other.IsConnected); turn++)
            Exchange(_packet);
        if (!_one.TryOpen("control", "", ChannelReliability.Reliable, out _channel))
            throw new InvalidOperationException("no channel");
        for (var turn = 0; turn < 10; turn++)
            Exchange(_packet);
    }

    /// <summary>A message from one to the other, until it is acknowledged.</summary>
    public int Send(ReadOnlySpan<byte> message, Span<byte> buffer)
    {
        var now = MonotonicClock.Now;
        if (!_one.Send(_channel, message, isText: false, now))
            throw new InvalidOperationException("the channel is full");
        var bytes = 0;
        for (var turn = 0; turn < 100 && (bytes == 0 || _one.BufferedAmount(_channel) > 0); turn++)
            bytes += Exchange(buffer);
        return bytes;
    }

    private int Exchange(Span<byte> buffer)
    {
        var now = MonotonicClock.Now;
        var bytes = Move(_one, _other, buffer, now) + Move(_other, _one, buffer, now);
        while (_one.TryGetEvent(out _) || _other.TryGetEvent(out _))
        {
        }

        return bytes;
    }

    private static int Move(DataChannels from, DataChannels to, Span<byte> buffer, Instant now)
    {
        var bytes = 0;
        if (from.NextTimeout <= now)
            from.HandleTimeout(now);
        while (from.TryTransmit(buffer, now, out var length))
        {
            to.HandleDatagram(buffer[..length], now);
            bytes += length;
        }

        return bytes;
    }
}
