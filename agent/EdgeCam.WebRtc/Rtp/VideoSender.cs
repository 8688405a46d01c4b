using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>
/// One viewer's RTP stream (RFC 3550, AVPF of RFC 4585): frames in, protected datagrams out, feedback answered by retransmission
/// (RFC 4588) or by a request for an IDR picture. It belongs to the loop of its peer connection and allocates nothing per packet.
/// </summary>
/// <remarks>
/// <para>Left out: simulcast, FEC, extended reports (RFC 3611, read over), slice and reference picture indications (RFC 4585 §6.3.2, §6.3.3),
/// receiving media, CSRCs, SSRC collision (§8.2: SSRCs are signalled and the session has two participants).</para>
/// <para>Pacing belongs in front of <see cref="TryTransmit"/>: whoever calls it bounds the buffer by what may be sent now. Transport-wide
/// feedback is parsed and counted; an estimator takes it from there.</para>
/// </remarks>
public sealed partial class VideoSender : IDisposable
{
    private const int SameTime = RtpTimestamp.VideoClockRate / 1000; // a millisecond more or less makes no other capture time

    private readonly VideoSenderOptions _options;
    private readonly NtpClock _clock;
    private readonly RtpHeaderWriter _headers;
    private readonly RtpExtensions _everyPacket;
    private readonly uint _timestampOffset;
    private readonly FrameQueue _queue = new();
    private readonly SendHistory _history = new();
    private readonly RetransmissionQueue _retransmissions;
    private readonly ReceiverState _receiver;
    private readonly SenderReporter _reporter;

    private AccessUnit? _frame; // partly sent
    private int _nextPayload;
    private int _rest; // bytes of the frame not yet sent
    private RtpExtensions _frameExtensions;
    private long _playoutUntil; // the report before which frames tell their playout delay
    private bool _owesCaptureTime; // the last IDR picture could not tell its own
    private RtpTimestamp _timestamp;
    private long _ticks = long.MinValue; // the same without wrapping
    private SequenceNumber _next;
    private SequenceNumber _nextRtx;
    private ushort _nextTransport;
    private bool _isKeyFrameRequested;
    private bool _isClosed;

    private long _framesSent, _packetsSent, _bytesSent, _packetsRetransmitted, _bytesRetransmitted;
    private long _nackedPackets, _pictureLossIndications, _fullIntraRequests, _rtcpDiscarded;

    public VideoSender(VideoSenderOptions options, RandomSource random, NtpClock clock)
    {
        _options = options;
        _clock = clock;
        _headers = new(options.ExtensionIds, options.Mid, options.PlayoutDelay);
        _everyPacket = _headers.Available & (RtpExtensions.AbsSendTime | RtpExtensions.TransportSequenceNumber);
        _timestampOffset = random.NextUInt32();
        // Below 2^15, so that a viewer that misses the first packets does not guess a wrong rollover counter (RFC 3711 §3.3.1).
        _next = new((ushort)(random.NextUInt32() & 0x7FFF));
        _nextRtx = new((ushort)(random.NextUInt32() & 0x7FFF));
        _retransmissions = new(_history, options.MaxRetransmitBytesPerSecond);
        _receiver = new(options.Ssrc, clock);
        _reporter = new(options, random, clock, _timestampOffset);
    }

    /// <summary>Who is told what was sent and what the viewer's feedback says.</summary>
    internal ISendObserver? Observer { get; set; }

    /// <summary>Bytes of frames that wait, the rest of one partly sent included.</summary>
    public int PendingBytes => _queue.Bytes + _rest;

    /// <summary>When <see cref="HandleTimeout"/> wants to be called next.</summary>
    public Instant NextTimeout => _reporter.NextTimeout;

    /// <summary>Frames or retransmissions wait to be sent.</summary>
    public bool HasPending => _frame is not null || _queue.Count > 0 || HasRepairs;

    /// <summary>Retransmissions wait to be sent.</summary>
    private bool HasRepairs => !_retransmissions.IsEmpty;

    public VideoSenderStatistics Statistics => new(
        _framesSent, _queue.Dropped, _packetsSent, _bytesSent, _packetsRetransmitted, _bytesRetransmitted, _nackedPackets,
        _retransmissions.Suppressed, _retransmissions.Dropped, _retransmissions.Unknown, _pictureLossIndications, _fullIntraRequests,
        _receiver.Reports, _receiver.FractionLost, _receiver.PacketsLost, _receiver.Jitter, _receiver.RoundTripTime,
        _receiver.EstimatedMaximumBitrate, _receiver.FeedbackPackets, _receiver.FeedbackPacketsLost, _rtcpDiscarded);

    /// <summary>The RTP timestamp of a picture captured at that moment. The same for the life of the stream; may be called from any thread.</summary>
    public RtpTimestamp TimestampAt(Instant captured) => RtpTimestamp.FromInstant(captured, _timestampOffset);

    /// <summary>Fits queue and repairs to what the path carries.</summary>
    /// <param name="queueBytes">What may wait to be sent.</param>
    /// <param name="repairBytesPerSecond">What repairs may cost, below the options' bound.</param>
    /// <param name="repeatRepairs">Each repair is sent twice.</param>
    public void SetLimits(long queueBytes, long repairBytesPerSecond, bool repeatRepairs)
    {
        _queue.Limit = queueBytes;
        _retransmissions.SetBytesPerSecond(repairBytesPerSecond);
        _retransmissions.IsRepeating = repeatRepairs && _options.RtxPayloadType is not null;
    }

    /// <summary>
    /// Bounds the viewer's own delay anew; every frame says so until two more reports came. Where repairs are the very packets again, and
    /// not RTX, it stays as it was: a packet that is protected twice must not change.
    /// </summary>
    public void SetPlayoutDelay(PlayoutDelay delay)
    {
        if (_options.PlayoutDelay is not null && _options.RtxPayloadType is not null && _headers.SetPlayoutDelay(delay))
            _playoutUntil = _receiver.Reports + 2;
    }

    /// <summary>Queues a packetized frame, retaining it until it is sent and out of the history.</summary>
    /// <remarks>
    /// Bounded as <see cref="FrameQueue"/> says: a viewer that falls behind resumes at the next IDR picture. None is asked for, since all
    /// other viewers of the stream would pay for it.
    /// </remarks>
    /// <returns>False where with this frame the viewer falls behind.</returns>
    public bool SendFrame(AccessUnit frame, Instant now)
    {
        if (frame.Payloads.IsEmpty)
            throw new ArgumentException("The frame has not been packetized.", nameof(frame));
        if (_isClosed)
            return true;
        var wasBehind = _queue.NeedsIdr;
        var isBehind = !_queue.Offer(frame, _rest);
        HandleTimeout(now);
        return wasBehind || !isBehind;
    }

    /// <summary>True once after the viewer asked for an IDR picture.</summary>
    public bool TryTakeKeyFrameRequest()
    {
        var isRequested = _isKeyFrameRequested;
        _isKeyFrameRequested = false;
        return isRequested;
    }

    /// <summary>
    /// Writes one message of protected datagrams of equal size, only the last may be shorter: retransmissions first, else of one frame.
    /// </summary>
    /// <param name="buffer">At least <see cref="RtpLimits.MaxDatagram"/>; 64,000 bytes hold a full message.</param>
    /// <param name="segmentSize">Size of each datagram, headroom included.</param>
    /// <param name="headroom">Bytes to leave free in front of each datagram, at most <see cref="RtpLimits.MaxHeadroom"/>.</param>
    public bool TryTransmit(Span<byte> buffer, Instant now, IRtpProtector protector, out int length, out int segmentSize, int headroom = 0)
    {
        var message = new MessageWriter(buffer, protector, headroom);
        if (HasRepairs)
            WriteRetransmissions(ref message, now);
        if (message.Length == 0)
            WriteFrame(ref message, now);
        length = message.Length;
        segmentSize = message.SegmentSize;
        return length > 0;
    }

    /// <summary>
    /// Writes one message of packets that were sent a moment ago, as retransmissions: what a probe needs beyond the frames, and a repair where
    /// one of them was lost.
    /// </summary>
    /// <returns>False where RTX was not negotiated or nothing was sent lately.</returns>
    public bool TryTransmitPadding(Span<byte> buffer, Instant now, IRtpProtector protector, out int length, out int segmentSize, int headroom = 0)
    {
        (length, segmentSize) = (0, 0);
        if (_options.RtxPayloadType is not { } rtx || (_everyPacket & RtpExtensions.TransportSequenceNumber) == 0)
            return false;
        var largest = _history.FindLargest(_next);
        if (largest < 0)
            return false;
        var size = SizeOf(largest);
        var message = new MessageWriter(buffer, protector, headroom);
        for (var back = 1; back <= SendHistory.LookBack; back++)
        {
            var index = _history.Find(new((ushort)(_next.Value - back)));
            if (index < 0 || SizeOf(index) != size)
                continue;
            ref var sent = ref _history.PacketAt(index);
            ref readonly var frame = ref _history.FrameOf(sent);
            if (WriteRtx(ref message, rtx, sent, frame, frame.Unit!.Payloads[sent.PayloadIndex], now) == 0)
                break;
        }

        length = message.Length;
        segmentSize = message.SegmentSize;
        return length > 0;

        int SizeOf(int index) => _history.PayloadOf(_history.PacketAt(index)).Size;
    }

    /// <summary>Writes the RTCP compound that is due.</summary>
    /// <param name="buffer">At least <see cref="RtpLimits.MaxDatagram"/>.</param>
    public bool TryTransmitRtcp(Span<byte> buffer, Instant now, IRtpProtector protector, out int length)
    {
        if (!_reporter.TryWrite(buffer, _packetsSent, _bytesSent, now, out length))
            return false;
        length = protector.ProtectRtcp(buffer, length);
        return true;
    }

    public void HandleTimeout(Instant now)
    {
        _reporter.HandleTimeout(now);
        _history.Expire(now);
    }

    /// <summary>Ends the stream: what waits is dropped, a BYE comes out of <see cref="TryTransmitRtcp"/>.</summary>
    public void Close()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _reporter.Close();
        Dispose();
    }

    public void Dispose()
    {
        _isClosed = true;
        _frame?.Dispose();
        (_frame, _rest) = (null, 0);
        _queue.Dispose();
        _history.Dispose();
    }

    private void WriteFrame(ref MessageWriter message, Instant now)
    {
        if (_frame is null && !TryBeginFrame(now))
            return;
        var unit = _frame!;
        var headerSize = _headers.SizeOf(_frameExtensions);
        var payloads = unit.Payloads;
        var previous = Span<byte>.Empty;
        var (first, firstTransport, firstPayload) = (_next, _nextTransport, _nextPayload);
        while (_nextPayload < payloads.Length && message.TryBegin(headerSize + payloads[_nextPayload].Size, out var packet))
        {
            var payload = payloads[_nextPayload];
            if (previous.IsEmpty)
                _headers.Write(packet, HeaderOf(unit, _nextPayload, _next, _timestamp, _nextTransport, now), _frameExtensions);
            else
                _headers.WriteNext(packet, previous, IsLast(unit, _nextPayload), _next, _nextTransport, _frameExtensions);
            payload.CopyTo(unit.Block, packet[headerSize..]);
            message.End(packet);
            previous = packet[..headerSize]; // which protection left as it was
            NotifySent(packet.Length, now);
            _next = _next.Next;
            _nextPayload++;
            _rest -= payload.Size;
            _packetsSent++;
            _bytesSent += payload.Size;
        }

        if (message.Length > 0)
        {
            if (_options.Nack)
                _history.Add(first, firstTransport, firstPayload, _nextPayload - firstPayload, now);
            _reporter.Start(now);
        }

        if (_nextPayload < payloads.Length)
            return;
        _framesSent++;
        _history.EndFrame();
        _frame = null;
        unit.Dispose();
    }

    private bool TryBeginFrame(Instant now)
    {
        if (!_queue.TryTake(out _frame))
            return false;
        (_nextPayload, _rest) = (0, _frame!.PayloadBytes);
        var own = RtpTimestamp.TicksAt(_frame!.CaptureTime);
        _ticks = Math.Max(own, _ticks + 1); // another camera's latest group began before the last picture; and two frames of one timestamp would be one
        _timestamp = RtpTimestamp.FromTicks(_ticks, _timestampOffset);

        // The viewer keeps the delay and maps the SSRC once it has seen them; a report shows that it has. Capture time: once per
        // group of pictures, the viewer extrapolates by timestamps: a picture whose timestamp is not its capture time's leaves it to the next.
        _frameExtensions = _everyPacket;
        if (_receiver.Reports == 0)
            _frameExtensions |= _headers.Available & (RtpExtensions.Mid | RtpExtensions.PlayoutDelay);
        if (_receiver.Reports < _playoutUntil)
            _frameExtensions |= _headers.Available & RtpExtensions.PlayoutDelay;
        if (_frame.IsIdr)
            _frameExtensions |= _headers.Available;
        _owesCaptureTime |= _frame.IsIdr;
        if (_ticks - own > SameTime)
            _frameExtensions &= ~RtpExtensions.AbsCaptureTime;
        else if (_owesCaptureTime)
            (_owesCaptureTime, _frameExtensions) = (false, _frameExtensions | (_headers.Available & RtpExtensions.AbsCaptureTime));
        if (_options.Nack)
            _history.BeginFrame(_frame, _timestamp, _frameExtensions, _next, now);
        return true;
    }

    private void WriteRetransmissions(ref MessageWriter message, Instant now)
    {
        while (_retransmissions.TryPeek(now, out var index))
        {
            ref var sent = ref _history.PacketAt(index);
            ref readonly var frame = ref _history.FrameOf(sent);
            var payload = frame.Unit!.Payloads[sent.PayloadIndex];
            var size = _options.RtxPayloadType is { } rtx
                ? WriteRtx(ref message, rtx, sent, frame, payload, now)
                : WriteAgain(ref message, sent, frame, payload);
            if (size == 0)
                return; // another size: the next message's
            _retransmissions.Remove(index, size, now);
            _packetsRetransmitted++;
            _bytesRetransmitted += payload.Size;
        }
    }

    /// <summary>RFC 4588 §4: timestamp and marker of the original, its sequence number in front of its payload, all else the RTX stream's own.</summary>
    private int WriteRtx(ref MessageWriter message, byte payloadType, in SentPacket sent, in SentFrame frame, RtpPayload payload, Instant now)
    {
        var extensions = _everyPacket | (_receiver.Reports == 0 ? _headers.Available & RtpExtensions.Mid : 0);
        var headerSize = _headers.SizeOf(extensions) + RtpLimits.OriginalSequenceNumberSize;
        if (!message.TryBegin(headerSize + payload.Size, out var packet))
            return 0;
        var header = HeaderOf(frame.Unit!, sent.PayloadIndex, _nextRtx, frame.Timestamp, _nextTransport, now) with
        {
            PayloadType = payloadType,
            Ssrc = _options.RtxSsrc,
        };
        _nextRtx = _nextRtx.Next;
        WritePacket(packet, frame.Unit!, payload, headerSize, header, extensions);
        BinaryPrimitives.WriteUInt16BigEndian(packet[(headerSize - RtpLimits.OriginalSequenceNumberSize)..], sent.SequenceNumber.Value);
        message.End(packet);
        NotifySent(packet.Length, now);
        return packet.Length;
    }

    /// <summary>The packet just written has a transport-wide number of its own; the next one gets the next.</summary>
    private void NotifySent(int size, Instant now)
    {
        if ((_everyPacket & RtpExtensions.TransportSequenceNumber) != 0)
            Observer?.HandleSent(new(_nextTransport), size, now);
        _nextTransport++;
    }

    /// <summary>
    /// The same packet again, bit for bit, extensions included: SRTP derives its nonce from the sequence number, and two different
    /// packets under one nonce give AES-GCM's authentication key away (RFC 7714 §8.1, §9.1).
    /// </summary>
    private int WriteAgain(ref MessageWriter message, in SentPacket sent, in SentFrame frame, RtpPayload payload)
    {
        var headerSize = _headers.SizeOf(frame.Extensions);
        if (!message.TryBegin(headerSize + payload.Size, out var packet))
            return 0;
        var header = HeaderOf(frame.Unit!, sent.PayloadIndex, sent.SequenceNumber, frame.Timestamp, sent.TransportSequenceNumber, sent.FirstSent);
        WritePacket(packet, frame.Unit!, payload, headerSize, header, frame.Extensions);
        message.End(packet, isRepeat: true);
        return packet.Length;
    }

    /// <summary>Its packet has the marker (RFC 6184 §5.1).</summary>
    private static bool IsLast(AccessUnit unit, int payloadIndex) => payloadIndex == unit.Payloads.Length - 1;

    private RtpHeader HeaderOf(AccessUnit unit, int payloadIndex, SequenceNumber sequenceNumber, RtpTimestamp timestamp, ushort transport, Instant sentAt) => new(
        _options.PayloadType,
        IsLast(unit, payloadIndex),
        sequenceNumber,
        timestamp,
        _options.Ssrc,
        transport,
        _clock.At(sentAt),
        _clock.At(unit.CaptureTime));

    private void WritePacket(Span<byte> packet, AccessUnit unit, RtpPayload payload, int payloadOffset, in RtpHeader header, RtpExtensions extensions)
    {
        _headers.Write(packet, header, extensions);
        payload.CopyTo(unit.Block, packet[payloadOffset..]);
    }
}
