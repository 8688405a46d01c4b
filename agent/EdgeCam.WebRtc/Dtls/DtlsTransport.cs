using EdgeCam.WebRtc.Dtls.Interop;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Dtls;

/// <summary>
/// One DTLS association on a path that ICE has validated: handshake, SRTP keying material, application data for SCTP. Bytes and
/// time go in; bytes, events and a deadline come out.
/// </summary>
/// <remarks>
/// DTLS 1.2 (RFC 6347) by libssl, keyed for SRTP (RFC 5763, 5764), roles by RFC 8842. Left out: DTLS 1.3 (RFC 9147, not in
/// OpenSSL 3); the server's cookie exchange (RFC 6347 §4.2.1: ICE has proved the address; a client answers one);
/// renegotiation and resumption (a new offer with new fingerprints makes a new transport); MKI (RFC 5764 §4.1.3); heartbeats;
/// path MTU discovery. A datagram is accepted from whatever address the caller accepts it from.
/// </remarks>
public sealed class DtlsTransport : IDisposable, ISslOwner
{
    /// <summary>What a record adds to application data: header, explicit nonce, tag (RFC 5288 §3).</summary>
    public const int RecordOverhead = DtlsRecord.HeaderLength + DtlsRecord.ProtectionOverhead;

    /// <summary>The longest application data. With <see cref="RecordOverhead"/> on top it is the caller's to keep below the path MTU.</summary>
    public const int MaxApplicationData = 1280;

    private const int Mtu = 1200; // of handshake datagrams, as for media: passes wherever ICE passed
    private const int QueuedDatagrams = 64;
    private const int QueuedMessages = 64;

    // A handshake needs about 10 datagrams and 4 KB in each direction; this leaves room for loss and for chains of certificates.
    private const int MaxHandshakeDatagrams = 500;
    private const int MaxHandshakeBytes = 256 * 1024;

    private static readonly TimeSpan s_firstInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longestInterval = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_handshakeLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromMilliseconds(20);

    private readonly SslConnection _ssl;
    private readonly IRetransmissionClock _clock;
    private readonly FingerprintCheck _fingerprints;
    private readonly DatagramQueue _outgoing = new(QueuedDatagrams, MaxApplicationData + RecordOverhead);
    private readonly DatagramQueue _received = new(QueuedMessages, DatagramBio.MaxDatagram);
    private readonly Queue<DtlsEvent> _events = new();
    private readonly Instant _giveUpAt;
    private readonly bool _isClient;

    private State _state = State.Handshaking;
    private Instant _now;
    private Instant _retransmitAt = Instant.Never;
    private TimeSpan _interval;
    private bool _isTimeout;
    private bool _isCertificateAccepted;
    private int _handshakeDatagrams;
    private int _handshakeBytes;

    /// <param name="context">Shared; may be disposed before the transport.</param>
    /// <param name="role">Ours. Active begins the handshake at once, so the path must be there.</param>
    /// <param name="remoteFingerprints">From the peer's session description; the certificate must match one.</param>
    /// <param name="now">The handshake has 30 s from here.</param>
    public DtlsTransport(DtlsContext context, SetupRole role, IReadOnlyList<Fingerprint> remoteFingerprints, Instant now)
        : this(context, role, remoteFingerprints, now, Mtu)
    {
    }

    internal DtlsTransport(DtlsContext context, SetupRole role, IReadOnlyList<Fingerprint> remoteFingerprints, Instant now, int mtu)
    {
        _clock = context.Clock;
        _fingerprints = new(remoteFingerprints);
        _isClient = role == SetupRole.Active;
        _now = now;
        _giveUpAt = now + s_handshakeLimit;
        _ssl = new(context.Handle, _isClient, mtu, this);
        if (!_fingerprints.IsUsable)
            Fail("the peer's description has no fingerprint by sha-256, sha-384 or sha-512");
        else if (_isClient)
            Handshake();
    }

    private enum State
    {
        Handshaking,
        Connected,
        Ended,
    }

    /// <summary>True between <see cref="DtlsEvent.Connected"/> and the end.</summary>
    public bool IsConnected => _state == State.Connected;

    /// <summary>Datagrams that were no DTLS records, or came after the end.</summary>
    public long Discarded { get; private set; }

    /// <summary>Datagrams lost because a queue was full.</summary>
    public long Dropped => _outgoing.Dropped + _received.Dropped;

    public Instant NextTimeout => _state == State.Handshaking ? Instant.Min(_retransmitAt, _giveUpAt) : Instant.Never;

    public void HandleDatagram(ReadOnlySpan<byte> datagram, Instant now)
    {
        _now = now;
        if (_state == State.Ended || datagram.Length > DatagramBio.MaxDatagram || !DtlsRecord.IsSequence(datagram))
        {
            Discarded++;
            return;
        }

        if (_state == State.Handshaking)
        {
            _handshakeBytes += datagram.Length;
            if (++_handshakeDatagrams > MaxHandshakeDatagrams || _handshakeBytes > MaxHandshakeBytes)
            {
                Fail("the handshake takes more datagrams than any handshake needs");
                return;
            }
        }

        _ssl.Offer(datagram);
        if (_state == State.Handshaking)
            Handshake();
        if (_state == State.Connected)
            Read();
    }

    public void HandleTimeout(Instant now)
    {
        _now = now;
        if (now < NextTimeout)
            return;
        if (now >= _giveUpAt)
        {
            Fail("no handshake within 30 s");
            return;
        }

        if (_ssl.TimerLeft is { } left && left > TimeSpan.Zero)
            _clock.AwaitLibrary(left);
        _retransmitAt = Instant.Never;
        _isTimeout = true;
        var outcome = _ssl.HandleTimeout();
        _isTimeout = false;
        if (outcome == SslOutcome.Failed)
            Fail(_ssl.Error);
        else if (_retransmitAt == Instant.Never && _ssl.TimerLeft is { } rest) // libssl is late, or the wall clock was set back
            _retransmitAt = now + Max(s_shortestWait, Min(rest, _interval));
    }

    /// <summary>Takes the next datagram to send.</summary>
    /// <param name="buffer">At least <see cref="MaxApplicationData"/> and <see cref="RecordOverhead"/> long.</param>
    /// <param name="now">As everywhere; nothing here depends on it.</param>
    /// <param name="length">Of the datagram.</param>
    public bool TryTransmit(Span<byte> buffer, Instant now, out int length) => _outgoing.TryTake(buffer, out length);

    public bool TryGetEvent(out DtlsEvent? dtlsEvent) => _events.TryDequeue(out dtlsEvent);

    /// <summary>Encrypts one message (an SCTP packet, RFC 8261) into a datagram of its own.</summary>
    /// <returns>False where there is no association, or the send queue is full: take datagrams out and try again.</returns>
    public bool TrySend(ReadOnlySpan<byte> applicationData)
    {
        if (applicationData.Length is 0 or > MaxApplicationData)
            throw new ArgumentOutOfRangeException(nameof(applicationData), applicationData.Length, "1 to MaxApplicationData bytes");
        if (_state != State.Connected || _outgoing.IsFull)
            return false;
        if (_ssl.Write(applicationData) == SslOutcome.Done)
            return true;
        Fail(_ssl.Error);
        return false;
    }

    /// <summary>Takes the next message received.</summary>
    /// <param name="buffer">At least 2048 bytes.</param>
    /// <param name="length">Of the message.</param>
    public bool TryReceive(Span<byte> buffer, out int length) => _received.TryTake(buffer, out length);

    /// <summary>Says close_notify, which <see cref="TryTransmit"/> then has, and ends the association.</summary>
    public void Close()
    {
        if (_state == State.Connected)
            _ssl.Shutdown();
        _state = State.Ended;
    }

    public void Dispose()
    {
        _state = State.Ended;
        _ssl.Dispose();
    }

    void ISslOwner.Transmit(ReadOnlySpan<byte> datagram) => _outgoing.Offer(datagram);

    bool ISslOwner.AcceptsCertificate(ReadOnlySpan<byte> certificate) => _isCertificateAccepted = _fingerprints.Accepts(certificate);

    TimeSpan ISslOwner.StartTimer(bool isRetransmission, out bool isWanted)
    {
        isWanted = !isRetransmission || _isTimeout;
        if (!isWanted) // called with nothing to read, libssl found its timer expired before ours
            return _clock.LibraryInterval(Max(_retransmitAt - _now, s_shortestWait));
        _interval = isRetransmission ? Min(_interval * 2, s_longestInterval) : s_firstInterval; // RFC 6347 §4.2.4.1, quicker at first
        _retransmitAt = _now + _interval;
        return _clock.LibraryInterval(_interval);
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;

    private void Handshake()
    {
        switch (_ssl.Handshake())
        {
            case SslOutcome.Done:
                Connect();
                break;
            case SslOutcome.WantsInput:
                if (_ssl.TimerLeft is null)
                    _retransmitAt = Instant.Never; // the flight was answered and ours is not yet due
                break;
            case SslOutcome.Closed:
                Fail("the peer closed during the handshake");
                break;
            default:
                Fail(_ssl.Error);
                break;
        }
    }

    private void Connect()
    {
        if (!_isCertificateAccepted) // libssl would not come here without; keys are given out on our own word only
            Fail("the peer's certificate was not checked");
        else if (_ssl.SelectedProfile is not { } profile)
            Fail("no SRTP protection profile in common");
        else if (!DtlsSrtp.TryExport(_ssl, profile, _isClient, out var keyingMaterial))
            Fail($"no keying material for SRTP profile {(int)profile}");
        else
        {
            _state = State.Connected;
            _outgoing.Release();
            _events.Enqueue(new DtlsEvent.Connected(keyingMaterial));
        }
    }

    private void Read()
    {
        Span<byte> message = stackalloc byte[DatagramBio.MaxDatagram]; // longer than any record in a datagram, so none is read in parts
        while (true)
        {
            switch (_ssl.Read(message, out var length))
            {
                case SslOutcome.Done:
                    _received.Offer(message[..length]);
                    continue;
                case SslOutcome.Closed:
                    _ssl.Shutdown(); // answered (RFC 5246 §7.2.1)
                    _state = State.Ended;
                    _events.Enqueue(new DtlsEvent.Closed());
                    return;
                case SslOutcome.Failed:
                    Fail(_ssl.Error);
                    return;
                default:
                    return;
            }
        }
    }

    private void Fail(string reason)
    {
        _state = State.Ended;
        _events.Enqueue(new DtlsEvent.Failed(reason));
    }
}
