namespace EdgeCam.Agent.Publishing;

/// <summary>Candidates of ours that were not in the offer, as a trickle ICE fragment (RFC 8840 §9, RFC 9725 §4.3.2).</summary>
internal static class TrickleFragment
{
    private static readonly string[] s_kept = ["a=ice-ufrag:", "a=ice-pwd:", "m=", "a=mid:"];

    /// <param name="offer">Whose credentials and section they belong to.</param>
    /// <param name="candidates">As <c>candidate:…</c>; an empty one stands for end-of-candidates.</param>
    public static string Write(string offer, IEnumerable<string> candidates)
    {
        var lines = offer.Split("\r\n");
        var head = s_kept.Select(kept => Array.Find(lines, line => line.StartsWith(kept, StringComparison.Ordinal))).OfType<string>();
        return string.Concat(head.Concat(candidates.Select(static candidate => candidate.Length == 0 ? "a=end-of-candidates" : $"a={candidate}")).Select(static line => $"{line}\r\n"));
    }
}
