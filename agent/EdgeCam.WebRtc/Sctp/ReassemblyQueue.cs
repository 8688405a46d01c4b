namespace EdgeCam.WebRtc.Sctp;

/// <summary>
/// Makes messages of DATA chunks and delivers them: ordered ones by stream sequence number, unordered ones as they are whole
/// (RFC 9260 §6.5, §6.6, §6.9). Bound: everything in here counts in <see cref="HeldBytes"/>, which its owner keeps under the window.
/// </summary>
internal sealed class ReassemblyQueue(int maxMessageSize, Action<InboundMessage> deliver, SctpCounters counters)
{
    /// <summary>What each chunk costs us besides its payload; charged so that floods of tiny chunks fill the window too.</summary>
    public const int Overhead = 128;

    private readonly Dictionary<ushort, InboundStream> _streams = [];
    private readonly Dictionary<Tsn, FragmentRun> _runsByFirst = [];
    private readonly Dictionary<Tsn, FragmentRun> _runsByLast = [];

    public int HeldBytes { get; private set; }

    /// <summary>Takes a chunk that is not a duplicate.</summary>
    /// <returns>False where its message is longer than we accept; it is not delivered.</returns>
    public bool Add(DataChunkView chunk)
    {
        if (chunk.IsBeginning && chunk.IsEnding)
        {
            if (chunk.Payload.Length > maxMessageSize)
                return false;
            var held = chunk.Payload.Length + Overhead;
            HeldBytes += held;
            Complete(new(chunk.Stream, chunk.Ppid, chunk.Payload.ToArray(), held), chunk.IsUnordered, chunk.Ssn);
            return true;
        }

        var run = new FragmentRun(chunk);
        HeldBytes += run.Bytes + Overhead;
        if (_runsByLast.TryGetValue(run.First.Previous, out var before) && before.CanAppend(run))
        {
            _runsByLast.Remove(before.Last);
            before.Append(run);
            run = before;
        }

        if (_runsByFirst.TryGetValue(run.Last.Next, out var after) && run.CanAppend(after))
        {
            Remove(after);
            run.Append(after);
        }

        if (!run.IsComplete)
        {
            _runsByFirst[run.First] = run;
            _runsByLast[run.Last] = run;
            return run.Bytes <= maxMessageSize;
        }

        if (run.Bytes > maxMessageSize)
            return false;
        _runsByFirst.Remove(run.First);
        Complete(new(run.Stream, run.Ppid, run.Join(), Held(run)), run.IsUnordered, run.Ssn);
        return true;
    }

    /// <summary>The taker of a delivered message is done with it.</summary>
    public void Release(int held) => HeldBytes -= held;

    /// <summary>Gives up what the peer has given up: fragments up to the new cumulative TSN (RFC 3758 §3.6).</summary>
    public void SkipFragments(Tsn cumulative)
    {
        List<FragmentRun>? skipped = null;
        foreach (var run in _runsByFirst.Values)
        {
            if (!run.First.IsAfter(cumulative))
                (skipped ??= []).Add(run);
        }

        foreach (var run in skipped ?? [])
        {
            Remove(run);
            HeldBytes -= Held(run);
        }
    }

    /// <summary>Moves an ordered stream past a skipped message; whole messages that waited below it are still delivered.</summary>
    public void SkipMessages(ushort stream, StreamSequenceNumber skipped)
    {
        var inbound = StreamOf(stream);
        if (inbound.Next.IsAfter(skipped))
            return;
        DeliverUpTo(inbound, skipped);
        inbound.Next = skipped.Next;
        DeliverWaiting(inbound);
    }

    /// <summary>The peer begins a stream anew at SSN 0 (RFC 6525 §5.2.2); no streams given means all.</summary>
    public void Reset(ReadOnlySpan<ushort> streams)
    {
        if (streams.IsEmpty)
        {
            foreach (var inbound in _streams.Values)
                Clear(inbound);
            _streams.Clear();
            return;
        }

        foreach (var stream in streams)
        {
            if (_streams.Remove(stream, out var inbound))
                Clear(inbound);
        }
    }

    private void Complete(InboundMessage message, bool isUnordered, StreamSequenceNumber ssn)
    {
        if (isUnordered)
        {
            deliver(message);
            return;
        }

        var inbound = StreamOf(message.Stream);
        if (ssn == inbound.Next)
        {
            inbound.Next = ssn.Next;
            deliver(message);
            DeliverWaiting(inbound);
        }
        else if (inbound.Next.IsAfter(ssn) || !inbound.Waiting.TryAdd(ssn, message))
        {
            counters.MessagesDropped++;
            HeldBytes -= message.Held;
        }
    }

    private void DeliverWaiting(InboundStream inbound)
    {
        while (inbound.Waiting.Remove(inbound.Next, out var message))
        {
            inbound.Next = inbound.Next.Next;
            deliver(message);
        }
    }

    /// <summary>Goes through the numbers or through what waits, whichever is less: a FORWARD-TSN may name a stream hundreds of times.</summary>
    private void DeliverUpTo(InboundStream inbound, StreamSequenceNumber skipped)
    {
        if (inbound.Waiting.Count == 0)
            return;
        if (inbound.Next.DistanceTo(skipped) <= inbound.Waiting.Count)
        {
            for (var ssn = inbound.Next; !ssn.IsAfter(skipped); ssn = ssn.Next)
            {
                if (inbound.Waiting.Remove(ssn, out var message))
                    deliver(message);
            }

            return;
        }

        List<StreamSequenceNumber> early = [.. inbound.Waiting.Keys.Where(ssn => !ssn.IsAfter(skipped))];
        early.Sort((a, b) => inbound.Next.DistanceTo(a).CompareTo(inbound.Next.DistanceTo(b)));
        foreach (var ssn in early)
        {
            inbound.Waiting.Remove(ssn, out var message);
            deliver(message);
        }
    }

    private void Clear(InboundStream inbound)
    {
        foreach (var message in inbound.Waiting.Values)
            HeldBytes -= message.Held;
    }

    private InboundStream StreamOf(ushort stream)
    {
        if (!_streams.TryGetValue(stream, out var inbound))
            _streams[stream] = inbound = new();
        return inbound;
    }

    private void Remove(FragmentRun run)
    {
        _runsByFirst.Remove(run.First);
        _runsByLast.Remove(run.Last);
    }

    private static int Held(FragmentRun run) => run.Bytes + (run.Chunks * Overhead);
}
