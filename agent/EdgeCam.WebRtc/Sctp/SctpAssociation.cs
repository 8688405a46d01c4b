using System.Diagnostics.CodeAnalysis;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>
/// An SCTP association over DTLS (RFC 9260, RFC 8261): bytes and time go in; packets, events and a deadline come out. The owner calls
/// <see cref="TryTransmit"/> until it returns false after every other call.
/// </summary>
/// <remarks>
/// Kept besides: partial reliability (RFC 3758, RFC 7496), stream reset (RFC 6525), the I bit (RFC 7053, heeded, not sent).
/// Left out of RFC 9260: more than one path or address (RFC 8261 §5 forbids it), path MTU discovery (the MTU is given), Max.Burst, ECN, error
/// causes other than stale cookie and unrecognized chunk type, the report of unrecognized INIT ACK parameters, the cookie
/// preservative. Packets out of the blue (§8.4) are dropped and counted; nothing is answered, as DTLS already tells whose they are.
/// Left out of RFC 6525: TSN reset and adding streams, which are denied. Left out altogether: AUTH, ASCONF, I-DATA (RFC 8260), zero
/// checksum (RFC 9653).
/// </remarks>
internal sealed partial class SctpAssociation
{
    /// <summary>Streams offered each way; fewer where the peer says so. 1024 is what libwebrtc has.</summary>
    public const ushort MaxStreams = 1024;

    private const int MaxReplies = 4;

    private readonly SctpOptions _options;
    private readonly byte[] _cookieKey = new byte[32];
    private readonly Queue<byte[]> _replies = new(MaxReplies);
    private readonly Queue<(SctpEvent Event, WindowShare Share)> _events = [];
    private RetransmissionTimeout _timeout = new();
    private uint _localTag;
    private Tsn _localInitialTsn;
    private uint _peerTag;
    private PeerParameters _peer;
    private byte[] _peerCookie = [];
    private DataSender _sender;
    private DataReceiver? _receiver; // from Established on
    private StreamReset? _reset;
    private ControlChunks _due;
    private byte[] _heartbeatInfo = [];
    private byte[] _unrecognizedChunk = [];
    private bool _isOver;

    public SctpAssociation(SctpOptions options)
    {
        _options = options;
        _options.Random.Fill(_cookieKey);
        _localTag = NextTag();
        _localInitialTsn = new(_options.Random.NextUInt32());
        _sender = new(_localInitialTsn, _timeout, _options.Mtu, Counters);
    }

    public SctpState State { get; private set; }

    public SctpCounters Counters { get; } = new();

    public bool IsEstablished => State == SctpState.Established;

    /// <summary>Closed or aborted: nothing more is sent or accepted.</summary>
    public bool IsOver => _isOver;

    /// <summary>Streams that we may send on, once established.</summary>
    public ushort OutboundStreams { get; private set; } = MaxStreams;

    public ushort InboundStreams { get; private set; } = MaxStreams;

    /// <summary>Bytes held for the peer: received and not yet taken.</summary>
    public int ReceivedBytesHeld => _receiver?.HeldBytes ?? 0;

    public TimeSpan? SmoothedRoundTrip => _timeout.SmoothedRoundTrip;

    internal DataSender Sender => _sender;

    internal Tsn LastPeerRequest => _reset?.LastPeerRequest ?? default;

    /// <summary>Begins: the DTLS client at once; the server a little later, should the peer not have begun by then.</summary>
    public void Connect(Instant now)
    {
        if (State != SctpState.Closed || _isOver)
            return;
        if (_options.IsClient)
            SendInit(now);
        else
            ControlTimer = now + s_passiveWait;
    }

    /// <summary>False, and counted, where a message of this length would be refused now.</summary>
    public bool HasRoomFor(int length) => _sender.Queue.Fits(length);

    /// <summary>Queues a message of at least one byte; it belongs to the association from now on. Policy: refused when the buffer is full.</summary>
    /// <returns>False where the association ends, the stream does not exist or the buffer (1 MiB) is full.</returns>
    public bool Send(ushort stream, uint ppid, byte[] payload, SendParameters parameters, bool isInternal = false)
    {
        ArgumentOutOfRangeException.ThrowIfZero(payload.Length);
        return !_isOver && State <= SctpState.Established && stream < OutboundStreams
            && _sender.Queue.Offer(stream, ppid, payload, parameters, isInternal);
    }

    /// <summary>Bytes of a stream that were not sent yet.</summary>
    public int BufferedAmount(ushort stream) => _sender.Queue.Find(stream)?.BufferedBytes ?? 0;

    /// <summary>Drops what waits on a stream and has not begun to be sent.</summary>
    public void Discard(ushort stream) => _sender.Queue.Discard(stream);

    /// <summary>Resets an outgoing stream once everything on it has arrived.</summary>
    /// <returns>False where that is not possible: not established, or the peer does not know stream reset.</returns>
    public bool ResetStream(ushort stream) => !_isOver && stream < OutboundStreams && _reset is not null && _reset.Request(stream);

    /// <summary>Nothing waits on this stream, is unacknowledged, or is being reset.</summary>
    public bool IsIdle(ushort stream) => _sender.Queue.IsIdle(stream) && _reset?.IsUnderWay(stream) != true;

    /// <summary>Ends in order: everything queued is delivered first (§9.2).</summary>
    public void Shutdown(Instant now)
    {
        if (_isOver)
            return;
        if (State < SctpState.Established)
        {
            Abort(now);
            return;
        }

        if (State == SctpState.Established)
            State = SctpState.ShutdownPending;
        ContinueShutdown(now);
    }

    /// <summary>Ends at once with an ABORT (§9.1).</summary>
    public void Abort(Instant now) => End(ErrorCause.UserInitiatedAbort, "closed by this side");

    public bool TryGetEvent([NotNullWhen(true)] out SctpEvent? happened)
    {
        var taken = TryTakeEvent(out happened, out var share);
        share.Release();
        return taken;
    }

    /// <summary>Takes an event, and with it the duty to release its share of the window when the message has been handed on.</summary>
    public bool TryTakeEvent([NotNullWhen(true)] out SctpEvent? happened, out WindowShare share)
    {
        var taken = _events.TryDequeue(out var next);
        (happened, share) = next;
        return taken;
    }

    /// <summary>Writes one packet of at most the MTU.</summary>
    public bool TryTransmit(Span<byte> buffer, Instant now, out int length)
    {
        length = Transmit(buffer[..Math.Min(buffer.Length, _options.Mtu)], now);
        if (length == 0)
            return false;
        Counters.PacketsSent++;
        return true;
    }

    private int Transmit(Span<byte> buffer, Instant now)
    {
        if (_replies.TryDequeue(out var reply))
        {
            reply.CopyTo(buffer);
            return reply.Length;
        }

        if (Take(ControlChunks.Init)) // alone (§5.1)
            return WriteInit(buffer);
        var writer = new SctpPacketWriter(buffer, _options.LocalPort, _options.RemotePort, _peerTag);
        if (Take(ControlChunks.Abort))
        {
            WriteCause(ref writer, ChunkType.Abort, _abortCause, []);
            return writer.Finish();
        }

        if (Take(ControlChunks.ShutdownComplete)) // alone (§6.10)
        {
            writer.Add(ChunkType.ShutdownComplete, 0, []);
            return writer.Finish();
        }

        WriteControl(ref writer);
        if (_receiver is { } receiver && !_isOver)
            WriteEstablished(ref writer, receiver, now);
        return writer.IsEmpty ? 0 : writer.Finish();
    }

    private void WriteControl(ref SctpPacketWriter writer)
    {
        if (Take(ControlChunks.CookieEcho)) // first in its packet (§5.1)
            writer.Add(ChunkType.CookieEcho, 0, _peerCookie);
        if (Take(ControlChunks.CookieAck))
            writer.Add(ChunkType.CookieAck, 0, []);
        if (Take(ControlChunks.Error))
            WriteCause(ref writer, ChunkType.Error, ErrorCause.UnrecognizedChunkType, _unrecognizedChunk);
        if (Take(ControlChunks.HeartbeatAck))
            writer.Add(ChunkType.HeartbeatAck, 0, _heartbeatInfo);
        if (Take(ControlChunks.Heartbeat))
            WriteHeartbeat(ref writer);
    }

    private void WriteEstablished(ref SctpPacketWriter writer, DataReceiver receiver, Instant now)
    {
        var maySend = State is SctpState.Established or SctpState.ShutdownPending or SctpState.ShutdownReceived;
        if (receiver.IsSackDue || (receiver.IsSackPending && maySend && _sender.CanWrite(now)))
            receiver.WriteSack(ref writer);
        if (Take(ControlChunks.Shutdown))
            WriteShutdown(ref writer, receiver);
        if (Take(ControlChunks.ShutdownAck))
            writer.Add(ChunkType.ShutdownAck, 0, []);
        if (!maySend)
            return;
        _reset?.Write(ref writer, now);
        _sender.Write(ref writer, now);
    }

    private bool Take(ControlChunks chunk)
    {
        var isDue = (_due & chunk) != 0;
        _due &= ~chunk;
        return isDue;
    }

    private void Emit(SctpEvent happened) => _events.Enqueue((happened, default));

    private void Deliver(InboundMessage message) =>
        _events.Enqueue((new SctpEvent.MessageReceived(message.Stream, message.Ppid, message.Data), new(_receiver, message.Held)));

    private uint NextTag()
    {
        uint tag;
        do
            tag = _options.Random.NextUInt32();
        while (tag == 0); // §3.3.2
        return tag;
    }
}
