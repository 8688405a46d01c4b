using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc;

/// <summary>What goes out: the layers in their order.</summary>
public sealed partial class PeerConnection
{
    /// <summary>Writes datagrams for one path into the buffer (64 KiB holds a full GSO message).</summary>
    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        transmit = default;
        if (_state == PeerState.Closed)
            return false;
        if (_ice.TryTransmit(buffer, now, out transmit))
            return true;
        if (_ice.SelectedPath is not { } path)
            return FinishClosing();

        int length;
        if (_protector is not null)
        {
            if (_video is not null && _video.TryTransmitRtcp(buffer, now, _protector, out length))
            {
                transmit = new(path, length, length);
                return true;
            }

        }

        if (_dtls is not null && (_dtls.TryTransmit(buffer, now, out length) || (TrySendSctp(now) && _dtls.TryTransmit(buffer, now, out length))))
        {
            transmit = new(path, length, length);
            return true;
        }

        return TryTransmitVideo(buffer, path, headroom: 0, now, out transmit) || FinishClosing();
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
