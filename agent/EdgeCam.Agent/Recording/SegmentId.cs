using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeCam.Agent.Recording;

/// <summary>
/// What a segment is asked for by, and its file's name: <c>cam0-00000042-20300501T120000Z</c>. The number counts all segments of the device, so
/// that which is older does not hang on a clock; the time ends with U where the clock was not set. Nothing else leads to a file.
/// </summary>
internal sealed partial record SegmentId(string Camera, long Number, DateTimeOffset Start, bool IsClockSet)
{
    public const int MaxLength = 64;

    private const long MaxNumber = 99_999_999;
    private const string Format = "yyyyMMdd'T'HHmmss";

    public static SegmentId? TryParse(string text)
    {
        if (text.Length > MaxLength || Pattern().Match(text) is not { Success: true } match
            || !DateTimeOffset.TryParseExact(match.Groups[3].ValueSpan, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var start))
            return null;
        return new(match.Groups[1].Value, long.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture), start, match.Groups[4].ValueSpan is "Z");
    }

    /// <summary>A camera may be called so.</summary>
    public static bool IsCamera(string text) => text.Length is > 0 and <= 32 && text.All(static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');

    /// <summary>The number after this one; after the last there is none.</summary>
    public static long? After(long number) => number < MaxNumber ? number + 1 : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Camera}-{Number:D8}-{Start.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture)}{(IsClockSet ? 'Z' : 'U')}");

    [GeneratedRegex("^([a-z0-9-]{1,32})-([0-9]{8})-([0-9]{8}T[0-9]{6})([ZU])\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
