using System.Globalization;

namespace EdgeCam.Benchmarks;

/// <summary><c>--name value</c> and <c>--name</c>.</summary>
internal sealed class Arguments(IReadOnlyList<string> arguments)
{
    private readonly HashSet<string> _known = [];

    public string? Text(string name)
    {
        _known.Add(name);
        var index = arguments.ToList().IndexOf($"--{name}");
        return index < 0 ? null : index + 1 < arguments.Count ? arguments[index + 1] : throw new ArgumentException($"--{name} needs a value");
    }

    public bool Has(string name)
    {
        _known.Add(name);
        return arguments.Contains($"--{name}");
    }

    public double Number(string name, double otherwise) => Text(name) is { } text ? Parse(name, text, NumberStyles.AllowDecimalPoint) : otherwise;

    public int Count(string name, int otherwise) => Text(name) is { } text ? (int)Parse(name, text, NumberStyles.None) : otherwise;

    /// <summary>Several, with commas between them.</summary>
    public int[] Counts(string name, string otherwise) => [.. (Text(name) ?? otherwise).Split(',').Select(text => (int)Parse(name, text, NumberStyles.None))];

    /// <exception cref="ArgumentException">There is one that nobody asked for.</exception>
    public void MustBeKnown()
    {
        if (arguments.FirstOrDefault(argument => argument.StartsWith("--", StringComparison.Ordinal) && !_known.Contains(argument[2..])) is { } unknown)
            throw new ArgumentException($"unknown argument {unknown}");
    }

    private static double Parse(string name, string text, NumberStyles styles) =>
        double.TryParse(text, styles, CultureInfo.InvariantCulture, out var value) ? value : throw new ArgumentException($"--{name} takes numbers of at least 0, not '{text}'");
}
