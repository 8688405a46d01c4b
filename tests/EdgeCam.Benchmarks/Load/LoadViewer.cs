using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Srtp;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.Benchmarks.Load;

/// <summary>What a browser does but decoding: real ICE, DTLS and SRTP, reports, transport-wide feedback, and NACK for what is lost. It belongs to its loop's thread.</summary>
internal sealed partial class LoadViewer : IDisposable
{
    private static readonly TimeSpan s_feedbackInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_reportInterval = TimeSpan.FromSeconds(1);
    private static readonly SystemRandom s_random = new();

    private readonly DtlsContext _context;
    private readonly IceAgent _ice;
    private readonly IceCredentials _credentials = IceCredentials.Create(s_random);
    private readonly ReceiverFeedback _feedback = new();
    private readonly Queue<byte[]> _rtcp = new();
    private readonly List<byte[]> _early = [];
    private DtlsTransport? _dtls;
    private SrtpSession? _srtp;
    private SetupRole _role;
    private IReadOnlyList<Fingerprint> _remote = [];
    private int _videoType = 108, _rtxType = 109;
    private Instant _nextFeedback = Instant.Never, _nextReport = Instant.Never;

    /// <param name="local">Where its datagrams come from: its one host candidate.</param>
    /// <param name="role">Controlled where the sender makes the offer.</param>
    public LoadViewer(TransportAddress local, IceRole role, DtlsContext context, Instant now)
    {
        (Local, _context) = (local, context);
        _ice = new(new(role, _credentials, s_random, [local]), now);
    }

    public TransportAddress Local { get; }

    public VideoCounter Video { get; } = new();

    public string? Failure { get; private set; }

    /// <summary>By <see cref="Stopwatch.GetTimestamp"/>: when the offer was made, DTLS was done, the first RTP packet came, and the first IDR picture was whole; 0 before.</summary>
    public long OfferedAt { get; set; }

    public long ConnectedAt { get; private set; }

    public long FirstPacketAt { get; private set; }

    public long FirstIdrAt { get; private set; }

    public Instant NextTimeout => _early.Count > 0 && _remote.Count > 0 ? default : Instant.Min(Instant.Min(_ice.NextTimeout, _dtls?.NextTimeout ?? Instant.Never), Instant.Min(_nextFeedback, _nextReport));

    /// <summary>As of Chromium, with one codec.</summary>
    public string Offer => string.Join("\r\n",
    [
        "v=0", "o=- 4611 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0", "a=msid-semantic: WMS", "m=video 9 UDP/TLS/RTP/SAVPF 108 109", "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0",
        .. _ice.LocalCandidates.Select(static candidate => $"a={candidate}"), "a=end-of-candidates",
        $"a=ice-ufrag:{_credentials.UsernameFragment}", $"a=ice-pwd:{_credentials.Password}", "a=ice-options:trickle", $"a=fingerprint:{_context.Fingerprint}", "a=setup:actpass", "a=mid:0",
        "a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", "a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
        "a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid", "a=recvonly", "a=rtcp-mux", "a=rtcp-rsize", "a=rtpmap:108 H264/90000", "a=rtcp-fb:108 transport-cc", "a=rtcp-fb:108 ccm fir",
        "a=rtcp-fb:108 nack", "a=rtcp-fb:108 nack pli", "a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", "a=rtpmap:109 rtx/90000", "a=fmtp:109 apt=108", "",
    ]);

    /// <summary>Answers a sender that makes the offers.</summary>
    public string Answer(string offer, Instant now)
    {
        string First(string pattern, string otherwise) => Regex.Match(offer, pattern) is { Success: true } match ? match.Groups[1].Value : otherwise;
        _videoType = int.Parse(First(@"a=rtpmap:(\d+) H264/90000", "108"), CultureInfo.InvariantCulture);
        _rtxType = int.Parse(First(@"a=rtpmap:(\d+) rtx/90000", "-1"), CultureInfo.InvariantCulture);
        var types = _rtxType < 0 ? $"{_videoType}" : $"{_videoType} {_rtxType}";
        HandleAnswer(offer, now);
        var extension = First(@"a=extmap:(\d+) http://www\.ietf\.org/id/draft-holmer", "");
        List<string> lines =
        [
            "v=0", "o=- 4612 2 IN IP4 127.0.0.1", "s=-", "t=0 0", $"a=group:BUNDLE {First(@"a=mid:(\S+)", "0")}", $"m=video 9 UDP/TLS/RTP/SAVPF {types}", "c=IN IP4 0.0.0.0", $"a=mid:{First(@"a=mid:(\S+)", "0")}",
            .. _ice.LocalCandidates.Select(static candidate => $"a={candidate}"), "a=end-of-candidates", $"a=ice-ufrag:{_credentials.UsernameFragment}", $"a=ice-pwd:{_credentials.Password}",
            $"a=fingerprint:{_context.Fingerprint}", "a=setup:active", "a=recvonly", "a=rtcp-mux", $"a=rtpmap:{_videoType} H264/90000", $"a=rtcp-fb:{_videoType} nack", $"a=rtcp-fb:{_videoType} nack pli",
            $"a=fmtp:{_videoType} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        ];
        if (extension == ReceiverFeedback.TransportExtension.ToString(CultureInfo.InvariantCulture))
            lines.AddRange([$"a=extmap:{extension} http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", $"a=rtcp-fb:{_videoType} transport-cc"]);
        if (_rtxType >= 0)
            lines.AddRange([$"a=rtpmap:{_rtxType} rtx/90000", $"a=fmtp:{_rtxType} apt={_videoType}"]);
        return string.Join("\r\n", [.. lines, ""]);
    }

    /// <summary>What the other end says of itself, in an answer or in an offer.</summary>
    public void HandleAnswer(string answer, Instant now)
    {
        string Value(string name) => answer.Split($"a={name}:", 2)[1].Split('\n', 2)[0].Trim();
        _role = Value("setup") == "active" ? SetupRole.Passive : SetupRole.Active;
        var fingerprint = Value("fingerprint").Split(' ');
        _remote = [new(fingerprint[0], fingerprint[1])];
        _ice.SetRemoteCredentials(new(Value("ice-ufrag"), Value("ice-pwd")), isLite: answer.Contains("a=ice-lite", StringComparison.Ordinal), now);
        foreach (Match line in CandidateLine().Matches(answer))
        {
            if (Candidate.TryParse(line.Groups[1].Value, out var candidate))
                _ice.AddRemoteCandidate(candidate!, now);
        }

        _ice.SetEndOfRemoteCandidates();
        Advance(now);
    }

    public void HandleDatagram(Span<byte> datagram, TransportAddress from, long arrivedAt, Instant now)
    {
        if (datagram.IsEmpty)
            return;
        switch (datagram[0])
        {
            case <= 3: _ice.HandleDatagram(datagram, new(Local, from), now); break;
            case <= 63 when _remote.Count == 0:
                _early.Add(datagram.ToArray()); // the sender is quicker than its answer
                return;
            case <= 63:
                TakeEarly(now);
                StartDtls(now);
                _dtls!.HandleDatagram(datagram, now);
                break;
            default:
                HandleMedia(datagram, arrivedAt, now);
                return; // changes no state of the connection
        }

        Advance(now);
    }

    public void HandleTimeout(Instant now)
    {
        if (_ice.NextTimeout <= now)
            _ice.HandleTimeout(now);
        if (_remote.Count > 0)
            TakeEarly(now);
        if (_dtls?.NextTimeout <= now)
            _dtls.HandleTimeout(now);
        if (_nextFeedback <= now)
            GiveFeedback(now);
        if (_nextReport <= now)
        {
            _nextReport = now + s_reportInterval;
            if (_feedback.Received > 0)
                _rtcp.Enqueue(_feedback.Report(Video.Ssrc, now));
        }

        Advance(now);
    }

    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        if (_ice.TryTransmit(buffer, now, out transmit))
            return true;
        if (_ice.SelectedPath is not { } path)
            return false;
        int length;
        if (_srtp is not null && _rtcp.TryDequeue(out var rtcp))
        {
            rtcp.CopyTo(buffer);
            length = _srtp.ProtectRtcp(buffer, rtcp.Length);
        }
        else if (_dtls is null || !_dtls.TryTransmit(buffer, now, out length))
        {
            return false;
        }

        transmit = new(path, length, length);
        return true;
    }

    public void Dispose()
    {
        _srtp?.Dispose();
        _dtls?.Dispose();
    }

    private void TakeEarly(Instant now)
    {
        foreach (var datagram in _early)
        {
            StartDtls(now);
            _dtls!.HandleDatagram(datagram, now);
        }

        _early.Clear();
    }

    private void StartDtls(Instant now) => _dtls ??= new(_context, _role, _remote, now);

    private void Advance(Instant now)
    {
        while (_ice.TryGetEvent(out var iceEvent))
        {
            if (iceEvent is IceEvent.Failed or IceEvent.ConsentExpired)
                Failure = iceEvent.GetType().Name;
        }

        if (_ice.SelectedPath is not null && _remote.Count > 0)
            StartDtls(now);
        while (_dtls is not null && _dtls.TryGetEvent(out var dtlsEvent))
        {
            if (dtlsEvent is DtlsEvent.Connected connected)
            {
                _srtp = new(connected.KeyingMaterial);
                ConnectedAt = Stopwatch.GetTimestamp();
                (_nextFeedback, _nextReport) = (now + s_feedbackInterval, now + s_reportInterval);
            }
            else
            {
                Failure = dtlsEvent is DtlsEvent.Failed failed ? failed.Reason : "closed";
            }
        }
    }

    private void HandleMedia(Span<byte> datagram, long arrivedAt, Instant now)
    {
        if (_srtp is null)
            return;
        if (datagram[1] is >= 192 and <= 223)
        {
            if (!_srtp.TryUnprotectRtcp(datagram, out var compound))
                return;
            for (var at = 0; at + 4 <= compound; at += 4 + (BinaryPrimitives.ReadUInt16BigEndian(datagram[(at + 2)..]) * 4))
            {
                if (datagram[at + 1] == 200)
                    _feedback.HandleSenderReport(datagram[at..], now);
            }

            return;
        }

        var type = datagram[1] & 0x7F;
        if ((type != _videoType && type != _rtxType) || !_srtp.TryUnprotect(datagram, out var length))
            return;
        _feedback.Add(datagram[..length], type == _rtxType, new(arrivedAt)); // as a browser: by the kernel, not when the loop looked
        Video.Add(datagram[..length], type == _rtxType, arrivedAt);
        if (FirstPacketAt == 0)
            FirstPacketAt = Stopwatch.GetTimestamp();
        if (FirstIdrAt == 0 && Video.IdrPictures > 0)
            FirstIdrAt = Stopwatch.GetTimestamp();
    }

    private void GiveFeedback(Instant now)
    {
        _nextFeedback = Instant.Max(_nextFeedback + s_feedbackInterval, now);
        if (_feedback.Transport(Video.Ssrc, now) is { } feedback)
            _rtcp.Enqueue(feedback);
        Span<ushort> missing = stackalloc ushort[64];
        var count = Video.Missing(missing);
        if (count == 0)
            return;
        var nack = new byte[12 + (count * 4)]; // RFC 4585 §6.2.1
        ReadOnlySpan<byte> head = [0x81, 205, 0, 0, 0, 0, 0, 1];
        head.CopyTo(nack);
        nack[3] = (byte)((nack.Length / 4) - 1);
        BinaryPrimitives.WriteUInt32BigEndian(nack.AsSpan(8), Video.Ssrc);
        for (var i = 0; i < count; i++)
            BinaryPrimitives.WriteUInt16BigEndian(nack.AsSpan(12 + (i * 4)), missing[i]);
        _rtcp.Enqueue(nack);
    }

    [GeneratedRegex("a=(candidate:.*?)\r?\n")]
    private static partial Regex CandidateLine();
}
