using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>The four-way handshake (§5): both sides may begin, and the peer may begin anew.</summary>
internal sealed partial class SctpAssociation
{
    private const int MaxUnrecognized = 256; // bytes of unrecognized parameters that we report

    private static readonly TimeSpan s_cookieLifetime = TimeSpan.FromSeconds(60); // Valid.Cookie.Life, §16
    private static readonly TimeSpan s_passiveWait = TimeSpan.FromSeconds(1);

    private void SendInit(Instant now)
    {
        State = SctpState.CookieWait;
        _due |= ControlChunks.Init;
        StartControlTimer(now, 0);
    }

    private int WriteInit(Span<byte> buffer)
    {
        var writer = new SctpPacketWriter(buffer, _options.LocalPort, _options.RemotePort, verificationTag: 0);
        Span<byte> parameters = stackalloc byte[32];
        var length = WriteExtensions(parameters);
        var value = writer.Add(ChunkType.Init, 0, InitChunkView.FixedSize + length);
        InitChunkView.WriteFixed(value, _localTag, DataReceiver.Window, MaxStreams, _localInitialTsn);
        parameters[..length].CopyTo(value[InitChunkView.FixedSize..]);
        return writer.Finish();
    }

    /// <summary>Forward-TSN-Supported (RFC 3758 §3.1) and Supported Extensions (RFC 5061 §4.2.7): RE-CONFIG and FORWARD-TSN, nothing else.</summary>
    private static int WriteExtensions(Span<byte> destination)
    {
        var length = SctpPacketWriter.WriteParameter(destination, ParameterType.ForwardTsnSupported, []);
        return length + SctpPacketWriter.WriteParameter(destination[length..], ParameterType.SupportedExtensions,
            [(byte)ChunkType.ReConfig, (byte)ChunkType.ForwardTsn]);
    }

    private void HandleInit(ReadOnlySpan<byte> value, Instant now)
    {
        if (!InitChunkView.IsValid(value))
        {
            Counters.BadChunks++;
            return;
        }

        if (State == SctpState.ShutdownAckSent)
        {
            _due |= ControlChunks.ShutdownAck; // §9.2: the peer has missed ours
            return;
        }

        var init = new InitChunkView(value);
        Span<byte> unrecognized = stackalloc byte[MaxUnrecognized];
        if (!TryReadParameters(init, out var peer, out _, ref unrecognized) || _replies.Count >= MaxReplies)
        {
            Counters.BadChunks++;
            return;
        }

        // Before Established both sides may begin at once: the same tag and TSN as in our own INIT let the two handshakes meet
        // (§5.2.1). After, it is a late duplicate or a restart: a new tag, and the old ones as tie-tags to tell which (§5.2.2).
        var isNew = State < SctpState.Established;
        var cookie = new StateCookie(
            now,
            isNew ? _localTag : NextTag(),
            init.InitiateTag,
            isNew ? _localInitialTsn : new(_options.Random.NextUInt32()),
            peer,
            isNew ? 0 : _localTag,
            isNew ? 0 : _peerTag);
        _replies.Enqueue(MakeInitAck(cookie, unrecognized));
    }

    private byte[] MakeInitAck(StateCookie cookie, ReadOnlySpan<byte> unrecognized)
    {
        Span<byte> buffer = stackalloc byte[SctpPacketView.HeaderSize + ChunkView.HeaderSize + InitChunkView.FixedSize + 32 + StateCookie.Size + MaxUnrecognized + 8];
        Span<byte> cookieBytes = stackalloc byte[StateCookie.Size];
        cookie.Write(cookieBytes, _cookieKey);
        Span<byte> parameters = stackalloc byte[32 + StateCookie.Size + MaxUnrecognized];
        var length = SctpPacketWriter.WriteParameter(parameters, ParameterType.StateCookie, cookieBytes);
        length += WriteExtensions(parameters[length..]);
        unrecognized.CopyTo(parameters[length..]);
        length += unrecognized.Length;

        var writer = new SctpPacketWriter(buffer, _options.LocalPort, _options.RemotePort, cookie.PeerTag);
        var value = writer.Add(ChunkType.InitAck, 0, InitChunkView.FixedSize + length);
        InitChunkView.WriteFixed(value, cookie.LocalTag, DataReceiver.Window, MaxStreams, cookie.LocalInitialTsn);
        parameters[..length].CopyTo(value[InitChunkView.FixedSize..]);
        return buffer[..writer.Finish()].ToArray();
    }

    /// <summary>Reads what we understand. The two high bits of an unknown type say whether to go on and whether to report it (§3.2.1).</summary>
    /// <param name="unrecognized">In: room; out: the parameters to report, as Unrecognized Parameter parameters.</param>
    private static bool TryReadParameters(InitChunkView init, out PeerParameters peer, out ReadOnlySpan<byte> cookie, ref Span<byte> unrecognized)
    {
        bool forwardTsn = false, streamReset = false;
        cookie = default;
        var reported = 0;
        var parameters = init.Parameters;
        while (parameters.MoveNext())
        {
            var type = parameters.Type;
            if (type == ParameterType.StateCookie)
            {
                cookie = parameters.Value;
            }
            else if (type == ParameterType.ForwardTsnSupported)
            {
                forwardTsn = true;
            }
            else if (type == ParameterType.SupportedExtensions)
            {
                forwardTsn |= parameters.Value.Contains((byte)ChunkType.ForwardTsn);
                streamReset |= parameters.Value.Contains((byte)ChunkType.ReConfig);
            }
            else if (!Enum.IsDefined(type)) // addresses and the like mean nothing over DTLS (RFC 8261 §5)
            {
                if (((ushort)type & 0x4000) != 0 && parameters.Bytes.Length + 8 <= unrecognized.Length - reported)
                    reported += SctpPacketWriter.WriteParameter(unrecognized[reported..], ParameterType.UnrecognizedParameter, parameters.Bytes);
                if (((ushort)type & 0x8000) == 0)
                    break;
            }
        }

        unrecognized = unrecognized[..reported];
        peer = new(init.InitialTsn, init.ReceiverWindow, init.OutboundStreams, init.InboundStreams, forwardTsn, streamReset);
        return !parameters.IsMalformed;
    }

    private void HandleInitAck(ReadOnlySpan<byte> value, Instant now)
    {
        if (State != SctpState.CookieWait)
        {
            CountUnexpected();
            return;
        }

        Span<byte> unrecognized = [];
        if (!InitChunkView.IsValid(value) || !TryReadParameters(new(value), out var peer, out var cookie, ref unrecognized)
            || cookie.IsEmpty || cookie.Length > _options.Mtu - SctpPacketView.HeaderSize - ChunkView.HeaderSize)
        {
            Counters.BadChunks++;
            return;
        }

        _peerTag = new InitChunkView(value).InitiateTag;
        _peer = peer;
        _peerCookie = cookie.ToArray();
        State = SctpState.CookieEchoed;
        _due = (_due & ~ControlChunks.Init) | ControlChunks.CookieEcho;
        StartControlTimer(now, 0);
    }

    private bool HandleCookieEcho(ReadOnlySpan<byte> value, uint tag, Instant now)
    {
        if (!StateCookie.TryRead(value, _cookieKey, out var cookie))
        {
            Counters.BadCookies++;
            return false;
        }

        if (cookie.LocalTag != tag)
        {
            Counters.BadVerificationTags++;
            return false;
        }

        var sameLocal = cookie.LocalTag == _localTag;
        var samePeer = cookie.PeerTag == _peerTag;
        if (now - cookie.Created > s_cookieLifetime && !(sameLocal && samePeer))
        {
            Counters.BadCookies++;
            if (_replies.Count < MaxReplies)
                _replies.Enqueue(MakeStaleCookieError(cookie, now));
            return false;
        }

        // §5.2.4, Table 12
        if (sameLocal && (samePeer || State < SctpState.Established)) // D; B, and the first one of all
        {
            if (State < SctpState.Established)
                Establish(cookie.Peer, cookie.PeerTag, now);
            _due |= ControlChunks.CookieAck;
            return true;
        }

        if (!sameLocal && !samePeer && _receiver is not null && cookie.LocalTieTag == _localTag && cookie.PeerTieTag == _peerTag) // A
        {
            Restart(cookie, now);
            _due |= ControlChunks.CookieAck;
            return true;
        }

        Counters.UnexpectedChunks++; // C
        return false;
    }

    private void HandleCookieAck(Instant now)
    {
        if (State == SctpState.CookieEchoed)
            Establish(_peer, _peerTag, now);
        else
            CountUnexpected();
    }

    private void Establish(PeerParameters peer, uint peerTag, Instant now)
    {
        _peerTag = peerTag;
        _peer = peer;
        _peerCookie = [];
        _due &= ~(ControlChunks.Init | ControlChunks.CookieEcho);
        ControlTimer = Instant.Never;
        State = SctpState.Established;
        OutboundStreams = Math.Min(MaxStreams, peer.InboundStreams);
        InboundStreams = Math.Min(MaxStreams, peer.OutboundStreams);
        _receiver = new(peer, InboundStreams, _options, Deliver, Counters);
        _sender.Start(peer);
        _reset = new(_localInitialTsn, peer.InitialTsn, peer.StreamReset, InboundStreams, _sender, _receiver, _timeout, Counters, Emit);
        _errors = 0;
        ScheduleHeartbeat(now);
        Emit(new SctpEvent.Connected());
    }

    private void Restart(StateCookie cookie, Instant now)
    {
        _localTag = cookie.LocalTag;
        _localInitialTsn = cookie.LocalInitialTsn;
        _timeout = new();
        _sender = new(_localInitialTsn, _timeout, _options.Mtu, Counters);
        _due = ControlChunks.None;
        Emit(new SctpEvent.Restarted());
        Establish(cookie.Peer, cookie.PeerTag, now);
    }

    private byte[] MakeStaleCookieError(StateCookie cookie, Instant now)
    {
        Span<byte> buffer = stackalloc byte[SctpPacketView.HeaderSize + 16];
        var writer = new SctpPacketWriter(buffer, _options.LocalPort, _options.RemotePort, cookie.PeerTag);
        Span<byte> staleness = stackalloc byte[4]; // microseconds, §3.3.10.3
        var late = (now - cookie.Created - s_cookieLifetime).TotalMicroseconds;
        BinaryPrimitives.WriteUInt32BigEndian(staleness, (uint)Math.Min(late, uint.MaxValue));
        WriteCause(ref writer, ChunkType.Error, ErrorCause.StaleCookie, staleness);
        return buffer[..writer.Finish()].ToArray();
    }

    private void HandleError(ReadOnlySpan<byte> value, Instant now)
    {
        var causes = new ParameterEnumerator(value);
        while (causes.MoveNext())
        {
            if ((ErrorCause)causes.Type == ErrorCause.StaleCookie && State == SctpState.CookieEchoed)
                RetryInit(now); // §5.2.6: ask for a new cookie
        }

        if (causes.IsMalformed)
            Counters.BadChunks++;
    }

    private static void WriteCause(ref SctpPacketWriter writer, ChunkType type, ErrorCause cause, ReadOnlySpan<byte> information)
    {
        var length = ParameterEnumerator.HeaderSize + information.Length;
        var value = writer.Add(type, 0, length);
        BinaryPrimitives.WriteUInt16BigEndian(value, (ushort)cause);
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)length);
        information.CopyTo(value[ParameterEnumerator.HeaderSize..]);
    }
}
