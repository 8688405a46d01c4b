using System.Buffers;

namespace EdgeCam.Agent.Http;

/// <summary>A trickle ICE fragment (RFC 8840 §9): with BUNDLE, the candidates of all its sections are one list.</summary>
/// <param name="Candidates">As <c>candidate:…</c>; an empty one at the end stands for end-of-candidates.</param>
internal sealed record SdpFragment(IReadOnlyList<string> Candidates, string? UsernameFragment, string? Password = null)
{
    private const int MaxCandidates = 64;
    private const int MaxLine = 1024;
    private const int MaxCredential = 256; // RFC 8839 §5.4

    private static readonly SearchValues<char> s_iceChars = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    /// <summary>Both credentials are there, and are what RFC 8839 §5.4 says.</summary>
    public bool HasCredentials => IsCredential(UsernameFragment, 4) && IsCredential(Password, 22);

    public static bool TryParse(string text, out SdpFragment fragment)
    {
        List<string> candidates = [];
        string? usernameFragment = null, password = null;
        var isEnd = false;
        fragment = new([], null);
        foreach (var line in text.Split('\n').Select(line => line.TrimEnd('\r')))
        {
            if (line.Length > MaxLine)
                return false;
            if (line.StartsWith("a=candidate:", StringComparison.OrdinalIgnoreCase))
                candidates.Add(line[2..]);
            else if (line.StartsWith("a=ice-ufrag:", StringComparison.OrdinalIgnoreCase))
                usernameFragment ??= line["a=ice-ufrag:".Length..].Trim();
            else if (line.StartsWith("a=ice-pwd:", StringComparison.OrdinalIgnoreCase))
                password ??= line["a=ice-pwd:".Length..].Trim();
            else if (line.Trim().Equals("a=end-of-candidates", StringComparison.OrdinalIgnoreCase))
                isEnd = true;
            else if (line.Length > 0 && (line.Length < 2 || line[1] != '='))
                return false;
        }

        if (candidates.Count > MaxCandidates)
            return false;
        if (isEnd)
            candidates.Add("");
        fragment = new(candidates, usernameFragment, password);
        return true;
    }

    private static bool IsCredential(string? text, int minimum) =>
        text is not null && text.Length >= minimum && text.Length <= MaxCredential && !text.AsSpan().ContainsAnyExcept(s_iceChars);
}
