using System.Diagnostics.CodeAnalysis;
using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Sctp;
using EdgeCam.WebRtc.Sdp;
using EdgeCam.WebRtc.Srtp;

namespace EdgeCam.WebRtc;

/// <summary>
/// One viewer's connection, answerer and sender. Bytes and time go in; bytes, events and a deadline come out. It belongs to one loop.
/// ICE finds a path, DTLS on it gives the keys, SRTP carries the video, SCTP in DTLS carries the data channels.
/// </summary>
/// <remarks>Left out: renegotiation by a second offer, receiving media, more than one video stream.</remarks>
public sealed class PeerConnection : IDisposable
{
    /// <summary>Longer than any browser's own patience; then the connection has failed.</summary>
    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(30);

    private readonly Negotiated _session;
    private readonly DtlsContext _dtlsContext;
    private readonly IceAgent _ice;
    private readonly VideoSender? _video;
    private readonly DataChannels? _channels;
    private readonly Queue<PeerEvent> _events = new();
    private readonly Instant _connectBy;
    private readonly bool _trickles;
    private readonly SendPacer _pacer;
    private bool _isPaced; // frames wait for the pacer
    private DtlsTransport? _dtls;
    private SrtpProtector? _protector;
    private PeerState _state = PeerState.Connecting;
    private PeerCounters _dropped; // by this class itself

    private PeerConnection(Negotiated session, PeerConnectionOptions options, IceAgent ice, IceCredentials credentials, VideoSender? video, Instant now)
    {
        _session = session;
        _dtlsContext = options.Dtls;
        _ice = ice;
        _video = video;
        _pacer = new SendPacer(now);
        _connectBy = now + s_connectLimit;
        _trickles = !ice.IsGatheringCompleted;
        UsernameFragment = credentials.UsernameFragment;
        if (session.DataChannel is { } channel)
        {
            _channels = new DataChannels(new SctpOptions(
                options.Random, session.Role == SetupRole.Active, NegotiatedDataChannel.LocalPort, channel.RemotePort,
                NegotiatedDataChannel.MaxMessageSizeLimit, channel.MaxMessageSize));
        }
    }

    /// <summary>The local username fragment, by which the shell finds this connection for a first STUN request.</summary>
    public string UsernameFragment { get; }

    /// <summary>True once frames may be sent.</summary>
    public bool IsConnected => _state == PeerState.Connected;

    public PeerCounters Counters
    {
        get
        {
            var video = _video?.Statistics ?? default;
            var sctp = _channels?.Counters;
            return _dropped with
            {
                Unauthenticated = _dropped.Unauthenticated + _ice.Unauthenticated,
                Malformed = _ice.Discarded + (_dtls?.Discarded ?? 0) + video.RtcpDiscarded + (sctp is null ? 0 : sctp.BadPackets + sctp.BadChunks),
                Pictures = video.FramesDropped,
            };
        }
    }

    /// <summary>When <see cref="HandleTimeout"/> wants to be called next.</summary>
    public Instant NextTimeout
    {
        get
        {
            if (_state is PeerState.Closing or PeerState.Closed)
                return Instant.Never;
            var next = _ice.NextTimeout;
            if (_state == PeerState.Connecting)
                next = Instant.Min(next, _connectBy);
            if (_dtls is not null)
                next = Instant.Min(next, _dtls.NextTimeout);
            if (_protector is null)
                return next;
            if (_video is not null)
                next = Instant.Min(next, _video.NextTimeout);
            if (_isPaced)
                next = Instant.Min(next, _pacer.NextTimeout);
            return _channels is null ? next : Instant.Min(next, _channels.NextTimeout);
        }
    }

    /// <summary>Reads an offer and makes the connection and its answer, or says why not.</summary>
    public static bool TryAccept(
        string offer,
        PeerConnectionOptions options,
        Instant now,
        [NotNullWhen(true)] out PeerConnection? peer,
        out string answer,
        [NotNullWhen(false)] out OfferError? error)
    {
        peer = null;
        var credentials = IceCredentials.Create(options.Random);
        var ice = new IceAgent(new IceAgentOptions(IceRole.Controlled, credentials, options.Random, options.HostAddresses, options.StunServers), now);
        var media = new Ssrc(options.Random.NextUInt32());
        var rtx = new Ssrc(options.Random.NextUInt32());
        var cname = $"{options.Random.NextUInt64():x16}";
        var answerOptions = new AnswerOptions(
            credentials, options.Dtls.Fingerprint, ice.LocalCandidates, EndOfCandidates: ice.IsGatheringCompleted, options.StreamProfile, media, rtx, cname,
            StreamId: options.StreamName, TrackId: options.StreamName, SessionId: options.Random.NextUInt64() >> 2, SessionVersion: 1);
        if (!Answerer.TryAnswer(offer, answerOptions, out var session, out answer, out error))
            return false;

        var video = session.Video is { } agreed ? new VideoSender(ToSenderOptions(agreed, media, rtx, cname), options.Random, options.Clock) : null;
        peer = new(session, options, ice, credentials, video, now);
        ice.SetRemoteCredentials(session.RemoteCredentials, session.RemoteIsLite, now);
        foreach (var candidate in session.RemoteCandidates)
            ice.AddRemoteCandidate(candidate, now);
        if (session.EndOfRemoteCandidates)
            ice.SetEndOfRemoteCandidates();
        error = null;
        return true;
    }

    /// <summary>A trickled candidate (RFC 8838); an empty string is end-of-candidates.</summary>
    /// <returns>False where it is malformed.</returns>
    public bool AddRemoteCandidate(string candidate, Instant now)
    {
        if (candidate.Length == 0)
        {
            _ice.SetEndOfRemoteCandidates();
            return true;
        }

        if (!Candidate.TryParse(candidate, out var parsed))
            return false;
        if (parsed!.IsUdp && parsed.Component == 1)
            _ice.AddRemoteCandidate(parsed, now);
        return true;
    }

    /// <summary>True where a connectivity check has proved that the path's remote end is this viewer.</summary>
    public bool IsValidated(NetworkPath path) => _ice.IsValidated(path);

    /// <summary>True where this viewer also receives what is sent on the path: it is no one else's.</summary>
    public bool IsConfirmed(NetworkPath path) => _ice.IsConfirmed(path);

    /// <summary>True for the answer to a STUN request of this connection.</summary>
    public bool IsResponseToUs(ReadOnlySpan<byte> datagram) => _ice.IsResponseToUs(datagram);

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
                break;
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
            if (_channels?.NextTimeout <= now)
                _channels.HandleTimeout(now);
        }

        Advance(now);
    }

    /// <summary>Queues an access unit for sending; it is retained until it is sent and out of the retransmission history.</summary>
    public void SendFrame(AccessUnit frame, Instant now)
    {
        if (IsConnected)
            _video?.SendFrame(frame, now);
    }

    /// <returns>False where the channel is not open or its buffer is full.</returns>
    public bool SendMessage(ushort channel, ReadOnlySpan<byte> data, bool isText, Instant now) =>
        IsConnected && _channels is not null && _channels.Send(channel, data, isText, now);

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

    public bool TryGetEvent([NotNullWhen(true)] out PeerEvent? peerEvent) => _events.TryDequeue(out peerEvent);

    /// <summary>Says goodbye (RTCP BYE, close_notify): what is left to send comes out of <see cref="TryTransmit"/>.</summary>
    public void Close(Instant now)
    {
        if (_state is PeerState.Closing or PeerState.Closed)
            return;
        if (IsConnected)
            _video?.Close();
        _dtls?.Close();
        _state = PeerState.Closing;
    }

    public void Dispose()
    {
        _state = PeerState.Closed;
        _video?.Dispose();
        _protector?.Dispose();
        _dtls?.Dispose();
    }

    private static VideoSenderOptions ToSenderOptions(NegotiatedVideo agreed, Ssrc media, Ssrc rtx, string cname) => new(
        agreed.PayloadType, media, cname, agreed.RtxPayloadType, rtx,
        new RtpExtensionIds(
            agreed.MidExtension, agreed.AbsSendTimeExtension, agreed.TransportSequenceExtension, agreed.PlayoutDelayExtension,
            agreed.AbsCaptureTimeExtension),
        agreed.Mid, agreed.Nack);

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
    }

    /// <summary>Lets each layer take what the layer below brought.</summary>
    private void Advance(Instant now)
    {
        while (_ice.TryGetEvent(out var iceEvent))
            HandleIce(iceEvent!);
        if (_ice.SelectedPath is not null && _state == PeerState.Connecting)
            StartDtls(now);
        if (_dtls is not null)
            AdvanceDtls(now);
        if (_video?.TryTakeKeyFrameRequest() == true)
            _events.Enqueue(new PeerEvent.KeyFrameRequested());
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
            HandleChannel(channelEvent);
    }

    private void HandleChannel(DataChannelEvent channelEvent)
    {
        switch (channelEvent)
        {
            case DataChannelEvent.ChannelOpened opened:
                _events.Enqueue(new PeerEvent.ChannelOpened(opened.Id, opened.Label, opened.Protocol));
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

    private void End(CloseReason reason, string detail)
    {
        if (_state == PeerState.Closed)
            return;
        _state = PeerState.Closed;
        _events.Enqueue(new PeerEvent.Closed(reason, detail));
    }

    private string DescribePath() => _ice.SelectedPath is { } path ? $"{path.Remote}" : "";

    private enum PeerState
    {
        Connecting,
        Connected,
        Closing,
        Closed,
    }
}
