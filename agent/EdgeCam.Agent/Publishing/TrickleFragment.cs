namespace EdgeCam.Agent.Publishing;

/// <summary>Candidates of ours that were not in the offer, as a trickle ICE fragment (RFC 8840 §9, RFC 9725 §4.3.2).</summary>
/// <remarks>
/// Other credentials than the present ones would ask the server for a restart (RFC 9725 §4.3.3). So candidates of another generation, which were on their way
/// while ICE was restarted, are left out: the restart's own fragment has told them.
/// </remarks>
internal static class TrickleFragment
{
    private const string UsernameFragment = "a=ice-ufrag:";

    private static readonly string[] s_kept = [UsernameFragment, "a=ice-pwd:", "m=", "a=mid:"];

    /// <param name="description">The offer, or the fragment of the last restart: whose credentials and section they belong to.</param>
    /// <param name="candidates">As <c>candidate:…</c>; an empty one stands for end-of-candidates.</param>
    /// <returns>Empty where there is nothing to tell.</returns>
    public static string Write(string description, IEnumerable<string> candidates)
    {
        var lines = description.Split("\r\n");
        var head = s_kept.Select(kept => Array.Find(lines, line => line.StartsWith(kept, StringComparison.Ordinal))).OfType<string>().ToList();
        var ours = head.Find(static line => line.StartsWith(UsernameFragment, StringComparison.Ordinal))?[UsernameFragment.Length..];
        var told = candidates.Where(candidate => IsOf(ours, candidate)).Select(static candidate => candidate.Length == 0 ? "a=end-of-candidates" : $"a={candidate}").ToList();
        return told.Count == 0 ? "" : string.Concat(head.Concat(told).Select(static line => $"{line}\r\n"));
    }

    private static bool IsOf(string? generation, string candidate) =>
        !candidate.Contains(" ufrag ", StringComparison.Ordinal) || candidate.EndsWith($" ufrag {generation}", StringComparison.Ordinal);
}
