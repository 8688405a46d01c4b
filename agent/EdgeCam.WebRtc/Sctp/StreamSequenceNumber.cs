namespace EdgeCam.WebRtc.Sctp;

/// <summary>The SSN of an ordered message, with serial arithmetic modulo 2^16 (RFC 9260 §1.6).</summary>
internal readonly record struct StreamSequenceNumber(ushort Value)
{
    public StreamSequenceNumber Next => new((ushort)(Value + 1));

    public bool IsAfter(StreamSequenceNumber other) => (short)(Value - other.Value) > 0;

    /// <summary>How many numbers <paramref name="newer"/> is ahead of this one.</summary>
    public ushort DistanceTo(StreamSequenceNumber newer) => (ushort)(newer.Value - Value);
}
