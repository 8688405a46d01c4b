namespace EdgeCam.Agent.Settings;

/// <summary>The keys that a file may have.</summary>
/// <param name="manual">Where the operator finds them all; it ends the remedy of an unknown key.</param>
internal sealed class KeyTable(IReadOnlyList<ConfigurationKey> keys, string manual)
{
    private readonly Dictionary<string, ConfigurationKey> _byPath = keys.ToDictionary(key => key.Path, StringComparer.Ordinal);

    public string Manual { get; } = manual;

    public ConfigurationKey? Find(string path) => _byPath.GetValueOrDefault(path);

    /// <summary>The keys directly in a section; the file itself is the empty path.</summary>
    public IEnumerable<ConfigurationKey> Within(string section)
    {
        var start = section.Length == 0 ? "" : section + ".";
        return keys.Where(key => key.Path.StartsWith(start, StringComparison.Ordinal) && !key.Path.AsSpan(start.Length).Contains('.'));
    }

    /// <summary>
    /// The key that was probably meant: one with few different letters beside it, or one of the same name elsewhere.
    /// </summary>
    public string? Nearest(string section, string name)
    {
        var near = Within(section)
            .Select(key => (key.Path, Distance: Distance(name, Name(key.Path))))
            .Where(candidate => candidate.Distance <= Math.Max(2, name.Length / 3))
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Path)
            .FirstOrDefault();
        return near ?? keys.FirstOrDefault(key => Name(key.Path).Equals(name, StringComparison.OrdinalIgnoreCase))?.Path;
    }

    private static string Name(string path) => path[(path.LastIndexOf('.') + 1)..];

    /// <summary>Letters to insert, delete or replace (Levenshtein), capitals aside.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replace = diagonal + (char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replace, Math.Min(row[j - 1], diagonal) + 1);
            }
        }

        return row[right.Length];
    }
}
