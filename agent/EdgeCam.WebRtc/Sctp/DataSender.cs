using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>
/// The sending half of an association: cuts messages into chunks as cwnd and the peer's window allow, and runs T3-rtx
/// (RFC 9260 §6.1, §6.3). What becomes of the chunks is <see cref="RetransmissionQueue"/>'s.
/// </summary>
internal sealed class DataSender
{
    private const int MinFragment = 400; // a packet with less room left is sent as it is, before a message is cut into crumbs

    private readonly SctpCounters _counters;
    private readonly RetransmissionTimeout _timeout;
    private readonly RetransmissionQueue _chunks;
    private uint _peerWindow;
    private bool _fastRetransmitDue;
    private bool _forwardTsnDue;
    private Tsn _fullAt; // the last TSN that was assigned when cwnd stopped us: SACKs come in bursts, so the flight size would not tell
    private Instant _lastData = Instant.Never;

    public DataSender(Tsn initialTsn, RetransmissionTimeout timeout, int mtu, SctpCounters counters)
    {
        _counters = counters;
        _timeout = timeout;
        Congestion = new(mtu);
        Queue = new(counters);
        _chunks = new(initialTsn, Queue, counters);
        _fullAt = initialTsn.Previous;
    }

    public SendQueue Queue { get; }

    public CongestionControl Congestion { get; }

    /// <summary>The last TSN that was assigned.</summary>
    public Tsn LastAssigned => _chunks.Next.Previous;

    /// <summary>T3-rtx.</summary>
    public Instant RetransmissionTimer { get; private set; } = Instant.Never;

    /// <summary>Bytes in flight.</summary>
    public int FlightSize => _chunks.FlightSize;

    /// <summary>Everything was sent and acknowledged or given up.</summary>
    public bool IsDone => _chunks.IsEmpty && Queue.HeldBytes == 0;

    public void Start(PeerParameters peer)
    {
        _peerWindow = peer.ReceiverWindow;
        _chunks.AllowsAbandoning = peer.ForwardTsn; // a peer that cannot skip gets everything reliably (RFC 3758 §3.3.1)
    }

    /// <returns>True where the peer took something new, or holds its window shut: it is alive.</returns>
    public bool HandleSack(SackChunkView sack, Instant now)
    {
        if (_chunks.CumulativeAck.IsAfter(sack.CumulativeTsnAck))
            return false; // overtaken by a newer one (§6.2.1, D.i)
        if (!_chunks.Next.IsAfter(sack.CumulativeTsnAck))
        {
            _counters.BadSacks++;
            return false;
        }

        var result = _chunks.HandleSack(sack, Congestion.IsInFastRecovery, now);
        _peerWindow = sack.ReceiverWindow;
        if (result.RoundTrip is { } roundTrip)
            _timeout.Measure(roundTrip);
        if (result.CumulativeAdvanced)
            Congestion.OnCumulativeAdvance(_chunks.CumulativeAck, result.AckedBytes, !_chunks.CumulativeAck.IsAfter(_fullAt), _chunks.IsEmpty);
        if (result.FastRetransmit)
        {
            _counters.FastRetransmits++;
            Congestion.OnFastRetransmit(LastAssigned);
            _fastRetransmitDue = true;
        }

        AfterAck(result.CumulativeAdvanced, now);
        return result.CumulativeAdvanced || result.AckedBytes > 0 || sack.ReceiverWindow == 0;
    }

    /// <summary>A SHUTDOWN's cumulative TSN ack (§9.2).</summary>
    public void HandleCumulativeAck(Tsn cumulative, Instant now)
    {
        if (!cumulative.IsAfter(_chunks.CumulativeAck) || !_chunks.Next.IsAfter(cumulative))
            return;
        _chunks.HandleCumulativeAck(cumulative, now);
        AfterAck(true, now);
    }

    /// <returns>True where T3-rtx expired: an attempt has failed.</returns>
    public bool HandleTimeout(Instant now)
    {
        if (RetransmissionTimer > now)
            return false;
        RetransmissionTimer = Instant.Never;
        _counters.Timeouts++;
        _timeout.BackOff();
        Congestion.OnTimeout();
        _fastRetransmitDue = false;
        _chunks.MarkAllLost(now);
        _forwardTsnDue = _chunks.NeedsForwardTsn;
        return true;
    }

    /// <summary>True where <see cref="Write"/> would write into an empty packet.</summary>
    public bool CanWrite(Instant now)
    {
        if (_forwardTsnDue || (_chunks.LostChunks > 0 && (_fastRetransmitDue || HasWindow(1))))
            return true;
        return _chunks.LostChunks == 0 && Queue.Current(now) is { } message && HasWindow(message.Payload.Length - message.Assigned);
    }

    /// <summary>Fills a packet: what was lost, then what is new (§6.1), then FORWARD-TSN.</summary>
    public void Write(ref SctpPacketWriter writer, Instant now)
    {
        var ackPoint = _chunks.AdvancedAckPoint;
        WriteLost(ref writer, now);
        if (_chunks.LostChunks == 0)
            WriteNew(ref writer, now);
        _forwardTsnDue |= _chunks.AdvancedAckPoint != ackPoint; // something was given up on the way
        if (!_forwardTsnDue || writer.Room < 4 + (4 * 16))
            return;
        if (_chunks.NeedsForwardTsn)
        {
            _chunks.WriteForwardTsn(ref writer);
            StartTimer(now);
        }

        _forwardTsnDue = false;
    }

    private void WriteLost(ref SctpPacketWriter writer, Instant now)
    {
        var ignoreWindow = _fastRetransmitDue; // one packet whatever cwnd says (§7.2.4, 3)
        var from = 0;
        while (_chunks.NextLost(ref from, now) is { } chunk)
        {
            if (writer.Room < DataChunkView.FixedSize + chunk.Length || !(ignoreWindow || HasWindow(chunk.Length)))
                break;
            _fastRetransmitDue = false;
            if (_chunks.IsEarliest(chunk))
                RetransmissionTimer = Instant.Never; // restarted below (§7.2.4, 4)
            _chunks.Resend(chunk, now);
            WriteChunk(ref writer, chunk, now);
        }

        _fastRetransmitDue &= _chunks.LostChunks > 0;
    }

    private void WriteNew(ref SctpPacketWriter writer, Instant now)
    {
        while (Queue.Current(now) is { } message)
        {
            if (message.Assigned > 0 && _chunks.TryAbandonExpired(message, now))
                continue;
            var left = message.Payload.Length - message.Assigned;
            var length = Math.Min(left, writer.Room - DataChunkView.FixedSize);
            if (length < left && length < MinFragment)
                return;
            if (!HasWindow(length))
                return;
            if (message.Assigned == 0 && !message.IsUnordered)
            {
                message.Ssn = message.Stream.NextSsn;
                message.Stream.NextSsn = message.Ssn.Next;
            }

            if (_chunks.IsEmpty && _lastData != Instant.Never)
                Congestion.OnIdle((long)((now - _lastData) / _timeout.Current));
            var chunk = _chunks.Add(message, length, now);
            if (length == left)
                Queue.FinishCurrent();
            WriteChunk(ref writer, chunk, now);
        }
    }

    private void WriteChunk(ref SctpPacketWriter writer, OutstandingChunk chunk, Instant now)
    {
        var message = chunk.Message;
        var value = writer.Add(ChunkType.Data, chunk.Flags, DataChunkView.FixedSize + chunk.Length);
        DataChunkView.WriteFixed(value, chunk.Tsn, message.Stream.Id, message.Ssn, message.Ppid);
        message.Payload.AsSpan(chunk.Offset, chunk.Length).CopyTo(value[DataChunkView.FixedSize..]);
        _lastData = now;
        StartTimer(now);
    }

    /// <summary>§6.1 A and B. With nothing in flight one chunk always may go: it probes a closed window.</summary>
    private bool HasWindow(int length)
    {
        var flight = _chunks.FlightSize;
        if (flight >= Congestion.Window)
            _fullAt = LastAssigned;
        return flight == 0 || (flight < Congestion.Window && flight + length <= _peerWindow);
    }

    private void AfterAck(bool advanced, Instant now)
    {
        if (_chunks.IsEmpty)
            RetransmissionTimer = Instant.Never; // §6.3.2, R2
        else if (advanced)
            RetransmissionTimer = now + _timeout.Current; // R3
        _forwardTsnDue = _chunks.NeedsForwardTsn;
    }

    private void StartTimer(Instant now)
    {
        if (RetransmissionTimer == Instant.Never)
            RetransmissionTimer = now + _timeout.Current; // R1
    }
}
