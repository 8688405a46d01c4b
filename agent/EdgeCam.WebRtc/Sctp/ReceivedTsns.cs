namespace EdgeCam.WebRtc.Sctp;

/// <summary>Which TSNs have arrived: the cumulative TSN and, above it, runs with gaps between them (RFC 9260 §6.2).</summary>
internal sealed class ReceivedTsns(Tsn cumulative)
{
    private const int MaxAhead = 8192; // a TSN further above the cumulative one is not accepted
    private const int MaxRuns = 1024;
    private const int MaxDuplicates = 32;

    private readonly List<(Tsn First, Tsn Last)> _runs = []; // ascending; never touching each other or the cumulative TSN
    private readonly List<Tsn> _duplicates = new(MaxDuplicates);

    /// <summary>All TSNs up to this one have arrived or were skipped by FORWARD-TSN.</summary>
    public Tsn Cumulative { get; private set; } = cumulative;

    public Tsn Highest => _runs.Count == 0 ? Cumulative : _runs[^1].Last;

    public bool HasGaps => _runs.Count != 0;

    public bool Contains(Tsn tsn)
    {
        if (!tsn.IsAfter(Cumulative))
            return true;
        var at = FindRun(tsn);
        return at < _runs.Count && !_runs[at].First.IsAfter(tsn);
    }

    /// <summary>False where the peer is so far ahead, or leaves so many gaps, that we will not keep track.</summary>
    public bool CanAdd(Tsn tsn) => tsn == Cumulative.Next || (Cumulative.DistanceTo(tsn) <= MaxAhead && _runs.Count < MaxRuns);

    /// <summary>Adds a TSN that <see cref="Contains"/> and <see cref="CanAdd"/> let pass.</summary>
    public void Add(Tsn tsn)
    {
        var at = FindRun(tsn); // the first run that ends at or after it
        var joinsNext = at < _runs.Count && _runs[at].First == tsn.Next;
        var joinsPrevious = at > 0 && _runs[at - 1].Last == tsn.Previous;
        if (joinsNext && joinsPrevious)
        {
            _runs[at - 1] = (_runs[at - 1].First, _runs[at].Last);
            _runs.RemoveAt(at);
        }
        else if (joinsNext)
        {
            _runs[at] = (tsn, _runs[at].Last);
        }
        else if (joinsPrevious)
        {
            _runs[at - 1] = (_runs[at - 1].First, tsn);
        }
        else
        {
            _runs.Insert(at, (tsn, tsn));
        }

        Advance(Cumulative);
    }

    /// <summary>Takes everything up to this TSN as arrived (RFC 3758 §3.6). A TSN behind changes nothing.</summary>
    public void Advance(Tsn cumulative)
    {
        if (cumulative.IsAfter(Cumulative))
            Cumulative = cumulative;
        var gone = 0;
        while (gone < _runs.Count && !_runs[gone].First.IsAfter(Cumulative.Next))
        {
            if (_runs[gone].Last.IsAfter(Cumulative))
                Cumulative = _runs[gone].Last;
            gone++;
        }

        _runs.RemoveRange(0, gone);
    }

    /// <summary>Remembers a duplicate for the next SACK; above a bound they are only counted by the caller.</summary>
    public void AddDuplicate(Tsn tsn)
    {
        if (_duplicates.Count < MaxDuplicates)
            _duplicates.Add(tsn);
    }

    /// <summary>Writes a SACK (RFC 9260 §3.3.4) with as many gap ack blocks and duplicates as fit, and forgets the duplicates.</summary>
    public void WriteSack(ref SctpPacketWriter writer, int receiverWindow)
    {
        var room = (writer.Room - SackChunkView.FixedSize) / 4;
        var blocks = Math.Min(_runs.Count, room);
        var duplicates = Math.Min(_duplicates.Count, room - blocks);
        var value = writer.Add(ChunkType.Sack, 0, SackChunkView.FixedSize + (4 * (blocks + duplicates)));
        SackChunkView.WriteFixed(value, Cumulative, (uint)receiverWindow, blocks, duplicates);
        for (var i = 0; i < blocks; i++)
            SackChunkView.WriteBlock(value, i, (ushort)Cumulative.DistanceTo(_runs[i].First), (ushort)Cumulative.DistanceTo(_runs[i].Last));
        for (var i = 0; i < duplicates; i++)
            SackChunkView.WriteDuplicate(value, blocks + i, _duplicates[i]);
        _duplicates.Clear();
    }

    /// <summary>Index of the first run whose last TSN is not before this one.</summary>
    private int FindRun(Tsn tsn)
    {
        int low = 0, high = _runs.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (tsn.IsAfter(_runs[middle].Last))
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
