namespace EdgeCam.Agent.Security;

/// <summary>Scopes as words: separated by spaces as in RFC 8693 §4.2, or by commas as people type them.</summary>
internal static class AccessScopes
{
    private static readonly (AccessScope Scope, string Word)[] s_words =
        [(AccessScope.View, "view"), (AccessScope.Ptz, "ptz"), (AccessScope.Gpio, "gpio"), (AccessScope.Record, "record"), (AccessScope.Manage, "manage")];

    /// <summary>The word of one scope.</summary>
    public static string Word(AccessScope scope) => Array.Find(s_words, known => known.Scope == scope).Word ?? "";

    public static IReadOnlyList<string> Words(AccessScope scopes) => [.. s_words.Where(known => scopes.HasFlag(known.Scope)).Select(known => known.Word)];

    public static bool TryParseWord(string word, out AccessScope scope)
    {
        scope = Array.Find(s_words, known => known.Word == word).Scope;
        return scope != AccessScope.None;
    }

    /// <returns>Those that are known; a token of later times may name more.</returns>
    public static AccessScope Parse(string words)
    {
        var scopes = AccessScope.None;
        foreach (var word in words.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            scopes |= TryParseWord(word, out var scope) ? scope : AccessScope.None;
        return scopes;
    }
}
