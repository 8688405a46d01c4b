using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>
/// Messages before they are cut into chunks. Streams take turns message by message: without I-DATA the fragments of one message stay
/// together, and a long transfer must not shut out the control channel.
/// </summary>
internal sealed class SendQueue(SctpCounters counters)
{
    /// <summary>Bound of everything unsent and unacknowledged, payload and overhead.</summary>
    public const int Bound = 1024 * 1024;

    private const int Overhead = 128; // what a message costs us besides its payload, so that empty ones are bounded too
    private readonly Dictionary<ushort, OutgoingStream> _streams = [];
    private readonly Queue<OutgoingStream> _round = [];

    /// <summary>Bytes of all messages not yet acknowledged, and their overhead.</summary>
    public int HeldBytes { get; private set; }

    /// <summary>Says, and counts, whether a message would be refused: before it is copied.</summary>
    public bool Fits(int length)
    {
        if (HeldBytes + length + Overhead <= Bound)
            return true;
        counters.MessagesRefused++;
        return false;
    }

    /// <summary>Policy: a message that does not fit is refused and counted; nothing that was accepted is dropped to make room.</summary>
    /// <param name="isInternal">DCEP messages, bounded in number by the channels: they always fit.</param>
    public bool Offer(ushort stream, uint ppid, byte[] payload, SendParameters parameters, bool isInternal = false)
    {
        if (!isInternal && !Fits(payload.Length))
            return false;
        var outgoing = StreamOf(stream);
        outgoing.Messages.Enqueue(new(outgoing, ppid, payload, parameters.IsUnordered)
        {
            Expiry = parameters.Expiry,
            MaxRetransmits = parameters.MaxRetransmits,
        });
        outgoing.BufferedBytes += payload.Length;
        HeldBytes += payload.Length + Overhead;
        Schedule(outgoing);
        return true;
    }

    public OutgoingStream? Find(ushort stream) => _streams.GetValueOrDefault(stream);

    /// <summary>The message whose next fragment is to be sent, or null. Those that expired before their first fragment end here.</summary>
    public OutgoingMessage? Current(Instant now)
    {
        while (_round.TryPeek(out var stream))
        {
            if (!stream.IsPaused && stream.Messages.TryPeek(out var message))
            {
                if (message.Assigned > 0 || message.Expiry > now)
                    return message;
                counters.MessagesAbandoned++;
                stream.BufferedBytes -= message.Payload.Length;
                Release(message);
                stream.Messages.Dequeue();
            }
            else
            {
                _round.Dequeue();
                stream.IsScheduled = false;
            }
        }

        return null;
    }

    /// <summary>The current message is cut to its end, or given up: the next stream's turn.</summary>
    public void FinishCurrent()
    {
        var stream = _round.Dequeue();
        stream.Messages.Dequeue();
        stream.IsScheduled = false;
        Schedule(stream);
    }

    /// <summary>A message has left for good: its room is free.</summary>
    public void Release(OutgoingMessage message) => HeldBytes -= message.Payload.Length + Overhead;

    /// <summary>Drops what waits on a stream, save a message of which a part is already sent.</summary>
    public void Discard(ushort stream)
    {
        if (Find(stream) is not { } outgoing)
            return;
        for (var i = outgoing.Messages.Count; i > 0; i--)
        {
            var message = outgoing.Messages.Dequeue();
            if (message.Assigned > 0)
            {
                outgoing.Messages.Enqueue(message);
                continue;
            }

            outgoing.BufferedBytes -= message.Payload.Length;
            Release(message);
        }
    }

    /// <summary>Nothing waits on this stream and nothing is outstanding: it can be reset.</summary>
    public bool IsIdle(ushort stream) => Find(stream) is not { } outgoing || (outgoing.Messages.Count == 0 && outgoing.OutstandingChunks == 0);

    public void Pause(ushort stream) => StreamOf(stream).IsPaused = true;

    public void Resume(ushort stream, bool reset)
    {
        var outgoing = StreamOf(stream);
        outgoing.IsPaused = false;
        if (reset)
            outgoing.NextSsn = default;
        Schedule(outgoing);
    }

    private void Schedule(OutgoingStream stream)
    {
        if (stream.IsScheduled || stream.IsPaused || stream.Messages.Count == 0)
            return;
        stream.IsScheduled = true;
        _round.Enqueue(stream);
    }

    private OutgoingStream StreamOf(ushort stream)
    {
        if (!_streams.TryGetValue(stream, out var outgoing))
            _streams[stream] = outgoing = new(stream);
        return outgoing;
    }
}
