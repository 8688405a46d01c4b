using System.Globalization;

namespace EdgeCam.Agent.Management.Update;

/// <summary>
/// A version by SemVer 2.0.0: three numbers, and perhaps what comes before a release. Build metadata is refused, since it orders nothing (§10).
/// Its text is good as a folder's name, too: letters, digits, '.' and '-', beginning with a digit.
/// </summary>
internal sealed class UpdateVersion
{
    private const int MaxLength = 64;
    private const int MaxDigits = 9;

    private readonly int[] _numbers;
    private readonly string[] _before;

    private UpdateVersion(string text, int[] numbers, string[] before) => (Text, _numbers, _before) = (text, numbers, before);

    public string Text { get; }

    /// <summary>Null where it is none.</summary>
    public static UpdateVersion? TryParse(string? text)
    {
        if (text is null || text.Length > MaxLength)
            return null;
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var core = (dash < 0 ? text : text[..dash]).Split('.');
        var before = dash < 0 ? [] : text[(dash + 1)..].Split('.');
        if (core.Length != 3 || !core.All(static number => IsNumber(number)) || !before.All(static part => IsIdentifier(part)))
            return null;
        return new(text, [.. core.Select(static number => int.Parse(number, CultureInfo.InvariantCulture))], before);
    }

    public bool IsOlderThan(UpdateVersion other) => Compare(this, other) < 0;

    public bool IsSameAs(UpdateVersion other) => Compare(this, other) == 0;

    public override string ToString() => Text;

    /// <summary>SemVer §11.</summary>
    private static int Compare(UpdateVersion one, UpdateVersion other)
    {
        for (var i = 0; i < 3; i++)
        {
            if (one._numbers[i] != other._numbers[i])
                return one._numbers[i].CompareTo(other._numbers[i]);
        }

        if (one._before.Length == 0 || other._before.Length == 0)
            return other._before.Length.CompareTo(one._before.Length); // what comes before a release is older than the release
        for (var i = 0; i < Math.Min(one._before.Length, other._before.Length); i++)
        {
            if (Compare(one._before[i], other._before[i]) is not 0 and var difference)
                return difference;
        }

        return one._before.Length.CompareTo(other._before.Length);
    }

    /// <summary>Numbers by their value, and below words.</summary>
    private static int Compare(string one, string other) => (IsNumber(one), IsNumber(other)) switch
    {
        (true, true) => int.Parse(one, CultureInfo.InvariantCulture).CompareTo(int.Parse(other, CultureInfo.InvariantCulture)),
        (true, false) => -1,
        (false, true) => 1,
        _ => string.CompareOrdinal(one, other),
    };

    private static bool IsNumber(string text) => text.Length is > 0 and <= MaxDigits && text.All(char.IsAsciiDigit) && (text.Length == 1 || text[0] != '0');

    /// <summary>A number must not begin with a zero (§9), nor be too large for one.</summary>
    private static bool IsIdentifier(string text) =>
        text.Length > 0 && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '-') && (!text.All(char.IsAsciiDigit) || IsNumber(text));
}
