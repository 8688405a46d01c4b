namespace EdgeCam.WebRtc.Primitives;

/// <summary>A certificate's hash as SDP carries it (RFC 8122 §5).</summary>
/// <param name="HashFunction">Lower case: <c>sha-256</c>, <c>sha-384</c>, <c>sha-512</c>. Weaker ones are not accepted.</param>
/// <param name="Value">Upper-case hex pairs with colons between.</param>
public readonly record struct Fingerprint(string HashFunction, string Value)
{
    public override string ToString() => $"{HashFunction} {Value}";
}
