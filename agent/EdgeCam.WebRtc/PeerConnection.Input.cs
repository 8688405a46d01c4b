using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sctp;

namespace EdgeCam.WebRtc;

/// <summary>What comes in: datagrams and time, and how it rises from layer to layer.</summary>
public sealed partial class PeerConnection
{
    /// <summary>A datagram as it came, demultiplexed by its first byte (RFC 7983 §7). It is decrypted where it lies.</summary>
    public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now)
    {
        if (datagram.IsEmpty || _state == PeerState.Closed)
            return;

        switch (datagram[0])
        {
            case <= 3:
                _ice.HandleDatagram(datagram, path, now);
                break;
            case (>= 20 and <= 63) or (>= 128 and <= 191) when !_ice.IsValidated(path):
                _dropped.Unvalidated++;
                return;
            case >= 20 and <= 63:
                StartDtls(now);
                _dtls!.HandleDatagram(datagram, now);
                break;
            case >= 128 and <= 191:
                HandleRtp(datagram, now);
                return; // it concerns the video alone
            default:
                _dropped.Unrecognised++;
                return;
        }

        Advance(now);
    }

    public void HandleTimeout(Instant now)
    {
        if (_state is PeerState.Closing or PeerState.Closed)
            return;
        if (_state == PeerState.Connecting && now >= _connectBy)
        {
            End(CloseReason.IceFailed, "no connection within 30 s: a firewall or NAT between viewer and device lets no UDP through");
            return;
        }

        if (_ice.NextTimeout <= now)
            _ice.HandleTimeout(now);
        if (_dtls?.NextTimeout <= now)
            _dtls.HandleTimeout(now);
        if (_protector is not null)
        {
            if (_video?.NextTimeout <= now)
                _video.HandleTimeout(now);
            if (_congestion.NextTimeout <= now)
            {
                _congestion.HandleTimeout(now);
                LimitVideo(now);
            }

            if (_channels?.NextTimeout <= now)
                _channels.HandleTimeout(now);
        }

        Advance(now);
    }

    /// <summary>We are the DTLS client unless the offer forbids it: then the hello goes out as soon as ICE has a path.</summary>
    private void StartDtls(Instant now) => _dtls ??= new DtlsTransport(_dtlsContext, _session.Role, _session.RemoteFingerprints, now);

    private void HandleRtp(Span<byte> datagram, Instant now)
    {
        if (datagram.Length < 2 || datagram[1] is not (>= 192 and <= 223)) // RFC 5761 §4
        {
            _dropped.UnexpectedRtp++;
            return;
        }

        if (_protector is null || _video is null || !_protector.TryUnprotectRtcp(datagram, out var length))
        {
            _dropped.Unauthenticated++;
            return;
        }

        _video.HandleRtcp(datagram[..length], now);
        LimitVideo(now);
        if (_video.TryTakeKeyFrameRequest())
            _events.Enqueue(new PeerEvent.KeyFrameRequested());
    }

    /// <summary>Lets each layer take what the layer below brought.</summary>
    private void Advance(Instant now)
    {
        _quietUntil = s_notQuiet;
        while (_ice.TryGetEvent(out var iceEvent))
            HandleIce(iceEvent!);
        if (_ice.SelectedPath is not null && _state == PeerState.Connecting)
            StartDtls(now);
        if (_dtls is not null)
            AdvanceDtls(now);
        FollowPath(now);
    }

    private void HandleIce(IceEvent iceEvent)
    {
        switch (iceEvent)
        {
            case IceEvent.LocalCandidate local:
                _events.Enqueue(new PeerEvent.LocalCandidate(local.Candidate.ToString()));
                break;
            case IceEvent.GatheringCompleted when _trickles:
                _events.Enqueue(new PeerEvent.LocalCandidate(""));
                break;
            case IceEvent.Failed:
                End(CloseReason.IceFailed, "no candidate pair works: a firewall or NAT between viewer and device lets no UDP through");
                break;
            case IceEvent.ConsentExpired:
                End(CloseReason.ConsentExpired, "the viewer no longer answers");
                break;
            default:
                break;
        }
    }

    private void AdvanceDtls(Instant now)
    {
        while (_dtls!.TryGetEvent(out var dtlsEvent))
        {
            switch (dtlsEvent)
            {
                case DtlsEvent.Connected connected when _state == PeerState.Connecting:
                    _protector = new SrtpProtector(connected.KeyingMaterial);
                    _state = PeerState.Connected;
                    if (_session.Role == SetupRole.Active)
                        _channels?.Connect(now);
                    _events.Enqueue(new PeerEvent.Connected(DescribePath(), $"DTLS 1.2 and {connected.KeyingMaterial.Profile}"));
                    break;
                case DtlsEvent.Failed failed:
                    End(CloseReason.DtlsFailed, failed.Reason);
                    break;
                case DtlsEvent.Closed:
                    End(CloseReason.Remote, "the viewer closed the connection");
                    break;
                default:
                    break;
            }
        }

        if (_channels is null)
            return;
        Span<byte> packet = stackalloc byte[2048];
        while (_dtls.TryReceive(packet, out var length))
            _channels.HandleDatagram(packet[..length], now);
        while (_channels.TryGetEvent(out var channelEvent))
            HandleChannel(channelEvent, now);
    }

    private void HandleChannel(DataChannelEvent channelEvent, Instant now)
    {
        switch (channelEvent)
        {
            case DataChannelEvent.ChannelOpened opened:
                _events.Enqueue(new PeerEvent.ChannelOpened(opened.Id, opened.Label, opened.Protocol, opened.Reliability is { MaxRetransmits: null, MaxLifetime: null }));
                break;
            case DataChannelEvent.MessageReceived message:
                _events.Enqueue(new PeerEvent.MessageReceived(message.Id, message.Data, message.IsText));
                break;
            case DataChannelEvent.ChannelClosed closed:
                _events.Enqueue(new PeerEvent.ChannelClosed(closed.Id));
                break;
            case DataChannelEvent.Closed { ByPeer: true }:
                End(CloseReason.Remote, "the viewer closed the connection");
                break;
            default:
                break;
        }
    }
}
