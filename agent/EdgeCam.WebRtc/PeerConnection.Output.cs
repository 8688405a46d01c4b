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
        if (_ice.TryTransmit(buffer[ChannelData.HeaderSize..], now, out transmit))
        {
            transmit = Settle(buffer, transmit);
            return true;
        }

        if (_ice.SelectedPath is not { } path)
            return FinishClosing();

        int length;
        var headroom = _ice.IsSelectedRelayed ? ChannelData.HeaderSize : 0;
        var body = buffer[headroom..];
        if (_protector is not null)
        {
            if (_video is not null && _video.TryTransmitRtcp(body, now, _protector, out length))
            {
                transmit = OneDatagram(path, headroom, length);
                return true;
            }
        }

        if (_dtls is not null && (_dtls.TryTransmit(body, now, out length) || (TrySendSctp(now) && _dtls.TryTransmit(body, now, out length))))
        {
            transmit = OneDatagram(path, headroom, length);
            return true;
        }

        return TryTransmitVideo(buffer, path, headroom, now, out transmit) || FinishClosing();
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
