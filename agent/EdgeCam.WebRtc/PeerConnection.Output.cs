using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc;

/// <summary>What goes out: the layers in their order, and the pacer.</summary>
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

        return TryTransmitVideo(buffer, path, now, out transmit) || FinishClosing();
    }

    /// <summary>One packet at a time, so that what DTLS cannot take yet waits in SCTP, where it counts to the window.</summary>
    private bool TrySendSctp(Instant now)
    {
        if (_channels is null || !IsConnected)
            return false;
        Span<byte> packet = stackalloc byte[2048];
        return _channels.TryTransmit(packet, now, out var length) && _dtls!.TrySend(packet[..length]);
    }

    private bool TryTransmitVideo(Span<byte> buffer, NetworkPath path, Instant now, out Transmit transmit)
    {
        transmit = default;
        _isPaced = false;
        if (!IsConnected || _video is null)
            return false;
        var budget = Math.Min(_pacer.Available(now), buffer.Length);
        if (budget == 0)
        {
            _isPaced = _video.HasPending;
            return false;
        }

        if (!_video.TryTransmit(buffer[..budget], now, _protector!, out var length, out var segmentSize))
            return false;
        _pacer.Spend(length);
        transmit = new(path, length, segmentSize);
        return true;
    }

    private bool FinishClosing()
    {
        if (_state == PeerState.Closing)
            End(CloseReason.Local, "");
        return false;
    }
}
