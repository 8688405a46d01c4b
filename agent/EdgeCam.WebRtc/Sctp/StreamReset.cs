using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>
/// Stream reset (RFC 6525): our outgoing SSN reset requests, one under way at a time, and the answers to the peer's. Requests to reset
/// TSNs or to add streams are denied: data channels need neither (RFC 8831 §6.2 asks for stream reset only).
/// </summary>
/// <param name="sequence">The first sequence number of our requests: our initial TSN (§5.1.1).</param>
/// <param name="expected">The first of the peer's.</param>
internal sealed class StreamReset(Tsn sequence, Tsn expected, bool isSupported, ushort inboundStreams, DataSender sender, DataReceiver receiver,
    RetransmissionTimeout timeout, SctpCounters counters, Action<SctpEvent> emit)
{
    private const int MaxStreams = 256; // of one request: it must fit a packet
    private const int OutgoingFixed = 12;

    private readonly List<ushort> _wanted = [];
    private readonly Queue<(Tsn Sequence, ReconfigurationResult Result)> _responses = new(2);
    private ushort[]? _requested;
    private bool _isRequestDue;
    private bool _renumber;
    private Tsn _request = sequence;
    private Tsn _expected = expected;
    private ReconfigurationResult _lastResult;
    private ushort[]? _deferred;
    private Tsn _deferredUntil;

    /// <summary>When the request goes out again.</summary>
    public Instant Timer { get; private set; } = Instant.Never;

    /// <summary>The number of the peer's last request.</summary>
    public Tsn LastPeerRequest => _expected.Previous;

    /// <summary>Resets an outgoing stream as soon as all that was sent on it has arrived.</summary>
    /// <returns>False where the peer does not know RE-CONFIG.</returns>
    public bool Request(ushort stream)
    {
        if (isSupported && !_wanted.Contains(stream))
            _wanted.Add(stream); // bounded by the number of streams
        return isSupported;
    }

    public bool IsUnderWay(ushort stream) => _wanted.Contains(stream) || _requested?.Contains(stream) == true;

    /// <returns>True where an attempt has failed.</returns>
    public bool HandleTimeout(Instant now)
    {
        if (Timer > now)
            return false;
        Timer = Instant.Never;
        _isRequestDue = true;
        if (!_renumber)
        {
            timeout.BackOff();
            return true;
        }

        // The peer said "in progress". Some then expect the same number again, some a new one; a new one is right for both, since a
        // stream that is reset twice before it is used again is as fresh as one that is reset once.
        _renumber = false;
        _request = _request.Next;
        return false;
    }

    /// <summary>A RE-CONFIG chunk's parameters (§5.2).</summary>
    public void Handle(ReadOnlySpan<byte> value, Instant now)
    {
        var parameters = new ParameterEnumerator(value);
        while (parameters.MoveNext())
        {
            var body = parameters.Value;
            switch (parameters.Type)
            {
                case ParameterType.OutgoingSsnResetRequest when body.Length >= OutgoingFixed:
                    HandleOutgoingRequest(body);
                    break;
                case ParameterType.IncomingSsnResetRequest when body.Length >= 4:
                    HandleIncomingRequest(body);
                    break;
                case ParameterType.SsnTsnResetRequest or ParameterType.AddOutgoingStreamsRequest or ParameterType.AddIncomingStreamsRequest
                    when body.Length >= 4:
                    Answer(SequenceOf(body), static _ => ReconfigurationResult.Denied, this);
                    break;
                case ParameterType.ReconfigurationResponse when body.Length >= 8:
                    HandleResponse(SequenceOf(body), (ReconfigurationResult)BinaryPrimitives.ReadUInt32BigEndian(body[4..]), now);
                    break;
                default:
                    counters.BadChunks++;
                    return;
            }
        }

        if (parameters.IsMalformed)
            counters.BadChunks++;
    }

    /// <summary>The cumulative TSN has moved: a reset that waited for it may be due (§5.2.2, E2).</summary>
    public void OnReceived()
    {
        if (_deferred is null || _deferredUntil.IsAfter(receiver.Cumulative))
            return;
        Perform(_deferred);
        _deferred = null;
        _lastResult = ReconfigurationResult.Performed;
        Respond(_expected.Previous, _lastResult);
    }

    /// <summary>Writes one RE-CONFIG chunk (§3.1), a response before a request of our own.</summary>
    public void Write(ref SctpPacketWriter writer, Instant now)
    {
        if (_responses.TryPeek(out var response))
        {
            const int length = ParameterEnumerator.HeaderSize + 8;
            if (writer.Room < length)
                return;
            _responses.Dequeue();
            Span<byte> body = stackalloc byte[8];
            BinaryPrimitives.WriteUInt32BigEndian(body, response.Sequence.Value);
            BinaryPrimitives.WriteUInt32BigEndian(body[4..], (uint)response.Result);
            SctpPacketWriter.WriteParameter(writer.Add(ChunkType.ReConfig, 0, length), ParameterType.ReconfigurationResponse, body);
            return;
        }

        if (_requested is null && !TryBeginRequest())
            return;
        if (_isRequestDue)
            WriteRequest(ref writer, _requested!, now);
    }

    private bool TryBeginRequest()
    {
        if (_wanted.Count == 0)
            return false;
        ushort[] ready = [.. _wanted.Where(sender.Queue.IsIdle).Take(MaxStreams)];
        if (ready.Length == 0)
            return false;
        _wanted.RemoveAll(ready.Contains);
        foreach (var stream in ready)
            sender.Queue.Pause(stream);
        _requested = ready;
        _isRequestDue = true;
        return true;
    }

    private void WriteRequest(ref SctpPacketWriter writer, ushort[] streams, Instant now)
    {
        // The chunk's length leaves the list's padding out: a chunk ends with its last parameter (RFC 9260 §3.2).
        var bodyLength = OutgoingFixed + (2 * streams.Length);
        if (writer.Room < ParameterEnumerator.HeaderSize + bodyLength)
            return;
        var value = writer.Add(ChunkType.ReConfig, 0, ParameterEnumerator.HeaderSize + bodyLength);
        BinaryPrimitives.WriteUInt16BigEndian(value, (ushort)ParameterType.OutgoingSsnResetRequest);
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(ParameterEnumerator.HeaderSize + bodyLength));
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], _request.Value);
        BinaryPrimitives.WriteUInt32BigEndian(value[8..], _expected.Previous.Value); // of a request of the peer that this may answer
        BinaryPrimitives.WriteUInt32BigEndian(value[12..], sender.LastAssigned.Value);
        for (var i = 0; i < streams.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(value[(16 + (2 * i))..], streams[i]);
        _isRequestDue = false;
        Timer = now + timeout.Current;
    }

    private void HandleResponse(Tsn sequence, ReconfigurationResult result, Instant now)
    {
        if (_requested is null || sequence != _request)
            return; // late
        if (result is ReconfigurationResult.InProgress or ReconfigurationResult.RequestInProgress)
        {
            _renumber = result == ReconfigurationResult.InProgress;
            Timer = now + timeout.Current;
            return;
        }

        var performed = result is ReconfigurationResult.Performed or ReconfigurationResult.NothingToDo;
        foreach (var stream in _requested)
            sender.Queue.Resume(stream, performed);
        var streams = _requested;
        _requested = null;
        _isRequestDue = false;
        _renumber = false;
        _request = _request.Next;
        Timer = Instant.Never;
        emit(new SctpEvent.OutgoingStreamsReset(streams, performed));
    }

    private void HandleOutgoingRequest(ReadOnlySpan<byte> body)
    {
        var streams = Streams(body[OutgoingFixed..]);
        var last = new Tsn(BinaryPrimitives.ReadUInt32BigEndian(body[8..]));
        Answer(SequenceOf(body), static request => request.Reset.Judge(request.Streams, request.Last), (Reset: this, Streams: streams, Last: last));
    }

    private void HandleIncomingRequest(ReadOnlySpan<byte> body) =>
        Answer(SequenceOf(body), static request =>
        {
            request.Emit(new SctpEvent.ResetRequested(request.Streams));
            return ReconfigurationResult.Performed;
        }, (Emit: emit, Streams: Streams(body[4..])));

    private ReconfigurationResult Judge(ushort[] streams, Tsn last)
    {
        if (streams.Any(stream => stream >= inboundStreams))
            return ReconfigurationResult.WrongSsn;
        if (last.IsAfter(receiver.Cumulative))
        {
            _deferred = streams;
            _deferredUntil = last;
            return ReconfigurationResult.InProgress;
        }

        Perform(streams);
        return ReconfigurationResult.Performed;
    }

    /// <summary>A new request is judged; one that comes again gets the answer that holds now (§5.2.1).</summary>
    private void Answer<T>(Tsn request, Func<T, ReconfigurationResult> judge, T argument)
    {
        if (request == _expected.Previous)
        {
            Respond(request, _lastResult);
        }
        else if (request == _expected)
        {
            _expected = _expected.Next;
            _deferred = null; // a new number for the same streams, or for more of them
            _lastResult = judge(argument);
            Respond(request, _lastResult);
        }
        else
        {
            Respond(request, ReconfigurationResult.BadSequenceNumber);
        }
    }

    private void Perform(ushort[] streams)
    {
        receiver.ResetStreams(streams);
        emit(new SctpEvent.IncomingStreamsReset(streams));
    }

    private void Respond(Tsn request, ReconfigurationResult result)
    {
        if (_responses.Count < 2) // the peer repeats what stays unanswered
            _responses.Enqueue((request, result));
    }

    private static Tsn SequenceOf(ReadOnlySpan<byte> body) => new(BinaryPrimitives.ReadUInt32BigEndian(body));

    private static ushort[] Streams(ReadOnlySpan<byte> list)
    {
        var streams = new ushort[list.Length / 2];
        for (var i = 0; i < streams.Length; i++)
            streams[i] = BinaryPrimitives.ReadUInt16BigEndian(list[(2 * i)..]);
        return streams;
    }
}
