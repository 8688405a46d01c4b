using System.Globalization;

namespace EdgeCam.Sims.Common;

/// <summary>The command line of a verb: <c>--name value</c> or <c>--name=value</c>, a few switches, and nothing else.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> _values = [];

    private Options()
    {
    }

    public bool Help => Has("help");

    /// <exception cref="FormatException">A mistake, in the words to show.</exception>
    public static Options Parse(ReadOnlySpan<string> words, string[] valued, string[] switches)
    {
        var options = new Options();
        for (var i = 0; i < words.Length; i++)
        {
            var word = words[i];
            if (word is "-h" or "--help")
            {
                options._values["help"] = "";
                continue;
            }

            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var name = word.StartsWith("--", StringComparison.Ordinal) ? word[2..(equals < 0 ? word.Length : equals)] : "";
            if (switches.Contains(name) && equals < 0)
                options._values[name] = "";
            else if (!valued.Contains(name))
                throw new FormatException($"unknown option '{word}'");
            else if (equals >= 0)
                options._values[name] = word[(equals + 1)..];
            else if (++i < words.Length)
                options._values[name] = words[i];
            else
                throw new FormatException($"option '--{name}' needs a value");
        }

        return options;
    }

    public bool Has(string name) => _values.ContainsKey(name);

    public string? Text(string name) => _values.GetValueOrDefault(name);

    public string Required(string name) => Text(name) ?? throw new FormatException($"option '--{name}' is required");

    public double Number(string name, double otherwise, double least = double.MinValue, double most = double.MaxValue)
    {
        if (!_values.TryGetValue(name, out var text))
            return otherwise;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !(number >= least && number <= most))
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"'{text}' is not a value for '--{name}'"));
        return number;
    }

    /// <summary>A whole number, decimal or with <c>0x</c>.</summary>
    public int Integer(string name, int otherwise, int least, int most)
    {
        if (!_values.TryGetValue(name, out var text))
            return otherwise;
        var hexadecimal = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var style = hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.AllowLeadingSign;
        if (!int.TryParse(hexadecimal ? text[2..] : text, style, CultureInfo.InvariantCulture, out var number) || number < least || number > most)
            throw new FormatException($"'{text}' is not a value for '--{name}': {least} to {most}");
        return number;
    }

    /// <summary>Two numbers with a colon between, the first the smaller.</summary>
    public (double From, double To) Range(string name, double from, double to)
    {
        if (!_values.TryGetValue(name, out var text))
            return (from, to);
        var words = text.Split(':');
        if (words.Length == 2
            && double.TryParse(words[0], NumberStyles.Float, CultureInfo.InvariantCulture, out from)
            && double.TryParse(words[1], NumberStyles.Float, CultureInfo.InvariantCulture, out to)
            && from < to)
            return (from, to);
        throw new FormatException($"'{text}' is not a range for '--{name}': FROM:TO");
    }
}
