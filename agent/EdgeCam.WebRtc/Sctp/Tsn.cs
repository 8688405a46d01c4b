namespace EdgeCam.WebRtc.Sctp;

/// <summary>A transmission sequence number with serial arithmetic modulo 2^32 (RFC 9260 §1.6).</summary>
internal readonly record struct Tsn(uint Value)
{
    public Tsn Next => new(Value + 1);

    public Tsn Previous => new(Value - 1);

    public static Tsn operator +(Tsn tsn, int count) => new(tsn.Value + (uint)count);

    public bool IsAfter(Tsn other) => (int)(Value - other.Value) > 0;

    /// <summary>How many TSNs <paramref name="newer"/> is ahead of this one.</summary>
    public uint DistanceTo(Tsn newer) => newer.Value - Value;
}
