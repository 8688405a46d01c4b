using System.Diagnostics.CodeAnalysis;
using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Sctp;
using EdgeCam.WebRtc.Sdp;

namespace EdgeCam.WebRtc;

/// <summary>
/// One viewer's connection, sender, and answerer of its offer or the one who offers (see <see cref="PeerOffer"/>). Bytes and time go in; bytes, events and a deadline come out. It belongs to one loop.
/// ICE finds a path, DTLS on it gives the keys, SRTP carries the video, SCTP in DTLS carries the data channels.
/// </summary>
/// <remarks>
/// Left out: a change of the media by a further offer (the owner makes another connection then), receiving media, more than one video stream.
/// </remarks>
public sealed partial class PeerConnection : IDisposable
{
    /// <summary>Longer than any browser's own patience; then the connection has failed.</summary>
    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(30);

    private static readonly Instant s_notQuiet = new(long.MinValue);

    private readonly DtlsContext _dtlsContext;
    private readonly IceAgent _ice;
    private readonly VideoSender? _video;
    private readonly DataChannels? _channels;
    private readonly Queue<PeerEvent> _events = new();
    private readonly Instant _connectBy;
    private readonly RandomSource _random;
    private Negotiated _session; // by the latest offer
    private AnswerOptions _answer;
    private IceCredentials _credentials;
    private int _names; // told in place of addresses, in this generation
    private bool _trickles;
    private readonly CongestionController _congestion;
    private readonly Func<TransportAddress, RememberedLink>? _remembered;
    private NetworkPath? _paced; // the path that congestion control has begun with
    private bool _isPaced; // frames wait for the pacer
    private DtlsTransport? _dtls;
    private SrtpProtector? _protector;
    private PeerState _state = PeerState.Connecting;
    private NetworkPath? _path; // the selected one, as it was when ICE was last asked
    private int _headroom; // on it
    private Instant _quietUntil = s_notQuiet; // before then ICE, DTLS and the data channels have nothing to send, unless something comes to them
    private PeerCounters _dropped; // by this class itself

    private PeerConnection(Negotiated session, PeerConnectionOptions options, AnswerOptions answer, IceAgent ice, VideoSender? video, Instant now)
    {
        _session = session;
        _dtlsContext = options.Dtls;
        _ice = ice;
        _video = video;
        _remembered = options.Remembered;
        _congestion = new CongestionController(KindOf(session.Video), now);
        if (video is not null)
            video.Observer = _congestion;
        _connectBy = now + s_connectLimit;
        _trickles = !ice.IsGatheringCompleted;
        _random = options.Random;
        _answer = answer;
        _credentials = answer.Credentials;
        if (session.DataChannel is { } channel)
        {
            _channels = new DataChannels(new SctpOptions(
                options.Random, session.Role == SetupRole.Active, NegotiatedDataChannel.LocalPort, channel.RemotePort,
                NegotiatedDataChannel.MaxMessageSizeLimit, channel.MaxMessageSize));
        }
    }

    /// <summary>
    /// The local username fragment, by which the shell finds this connection for a first STUN request. A restart changes it; requests with the
    /// former one go on for a while (RFC 8445 §9).
    /// </summary>
    public string UsernameFragment => _credentials.UsernameFragment;

    /// <summary>The RTP timestamp of a picture captured at that moment; null where there is no video. May be called from any thread.</summary>
    public RtpTimestamp? TimestampAt(Instant captured) => _video?.TimestampAt(captured);

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
            var next = _quietUntil == s_notQuiet ? ControlTimeout : _quietUntil;
            if (_state == PeerState.Connecting)
                next = Instant.Min(next, _connectBy);
            if (_protector is null)
                return next;
            if (_video is not null)
                next = Instant.Min(next, Instant.Min(_video.NextTimeout, _congestion.NextTimeout));
            return _isPaced ? Instant.Min(next, _congestion.NextSend) : next;
        }
    }

    /// <summary>When ICE, DTLS or the data channels want to be called next.</summary>
    private Instant ControlTimeout
    {
        get
        {
            var next = _ice.NextTimeout;
            if (_dtls is not null)
                next = Instant.Min(next, _dtls.NextTimeout);
            return _protector is null || _channels is null ? next : Instant.Min(next, _channels.NextTimeout);
        }
    }

    /// <summary>True where a connectivity check has proved that the path's remote end is this viewer.</summary>
    public bool IsValidated(NetworkPath path) => _ice.IsValidated(path);

    /// <summary>True where this viewer also receives what is sent on the path: it is no one else's.</summary>
    public bool IsConfirmed(NetworkPath path) => _ice.IsConfirmed(path);

    /// <summary>True for the answer to a STUN request of this connection.</summary>
    public bool IsResponseToUs(ReadOnlySpan<byte> datagram) => _ice.IsResponseToUs(datagram);

    /// <summary>The video format that was agreed on; null where there is no video.</summary>
    public ProfileLevelId? Format => _session.Video?.ProfileLevelId;

    /// <summary>Whether another stream, of this profile and level, may be sent in place of the one that the connection was made for (RFC 6184 §8.2.2).</summary>
    public bool CanSend(ProfileLevelId stream) => _session.Video?.Takes(stream) == true;

    /// <summary>Queues an access unit for sending; it is retained until it is sent and out of the retransmission history.</summary>
    public void SendFrame(AccessUnit frame, Instant now)
    {
        if (IsConnected && _video?.SendFrame(frame, now) == false)
            _events.Enqueue(new PeerEvent.FellBehind());
    }

    /// <returns>False where the channel is not open or its buffer is full.</returns>
    public bool SendMessage(ushort channel, ReadOnlySpan<byte> data, bool isText, Instant now)
    {
        _quietUntil = s_notQuiet;
        return IsConnected && _channels is not null && _channels.Send(channel, data, isText, now);
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
        _quietUntil = s_notQuiet;
        _state = PeerState.Closing;
    }

    public void Dispose()
    {
        _state = PeerState.Closed;
        _video?.Dispose();
        _protector?.Dispose();
        _dtls?.Dispose();
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
