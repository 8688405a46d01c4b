using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>What an agent says that it dropped, added up from its log.</summary>
internal sealed partial class DropLog
{
    private readonly ConcurrentDictionary<string, long> _counts = new();

    /// <param name="reason">Stage and reason, as <c>Signaling: Malformed</c>.</param>
    public long this[string reason] => _counts.GetValueOrDefault(reason);

    public void Read(string line)
    {
        if (Dropped().Match(line) is { Success: true } match)
            _counts.AddOrUpdate(match.Groups[2].Value, Count(match), (_, before) => before + Count(match));
    }

    public override string ToString() => string.Join(", ", _counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Key} {count.Value}"));

    private static long Count(Match match) => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+) dropped at (\w+: \w+)")]
    private static partial Regex Dropped();
}
