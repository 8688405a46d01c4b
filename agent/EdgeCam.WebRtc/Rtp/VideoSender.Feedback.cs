using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>What the viewer's RTCP says and asks for.</summary>
public sealed partial class VideoSender
{
    /// <summary>The viewer's RTCP, unprotected. Malformed packets are counted and end the compound.</summary>
    public void HandleRtcp(ReadOnlySpan<byte> compound, Instant now)
    {
        var packets = new RtcpEnumerator(compound);
        while (packets.MoveNext())
        {
            if (!TryHandle(packets.Current, now))
                _rtcpDiscarded++;
        }

        _rtcpDiscarded += packets.IsMalformed ? 1 : 0;
    }

    private bool TryHandle(RtcpPacketView packet, Instant now)
    {
        switch (packet.Type)
        {
            case RtcpPacketType.SenderReport or RtcpPacketType.ReceiverReport:
                if (!ReceiverReport.TryParse(packet, out var report))
                    return false;
                HandleReport(report, now);
                return true;
            case RtcpPacketType.TransportLayerFeedback:
                return TryHandleTransportLayer(packet, now);
            case RtcpPacketType.PayloadSpecificFeedback:
                return TryHandlePayloadSpecific(packet, now);
            default:
                // SDES, APP and XR say nothing that is needed; BYE ends the viewer's reports only: the connection ends by DTLS or ICE.
                return packet.Type is >= RtcpPacketType.SourceDescription and <= RtcpPacketType.ExtendedReport;
        }
    }

    private bool TryHandleTransportLayer(RtcpPacketView packet, Instant now)
    {
        if (GenericNack.TryParse(packet, out var nack))
        {
            if (!_options.Nack || packet.MediaSource != _options.Ssrc)
                return false;
            foreach (var sequenceNumber in nack)
            {
                _nackedPackets++;
                _retransmissions.Request(sequenceNumber, _receiver.SmoothedRoundTripTime, now);
            }

            return true;
        }

        if (!TransportFeedback.TryParse(packet, out var feedback))
            return false;
        _receiver.HandleFeedback(feedback);
        Observer?.HandleFeedback(feedback, now);
        return true;
    }

    private void HandleReport(ReceiverReport report, Instant now)
    {
        _receiver.HandleReport(report, now);
        for (var i = 0; i < report.Count && Observer is not null; i++)
        {
            var block = report[i];
            if (block.Source == _options.Ssrc)
                Observer.HandleReport(block, _receiver.RoundTripTime, now);
        }
    }

    private bool TryHandlePayloadSpecific(RtcpPacketView packet, Instant now)
    {
        if (PictureLossIndication.Is(packet) && packet.MediaSource == _options.Ssrc)
        {
            _pictureLossIndications++;
            _isKeyFrameRequested = true;
            return true;
        }

        if (FullIntraRequest.TryParse(packet, out var request) && request.TryGetCommand(_options.Ssrc, out var number))
        {
            _fullIntraRequests++;
            _isKeyFrameRequested |= _receiver.IsNewCommand(number);
            return true;
        }

        if (!Remb.TryParse(packet, out var bitrate))
            return false;
        _receiver.EstimatedMaximumBitrate = bitrate;
        Observer?.HandleMaximumBitrate(bitrate, now);
        return true;
    }
}
