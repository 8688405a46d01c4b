using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Turn;

namespace EdgeCam.WebRtc;

/// <summary>What goes out: the layers in their order.</summary>
public sealed partial class PeerConnection
{
    /// <summary>
    /// Writes datagrams for one path into the buffer (64 KiB holds a full GSO message). Where the path begins at a relayed address, each has
    /// the room of a ChannelData header in front.
    /// </summary>
    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        transmit = default;
        if (_state == PeerState.Closed)
            return false;
        var isQuiet = now < _quietUntil; // a picture goes past ICE, DTLS and the data channels
        if (!isQuiet && TryTransmitIce(buffer, now, out transmit))
            return true;
        if (_path is not { } path)
            return FinishClosing();

        var body = buffer[_headroom..];
        if (_protector is not null && _video is not null && _video.TryTransmitRtcp(body, now, _protector, out var length))
        {
            transmit = OneDatagram(path, _headroom, length);
            return true;
        }

        if (!isQuiet && TryTransmitDtls(body, now, out length))
        {
            transmit = OneDatagram(path, _headroom, length);
            return true;
        }

        return TryTransmitVideo(buffer, path, _headroom, now, out transmit) || FinishClosing();
    }

    private bool TryTransmitIce(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        if (_ice.TryTransmit(buffer[ChannelData.HeaderSize..], now, out transmit))
        {
            transmit = Settle(buffer, transmit);
            return true;
        }

        _path = _ice.SelectedPath;
        _headroom = _path is not null && _ice.IsSelectedRelayed ? ChannelData.HeaderSize : 0;
        return false;
    }

    /// <summary>DTLS and the data channels come last of those that a picture goes past: where they too have nothing, it is quiet.</summary>
    private bool TryTransmitDtls(Span<byte> body, Instant now, out int length)
    {
        length = 0;
        if (_dtls is not null && (_dtls.TryTransmit(body, now, out length) || (TrySendSctp(now) && _dtls.TryTransmit(body, now, out length))))
            return true;
        if (IsConnected)
            _quietUntil = ControlTimeout;
        return false;
    }

    private static Transmit OneDatagram(NetworkPath path, int headroom, int length) => new(path, headroom + length, headroom + length, headroom);

    /// <summary>ICE's message lies behind the room of a header; only here its path is known, and most need none.</summary>
    private Transmit Settle(Span<byte> buffer, Transmit written)
    {
        if (_ice.IsRelayed(written.Path.Local))
            return OneDatagram(written.Path, ChannelData.HeaderSize, written.Length);
        buffer.Slice(ChannelData.HeaderSize, written.Length).CopyTo(buffer);
        return written;
    }

    /// <summary>One packet at a time, so that what DTLS cannot take yet waits in SCTP, where it counts to the window.</summary>
    private bool TrySendSctp(Instant now)
    {
        if (_channels is null || !IsConnected)
            return false;
        Span<byte> packet = stackalloc byte[2048];
        return _channels.TryTransmit(packet, now, out var length) && _dtls!.TrySend(packet[..length]);
    }

    private bool FinishClosing()
    {
        if (_state == PeerState.Closing)
            End(CloseReason.Local, "");
        return false;
    }
}
