using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>
/// All chunks that have a TSN and are not cumulatively acknowledged: SACKs, fast retransmit (RFC 9260 §6.2.1, §7.2.4), giving up and
/// FORWARD-TSN (RFC 3758 §3.5). Bounded by the send queue's bound: a chunk is of a message that counts there.
/// </summary>
internal sealed class RetransmissionQueue(Tsn initialTsn, SendQueue queue, SctpCounters counters)
{
    private const int MissLimit = 3; // §7.2.4

    private readonly List<OutstandingChunk> _chunks = [];
    private readonly Dictionary<ushort, StreamSequenceNumber> _skipped = [];
    private Tsn _first = initialTsn;
    private OutstandingChunk? _timed;

    /// <summary>The next TSN to be assigned.</summary>
    public Tsn Next => _first + _chunks.Count;

    public Tsn CumulativeAck => _first.Previous;

    /// <summary>Advanced.Peer.Ack.Point (RFC 3758 §3.5).</summary>
    public Tsn AdvancedAckPoint { get; private set; } = initialTsn.Previous;

    public bool NeedsForwardTsn => AdvancedAckPoint.IsAfter(CumulativeAck);

    /// <summary>Bytes in flight.</summary>
    public int FlightSize { get; private set; }

    /// <summary>Chunks that wait to be sent again.</summary>
    public int LostChunks { get; private set; }

    public bool IsEmpty => _chunks.Count == 0;

    public bool AllowsAbandoning { get; set; }

    /// <summary>Gives the next TSN to a fragment that is about to be sent.</summary>
    public OutstandingChunk Add(OutgoingMessage message, int length, Instant now)
    {
        var chunk = Append(message, length);
        chunk.Transmissions = 1;
        chunk.SentAt = now;
        FlightSize += chunk.Size;
        _timed ??= chunk; // one measurement per round trip (§6.3.1, C4)
        return chunk;
    }

    public SackResult HandleSack(SackChunkView sack, bool isInFastRecovery, Instant now)
    {
        var acked = 0;
        TimeSpan? roundTrip = null;
        var highestNewlyAcked = CumulativeAck;
        var advanced = AcknowledgeUpTo(sack.CumulativeTsnAck, ref acked, ref highestNewlyAcked, ref roundTrip, now);
        var highestReported = CumulativeAck;

        var index = 0;
        var previousEnd = 1; // the first block starts two above the cumulative TSN ack at least
        for (var i = 0; i < sack.GapAckBlocks; i++)
        {
            var (start, end) = sack.GapAckBlock(i);
            if (start <= previousEnd || end < start || end > _chunks.Count)
            {
                counters.BadSacks++;
                break;
            }

            for (; index < start - 1; index++)
                Renege(_chunks[index]);
            for (; index < end; index++)
            {
                Acknowledge(_chunks[index], ref acked, ref highestNewlyAcked, ref roundTrip, now);
                highestReported = _chunks[index].Tsn;
            }

            previousEnd = end;
        }

        for (; index < _chunks.Count; index++)
            Renege(_chunks[index]);

        // HTNA: only what is below the highest newly acknowledged TSN is missing; in fast recovery all that is below a gap (§7.2.4).
        var limit = isInFastRecovery && advanced ? highestReported : highestNewlyAcked;
        var fastRetransmit = CountMisses(limit, now);
        AdvanceAckPoint();
        return new(acked, advanced, fastRetransmit, roundTrip);
    }

    /// <summary>A SHUTDOWN's cumulative TSN ack; it says nothing of gaps.</summary>
    public void HandleCumulativeAck(Tsn cumulative, Instant now)
    {
        var acked = 0;
        TimeSpan? roundTrip = null;
        var highest = CumulativeAck;
        AcknowledgeUpTo(cumulative, ref acked, ref highest, ref roundTrip, now);
        AdvanceAckPoint();
    }

    /// <summary>T3-rtx expired: everything in flight is taken for lost (§6.3.3).</summary>
    public void MarkAllLost(Instant now)
    {
        for (var i = 0; i < _chunks.Count; i++) // giving up may append one
        {
            var chunk = _chunks[i];
            if (chunk.Status == ChunkStatus.InFlight)
                MarkLost(chunk);
            if (chunk.Status == ChunkStatus.Lost && IsHopeless(chunk.Message, chunk.Transmissions, now))
                Abandon(chunk.Message);
        }

        AdvanceAckPoint();
    }

    /// <summary>The first lost chunk from a place on, or null. What has expired meanwhile is given up on the way.</summary>
    public OutstandingChunk? NextLost(ref int from, Instant now)
    {
        for (; LostChunks > 0 && from < _chunks.Count; from++)
        {
            var chunk = _chunks[from];
            if (chunk.Status != ChunkStatus.Lost)
                continue;
            if (!IsHopeless(chunk.Message, chunk.Transmissions, now))
                return chunk;
            Abandon(chunk.Message);
            AdvanceAckPoint();
        }

        return null;
    }

    /// <summary>A lost chunk is about to be sent again.</summary>
    public void Resend(OutstandingChunk chunk, Instant now)
    {
        chunk.Status = ChunkStatus.InFlight;
        chunk.Transmissions++;
        chunk.MissIndications = 0;
        chunk.SentAt = now;
        FlightSize += chunk.Size;
        LostChunks--;
        counters.Retransmissions++;
    }

    public bool IsEarliest(OutstandingChunk chunk) => _chunks.Count > 0 && _chunks[0] == chunk;

    /// <summary>Gives up a message whose time is over before all of it was cut into chunks.</summary>
    public bool TryAbandonExpired(OutgoingMessage message, Instant now)
    {
        if (!IsHopeless(message, 0, now))
            return false;
        Abandon(message);
        AdvanceAckPoint();
        return true;
    }

    /// <summary>Writes a FORWARD-TSN (RFC 3758 §3.2): the new cumulative TSN, and per ordered stream the last SSN skipped.</summary>
    public void WriteForwardTsn(ref SctpPacketWriter writer)
    {
        var room = (writer.Room - 4) / 4;
        var cumulative = CumulativeAck;
        _skipped.Clear();
        foreach (var chunk in _chunks)
        {
            if (chunk.Tsn.IsAfter(AdvancedAckPoint))
                break;
            var message = chunk.Message;
            if (!message.IsUnordered)
            {
                if (_skipped.Count >= room && !_skipped.ContainsKey(message.Stream.Id))
                    break; // the rest goes with the next one
                _skipped[message.Stream.Id] = message.Ssn; // ascending within a stream
            }

            cumulative = chunk.Tsn;
        }

        var value = writer.Add(ChunkType.ForwardTsn, 0, 4 + (4 * _skipped.Count));
        BinaryPrimitives.WriteUInt32BigEndian(value, cumulative.Value);
        foreach (var (stream, ssn) in _skipped)
        {
            value = value[4..];
            BinaryPrimitives.WriteUInt16BigEndian(value, stream);
            BinaryPrimitives.WriteUInt16BigEndian(value[2..], ssn.Value);
        }
    }

    private OutstandingChunk Append(OutgoingMessage message, int length)
    {
        var isEnding = message.Assigned + length == message.Payload.Length;
        var chunk = new OutstandingChunk(message, Next, message.Assigned, length, isEnding);
        _chunks.Add(chunk);
        message.Assigned += length;
        message.Stream.BufferedBytes -= length;
        message.OutstandingChunks++;
        message.Stream.OutstandingChunks++;
        return chunk;
    }

    private bool AcknowledgeUpTo(Tsn cumulative, ref int acked, ref Tsn highest, ref TimeSpan? roundTrip, Instant now)
    {
        var count = (int)CumulativeAck.DistanceTo(cumulative);
        for (var i = 0; i < count; i++)
        {
            var chunk = _chunks[i];
            Acknowledge(chunk, ref acked, ref highest, ref roundTrip, now);
            chunk.Message.OutstandingChunks--;
            chunk.Message.Stream.OutstandingChunks--;
            if (chunk.Message.OutstandingChunks == 0 && chunk.Message.Assigned == chunk.Message.Payload.Length)
                queue.Release(chunk.Message);
        }

        _chunks.RemoveRange(0, count);
        _first += count;
        return count > 0;
    }

    private void Acknowledge(OutstandingChunk chunk, ref int acked, ref Tsn highest, ref TimeSpan? roundTrip, Instant now)
    {
        if (chunk.Status is ChunkStatus.GapAcked or ChunkStatus.Abandoned)
            return;
        if (chunk.Status == ChunkStatus.InFlight)
            FlightSize -= chunk.Size;
        else
            LostChunks--;
        if (chunk == _timed)
        {
            roundTrip = chunk.Transmissions == 1 ? now - chunk.SentAt : null;
            _timed = null;
        }

        chunk.Status = ChunkStatus.GapAcked;
        acked += chunk.Size;
        if (chunk.Tsn.IsAfter(highest))
            highest = chunk.Tsn;
    }

    /// <summary>The peer took back a gap acknowledgement (§6.2.1): it is in flight again, and T3-rtx takes care.</summary>
    private void Renege(OutstandingChunk chunk)
    {
        if (chunk.Status != ChunkStatus.GapAcked)
            return;
        chunk.Status = ChunkStatus.InFlight;
        FlightSize += chunk.Size;
    }

    private bool CountMisses(Tsn limit, Instant now)
    {
        var fastRetransmit = false;
        for (var i = 0; i < _chunks.Count; i++)
        {
            var chunk = _chunks[i];
            if (!limit.IsAfter(chunk.Tsn))
                break;
            if (chunk.Status != ChunkStatus.InFlight || ++chunk.MissIndications < MissLimit || chunk.WasFastRetransmitted)
                continue;
            chunk.WasFastRetransmitted = true;
            MarkLost(chunk);
            if (IsHopeless(chunk.Message, chunk.Transmissions, now))
                Abandon(chunk.Message);
            fastRetransmit = true;
        }

        return fastRetransmit;
    }

    private void MarkLost(OutstandingChunk chunk)
    {
        chunk.Status = ChunkStatus.Lost;
        chunk.MissIndications = 0;
        FlightSize -= chunk.Size;
        LostChunks++;
        if (chunk == _timed)
            _timed = null;
    }

    private bool IsHopeless(OutgoingMessage message, int transmissions, Instant now) =>
        AllowsAbandoning && !message.IsAbandoned && (message.Expiry <= now || transmissions > message.MaxRetransmits);

    private void Abandon(OutgoingMessage message)
    {
        message.IsAbandoned = true;
        counters.MessagesAbandoned++;
        if (message.Assigned < message.Payload.Length)
        {
            // The peer may already have acknowledged all that was sent. A last TSN that is never sent lets FORWARD-TSN skip the message.
            Append(message, message.Payload.Length - message.Assigned).Status = ChunkStatus.Abandoned;
            queue.FinishCurrent();
        }

        foreach (var chunk in _chunks)
        {
            if (chunk.Message != message || chunk.Status == ChunkStatus.Abandoned)
                continue;
            if (chunk.Status == ChunkStatus.InFlight)
                FlightSize -= chunk.Size;
            else if (chunk.Status == ChunkStatus.Lost)
                LostChunks--;
            chunk.Status = ChunkStatus.Abandoned;
            if (chunk == _timed)
                _timed = null;
        }
    }

    private void AdvanceAckPoint()
    {
        if (CumulativeAck.IsAfter(AdvancedAckPoint))
            AdvancedAckPoint = CumulativeAck;
        for (var next = (int)_first.DistanceTo(AdvancedAckPoint.Next); next < _chunks.Count && _chunks[next].Status == ChunkStatus.Abandoned; next++)
            AdvancedAckPoint = _chunks[next].Tsn;
    }
}
