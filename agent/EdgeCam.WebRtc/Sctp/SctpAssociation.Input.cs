using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>Packets in: whose they are (§8.5), and which chunk goes where.</summary>
internal sealed partial class SctpAssociation
{
    private const int MaxWaitingEvents = 1024; // RE-CONFIGs are not looked at while so many events wait
    private const int MaxEchoed = 512; // bytes of a heartbeat or unknown chunk that we send back

    public void HandleDatagram(ReadOnlySpan<byte> packet, Instant now)
    {
        Counters.PacketsReceived++;
        if (!SctpPacketView.IsValid(packet))
        {
            Counters.BadPackets++;
            return;
        }

        var view = new SctpPacketView(packet);
        if (view.SourcePort != _options.RemotePort || view.DestinationPort != _options.LocalPort)
        {
            Counters.BadPackets++;
            return;
        }

        var chunks = view.Chunks;
        var isFirst = true;
        while (chunks.MoveNext())
        {
            var chunk = chunks.Current;
            if (isFirst && !IsForUs(chunk, view.VerificationTag))
            {
                Counters.BadVerificationTags++;
                return;
            }

            // INIT, INIT ACK and SHUTDOWN COMPLETE stand alone (§6.10).
            var isAlone = isFirst && chunks.IsLast;
            if (!isAlone && chunk.Type is ChunkType.Init or ChunkType.InitAck or ChunkType.ShutdownComplete)
            {
                Counters.BadChunks++;
                break;
            }

            isFirst = false;
            if (!HandleChunk(chunk, view.VerificationTag, now))
                break;
        }

        if (chunks.IsMalformed)
            Counters.BadChunks++;
        EndPacket(now);
    }

    /// <summary>Verification tags, §8.5 and its exceptions §8.5.1. A COOKIE ECHO's is compared with the one in the cookie.</summary>
    private bool IsForUs(ChunkView first, uint tag) => first.Type switch
    {
        ChunkType.Init => tag == 0,
        ChunkType.CookieEcho => true,
        ChunkType.Abort or ChunkType.ShutdownComplete when (first.Flags & 1) != 0 => tag == _peerTag && tag != 0,
        _ => tag == _localTag,
    };

    /// <returns>False where the rest of the packet must not be looked at.</returns>
    private bool HandleChunk(ChunkView chunk, uint tag, Instant now)
    {
        if (_isOver)
            return HandleAfterEnd(chunk);
        switch (chunk.Type)
        {
            case ChunkType.Init:
                HandleInit(chunk.Value, now);
                return false;
            case ChunkType.InitAck:
                HandleInitAck(chunk.Value, now);
                return false;
            case ChunkType.CookieEcho:
                return HandleCookieEcho(chunk.Value, tag, now);
            case ChunkType.CookieAck:
                HandleCookieAck(now);
                return true;
            case ChunkType.Abort:
                HandleAbort(chunk);
                return false;
            case ChunkType.Error:
                HandleError(chunk.Value, now);
                return true;
            default:
                return _receiver is { } receiver ? HandleEstablished(chunk, receiver, now) : CountUnexpected();
        }
    }

    private bool HandleEstablished(ChunkView chunk, DataReceiver receiver, Instant now)
    {
        switch (chunk.Type)
        {
            case ChunkType.Data:
                return HandleData(chunk, receiver);
            case ChunkType.Sack:
                if (!SackChunkView.IsValid(chunk.Value))
                    Counters.BadChunks++;
                else if (_sender.HandleSack(new(chunk.Value), now))
                    OnPeerAlive(now);
                return true;
            case ChunkType.ForwardTsn:
                if (chunk.Value.Length < 4 || chunk.Value.Length % 4 != 0)
                    Counters.BadChunks++;
                else
                    receiver.HandleForwardTsn(chunk.Value);
                return true;
            case ChunkType.Heartbeat:
                if (chunk.Value.Length > MaxEchoed)
                    return CountUnexpected();
                if (_heartbeatInfo.Length != chunk.Value.Length) // of one peer all have one size
                    _heartbeatInfo = new byte[chunk.Value.Length];
                chunk.Value.CopyTo(_heartbeatInfo);
                _due |= ControlChunks.HeartbeatAck;
                return true;
            case ChunkType.HeartbeatAck:
                HandleHeartbeatAck(chunk.Value, now);
                return true;
            case ChunkType.Shutdown:
                HandleShutdown(chunk.Value, now);
                return true;
            case ChunkType.ShutdownAck:
                HandleShutdownAck();
                return true;
            case ChunkType.ShutdownComplete:
                if (State != SctpState.ShutdownAckSent)
                    return CountUnexpected();
                End(new SctpEvent.Closed(_isShutdownByPeer));
                return false;
            case ChunkType.ReConfig:
                if (_events.Count > MaxWaitingEvents)
                    return CountUnexpected();
                _reset!.Handle(chunk.Value, now);
                return true;
            default:
                return HandleUnknown(chunk);
        }
    }

    private bool HandleData(ChunkView chunk, DataReceiver receiver)
    {
        if (State is not (SctpState.Established or SctpState.ShutdownPending or SctpState.ShutdownSent))
            return CountUnexpected();
        if (!DataChunkView.IsValid(chunk))
        {
            Counters.BadChunks++;
            return true;
        }

        if (State == SctpState.ShutdownSent)
            _due |= ControlChunks.Shutdown; // §9.2: its cumulative TSN ack has moved
        if (receiver.HandleData(chunk))
            return true;
        End(ErrorCause.ProtocolViolation, "the peer's message is longer than max-message-size");
        return false;
    }

    /// <summary>The two high bits of the type say what to do (§3.2): skip or stop, silently or with a report.</summary>
    private bool HandleUnknown(ChunkView chunk)
    {
        Counters.UnknownChunks++;
        var type = (byte)chunk.Type;
        if ((type & 0x40) != 0)
        {
            _unrecognizedChunk = chunk.Bytes[..Math.Min(chunk.Bytes.Length, MaxEchoed)].ToArray();
            _due |= ControlChunks.Error;
        }

        return (type & 0x80) != 0;
    }

    /// <summary>Our SHUTDOWN COMPLETE was lost and the peer asks again (§8.4, 5).</summary>
    private bool HandleAfterEnd(ChunkView chunk)
    {
        if (chunk.Type == ChunkType.ShutdownAck && State == SctpState.Closed && _peerTag != 0)
            _due |= ControlChunks.ShutdownComplete;
        else
            Counters.UnexpectedChunks++;
        return false;
    }

    private void EndPacket(Instant now)
    {
        if (_isOver || _receiver is not { } receiver)
            return;
        receiver.EndPacket(now);
        _reset!.OnReceived();
        ContinueShutdown(now);
    }

    private bool CountUnexpected()
    {
        Counters.UnexpectedChunks++;
        return true;
    }
}
