namespace EdgeCam.WebRtc.Sctp;

/// <summary>Fragments of one message with consecutive TSNs, as many as have arrived: a message never shares a TSN range with another (RFC 9260 §6.9).</summary>
internal sealed class FragmentRun(DataChunkView chunk)
{
    private readonly Fragment _head = new(chunk.Payload.ToArray());
    private Fragment? _tail;

    public Tsn First { get; } = chunk.Tsn;

    public Tsn Last { get; private set; } = chunk.Tsn;

    public ushort Stream { get; } = chunk.Stream;

    public StreamSequenceNumber Ssn { get; } = chunk.Ssn;

    public uint Ppid { get; } = chunk.Ppid;

    public bool IsUnordered { get; } = chunk.IsUnordered;

    public bool HasBeginning { get; } = chunk.IsBeginning;

    public bool HasEnding { get; private set; } = chunk.IsEnding;

    public int Bytes { get; private set; } = chunk.Payload.Length;

    public int Chunks { get; private set; } = 1;

    public bool IsComplete => HasBeginning && HasEnding;

    /// <summary>True where the two runs lie side by side and belong to one message. The PPID may differ (§3.3.1: it is that of the first).</summary>
    public bool CanAppend(FragmentRun next) =>
        !HasEnding && !next.HasBeginning && Last.Next == next.First && Stream == next.Stream && IsUnordered == next.IsUnordered
        && (IsUnordered || Ssn == next.Ssn);

    public void Append(FragmentRun next)
    {
        (_tail ?? _head).Next = next._head;
        _tail = next._tail ?? next._head;
        Last = next.Last;
        HasEnding = next.HasEnding;
        Bytes += next.Bytes;
        Chunks += next.Chunks;
    }

    public byte[] Join()
    {
        var message = new byte[Bytes];
        var at = 0;
        for (var fragment = _head; fragment is not null; fragment = fragment.Next)
        {
            fragment.Payload.CopyTo(message, at);
            at += fragment.Payload.Length;
        }

        return message;
    }
}
