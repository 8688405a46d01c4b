using System.Buffers.Binary;
using System.Text.RegularExpressions;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sctp;
using EdgeCam.WebRtc.Srtp;

namespace EdgeCam.WebRtc.Tests.Simulation;

/// <summary>What a browser does, in virtual time: offers, controls ICE, receives video, asks for what is lost, opens data channels.</summary>
internal sealed partial class VirtualViewer : IVirtualNode, IDisposable
{
    public const string ReportsOnly = "receiver reports";

    private static readonly TimeSpan s_nackInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(330);
    private static readonly TimeSpan s_reportInterval = TimeSpan.FromSeconds(1);

    private readonly DtlsContext _context;
    private IceCredentials _credentials;
    private readonly IceAgent _ice;
    private readonly string _setup;
    private readonly SeededRandom _random;
    private DtlsTransport? _dtls;
    private SetupRole _role;
    private IReadOnlyList<Fingerprint> _remoteFingerprints = [];
    private readonly Queue<byte[]> _rtcp = new();
    private readonly string _feedback;
    private byte _rtxPayloadType = 109;
    private ushort? _stuckAt;
    private Instant _stuckSince;
    private Instant _nextNack = Instant.Never, _nextFeedback = Instant.Never, _nextReport = Instant.Never;

    /// <param name="address">Where its datagrams come from: its one host candidate.</param>
    /// <param name="feedback"><c>transport-cc</c>, <c>goog-remb</c> or <see cref="ReportsOnly"/>: then it also sends receiver reports of its own accord.</param>
    public VirtualViewer(int seed, TransportAddress address, Instant now, string setup = "actpass", bool rtx = true, SrtpProfile? profile = null, bool keepPictures = true, bool isRealTime = false, string feedback = "", IceRole role = IceRole.Controlling)
    {
        _random = new SeededRandom(seed);
        _setup = setup;
        _credentials = IceCredentials.Create(_random);
        var certificate = DtlsCertificate.Create(DateTimeOffset.UnixEpoch.AddYears(56), _random);
        _context = new DtlsContext(certificate, profile is { } only ? [only] : DtlsContext.DefaultProfiles, isRealTime ? new WallClock() : new VirtualRetransmissionClock());
        _ice = new IceAgent(new IceAgentOptions(role, _credentials, _random, [address]), now);
        _feedback = feedback;
        UsesRtx = rtx;
        Video = new ReceivedVideo(keepPictures);
        Offer = MakeOffer(rtx);
    }

    /// <summary>The latest; <see cref="Restart"/> makes another.</summary>
    public string Offer { get; private set; }

    public IceAgent Ice => _ice;

    public bool UsesRtx { get; }

    public ReceivedVideo Video { get; }

    public ReceiverFeedback Feedback { get; } = new();

    public TimeSpan FeedbackInterval { get; set; } = TimeSpan.FromMilliseconds(80);

    /// <summary>What it says in REMB.</summary>
    public long MaximumBitrate { get; set; } = 1_000_000;

    public DataChannels? Channels { get; private set; }

    public List<(ushort Channel, byte[] Data)> Messages { get; } = [];

    public SrtpSession? Srtp { get; private set; }

    public KeyingMaterial? Keys { get; private set; }

    public bool IsConnected => Srtp is not null;

    public string? Failure { get; private set; }

    public int RtcpPackets { get; private set; }

    public bool SawBye { get; private set; }

    /// <summary>The viewer's process was killed: it neither answers nor sends.</summary>
    public bool IsDead { get; set; }

    public Instant NextTimeout
    {
        get
        {
            if (IsDead)
                return Instant.Never;
            var next = Instant.Min(Instant.Min(_ice.NextTimeout, _nextNack), Instant.Min(_nextFeedback, _nextReport));
            if (_dtls is not null)
                next = Instant.Min(next, _dtls.NextTimeout);
            return Channels is null || !IsConnected ? next : Instant.Min(next, Channels.NextTimeout);
        }
    }

    /// <summary>As <c>restartIce()</c> and a new offer.</summary>
    public string Restart()
    {
        _credentials = IceCredentials.Create(_random);
        _ice.Restart(_credentials);
        return Offer = MakeOffer(UsesRtx);
    }

    public void HandleAnswer(string answer, Instant now)
    {
        string Value(string name) => Regex.Match(answer, $"a={name}:(.*?)\r\n").Groups[1].Value;
        _role = Value("setup") == "active" ? SetupRole.Passive : SetupRole.Active;
        var fingerprint = Value("fingerprint").Split(' ');
        _remoteFingerprints = [new(fingerprint[0], fingerprint[1])];
        _ice.SetRemoteCredentials(new(Value("ice-ufrag"), Value("ice-pwd")), isLite: false, now);
        foreach (Match line in CandidateLine().Matches(answer))
        {
            Assert.True(Candidate.TryParse(line.Groups[1].Value, out var candidate));
            _ice.AddRemoteCandidate(candidate!, now);
        }

        _ice.SetEndOfRemoteCandidates();
        Channels ??= new DataChannels(new SctpOptions(_random, _role == SetupRole.Active));
    }

    public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now)
    {
        if (IsDead)
            return;
        switch (datagram[0])
        {
            case <= 3: _ice.HandleDatagram(datagram, path, now); break;
            case <= 63: StartDtls(now); _dtls!.HandleDatagram(datagram, now); break;
            default: HandleRtp(datagram, now); break;
        }

        Advance(now);
    }

    public void HandleTimeout(Instant now)
    {
        if (_ice.NextTimeout <= now)
            _ice.HandleTimeout(now);
        if (_dtls?.NextTimeout <= now)
            _dtls.HandleTimeout(now);
        if (IsConnected && Channels?.NextTimeout <= now)
            Channels.HandleTimeout(now);
        if (_nextNack <= now)
            AskForMissing(now);
        if (_nextFeedback <= now || _nextReport <= now)
            GiveFeedback(now);
        Advance(now);
    }

    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        transmit = default;
        if (IsDead)
            return false;
        if (_ice.TryTransmit(buffer, now, out transmit))
            return true;
        if (_ice.SelectedPath is not { } path)
            return false;
        int length;
        if (Srtp is not null && _rtcp.TryDequeue(out var rtcp))
        {
            rtcp.CopyTo(buffer);
            length = Srtp.ProtectRtcp(buffer, rtcp.Length);
            transmit = new(path, length, length);
            return true;
        }

        Span<byte> packet = stackalloc byte[2048];
        if (_dtls is null || !(_dtls.TryTransmit(buffer, now, out length)
                || (IsConnected && Channels!.TryTransmit(packet, now, out var sctp) && _dtls.TrySend(packet[..sctp]) && _dtls.TryTransmit(buffer, now, out length))))
            return false;
        transmit = new(path, length, length);
        return true;
    }

    /// <summary>Picture loss indication, RFC 4585 §6.3.1.</summary>
    public void AskForKeyFrame() => _rtcp.Enqueue([0x81, 206, 0, 2, 0, 0, 0, 1, .. BigEndian(Video.MediaSsrc)]);

    /// <summary>A receiver report with nothing lost, RFC 3550 §6.4.2.</summary>
    public void ReportReception() => _rtcp.Enqueue([0x81, 201, 0, 7, 0, 0, 0, 1, .. BigEndian(Video.MediaSsrc), .. new byte[20]]);

    /// <summary>Asks for the newest packets again, whether they are there or not.</summary>
    public void AskForLatest(int count) =>
        Ask([.. Enumerable.Range(0, count).Select(back => (ushort)(Video.Highest - back))]);

    public void Close() => _dtls?.Close();

    public void Dispose()
    {
        Srtp?.Dispose();
        _dtls?.Dispose();
        _context.Dispose();
    }

    private static byte[] BigEndian(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private void StartDtls(Instant now) => _dtls ??= new DtlsTransport(_context, _role, _remoteFingerprints, now);

    private void Advance(Instant now)
    {
        while (_ice.TryGetEvent(out var iceEvent))
        {
            if (iceEvent is IceEvent.Failed or IceEvent.ConsentExpired)
                Failure = iceEvent.GetType().Name;
        }

        if (_ice.SelectedPath is not null && _remoteFingerprints.Count > 0)
            StartDtls(now);
        while (_dtls is not null && _dtls.TryGetEvent(out var dtlsEvent))
        {
            if (dtlsEvent is DtlsEvent.Connected connected)
            {
                Keys = connected.KeyingMaterial;
                Srtp = new SrtpSession(Keys);
                if (_role == SetupRole.Active)
                    Channels!.Connect(now);
                _nextNack = now + s_nackInterval;
                if (_feedback.Length > 0)
                    (_nextFeedback, _nextReport) = (now + FeedbackInterval, now + s_reportInterval);
            }
            else
            {
                Failure = dtlsEvent is DtlsEvent.Failed failed ? failed.Reason : "closed";
            }
        }

        Span<byte> packet = stackalloc byte[2048];
        while (_dtls is not null && _dtls.TryReceive(packet, out var length))
            Channels!.HandleDatagram(packet[..length], now);
        while (Channels is not null && Channels.TryGetEvent(out var channelEvent))
        {
            if (channelEvent is DataChannelEvent.MessageReceived message)
                Messages.Add((message.Id, message.Data));
        }
    }

    private void HandleRtp(Span<byte> datagram, Instant now)
    {
        if (Srtp is null)
            return;
        if (datagram[1] is >= 192 and <= 223)
        {
            if (Srtp.TryUnprotectRtcp(datagram, out var compound))
            {
                RtcpPackets++;
                for (var at = 0; at + 4 <= compound; at += 4 + (BinaryPrimitives.ReadUInt16BigEndian(datagram[(at + 2)..]) * 4))
                {
                    SawBye |= datagram[at + 1] == 203;
                    if (datagram[at + 1] == 200)
                        Feedback.HandleSenderReport(datagram[at..], now);
                }
            }

            return;
        }

        if (!Srtp.TryUnprotect(datagram, out var length))
            return;
        Feedback.Add(datagram[..length], UsesRtx && (datagram[1] & 0x7F) == _rtxPayloadType, now);
        Video.Add(datagram[..length], UsesRtx ? _rtxPayloadType : null);
    }

    private void GiveFeedback(Instant now)
    {
        if (_nextFeedback <= now)
        {
            _nextFeedback = now + FeedbackInterval;
            if (_feedback == "goog-remb")
                _rtcp.Enqueue(ReceiverFeedback.MaximumBitrate(Video.MediaSsrc, MaximumBitrate));
            else if (_feedback != ReportsOnly && Feedback.Transport(Video.MediaSsrc, now) is { } feedback)
                _rtcp.Enqueue(feedback);
        }

        if (_nextReport > now)
            return;
        _nextReport = now + s_reportInterval;
        if (Feedback.Received > 0)
            _rtcp.Enqueue(Feedback.Report(Video.MediaSsrc, now));
    }

    private void AskForMissing(Instant now)
    {
        _nextNack = now + s_nackInterval;
        var missing = Video.Missing();
        GiveUp(missing, now);
        if (missing.Count > 0)
            Ask(missing);
    }

    private void Ask(List<ushort> missing)
    {
        var packet = new List<byte> { 0x81, 205, 0, 0, 0, 0, 0, 1 }; // RFC 4585 §6.2.1
        packet.AddRange(BigEndian(Video.MediaSsrc));
        foreach (var sequence in missing.Take(100))
            packet.AddRange([(byte)(sequence >> 8), (byte)sequence, 0, 0]);
        packet[3] = (byte)((packet.Count / 4) - 1);
        _rtcp.Enqueue([.. packet]);
    }

    /// <summary>As a browser: what is missing for a third of a second is given up for an IDR picture, which is asked for.</summary>
    private void GiveUp(List<ushort> missing, Instant now)
    {
        if (_feedback.Length == 0)
            return;
        if (missing.Count == 0 || missing[0] != _stuckAt)
            (_stuckAt, _stuckSince) = (missing.Count == 0 ? null : missing[0], now);
        if (_stuckAt is null || now - _stuckSince < s_patience)
            return;
        if (!Video.Resume())
            AskForKeyFrame();
        _stuckSince = now;
    }

    private string MakeOffer(bool rtx)
    {
        var transport = $"""
            c=IN IP4 0.0.0.0
            a=ice-ufrag:{_credentials.UsernameFragment}
            a=ice-pwd:{_credentials.Password}
            a=ice-options:trickle
            a=fingerprint:{_context.Fingerprint}
            a=setup:{_setup}
            """;
        return $"""
            v=0
            o=- 4611 2 IN IP4 127.0.0.1
            s=-
            t=0 0
            a=group:BUNDLE 0 1
            m=video 9 UDP/TLS/RTP/SAVPF 108{(rtx ? " 109" : "")}
            {transport}
            a=mid:0
            {string.Join('\n', _ice.LocalCandidates.Select(candidate => $"a={candidate}"))}
            a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
            {(_feedback.Length == 0 ? "a=extmap-allow-mixed" : "a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01")}
            a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid
            a=recvonly
            a=rtcp-mux
            a=rtpmap:108 H264/90000
            a=rtcp-fb:108 nack
            {(_feedback is "" or ReportsOnly ? "a=rtcp-rsize" : $"a=rtcp-fb:108 {_feedback}")}
            a=rtcp-fb:108 nack pli
            a=rtcp-fb:108 ccm fir
            a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
            {(rtx ? "a=rtpmap:109 rtx/90000\na=fmtp:109 apt=108" : "a=rtcp-rsize")}
            m=application 9 UDP/DTLS/SCTP webrtc-datachannel
            {transport}
            a=mid:1
            a=sctp-port:5000
            a=max-message-size:262144

            """.Replace("\r\n", "\n").Replace("\n", "\r\n");
    }

    [GeneratedRegex("a=(candidate:.*?)\r\n")]
    private static partial Regex CandidateLine();
}
