namespace EdgeCam.WebRtc.Primitives;

/// <summary>A 16-bit RTP sequence number with serial arithmetic (RFC 3550 §5.1, RFC 1982).</summary>
public readonly record struct SequenceNumber(ushort Value)
{
    public SequenceNumber Next => new((ushort)(Value + 1));

    /// <summary>Serial comparison: 0 is after 65535 (RFC 1982).</summary>
    public bool IsAfter(SequenceNumber other) => (short)(Value - other.Value) > 0;

    /// <summary>How far this number is behind <paramref name="newer"/>, 0 to 65535.</summary>
    public ushort DistanceTo(SequenceNumber newer) => (ushort)(newer.Value - Value);
}
