using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Fleet;

/// <summary>A command line taken apart: words, options with a value (<c>--name value</c>), and flags.</summary>
internal sealed class FleetArguments
{
    /// <summary>What every command that goes to the broker takes.</summary>
    private static readonly string[] s_connection =
        ["--broker", "--user", "--password-file", "--ca", "--cert", "--key", "--alpn", "--prefix", "--client", "--token-file", "--profile", "--timeout", "--wait"];

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _flags = new(StringComparer.Ordinal);

    private FleetArguments(IReadOnlyList<string> words) => Words = words;

    /// <summary>Neither options nor their values, in their order.</summary>
    public IReadOnlyList<string> Words { get; }

    public bool IsJson => Flag("--json");

    /// <summary>Of a command that goes to the broker.</summary>
    public static FleetArguments ForBroker(IEnumerable<string> arguments, string[] options, params string[] flags) =>
        Parse(arguments, [.. s_connection, .. options], ["--json", .. flags]);

    /// <exception cref="FleetException">An option is unknown, lacks its value, or stands there twice.</exception>
    public static FleetArguments Parse(IEnumerable<string> arguments, string[] options, string[] flags)
    {
        List<string> words = [];
        var parsed = new FleetArguments(words);
        using var each = arguments.GetEnumerator();
        while (each.MoveNext())
        {
            var name = each.Current;
            if (!name.StartsWith("--", StringComparison.Ordinal))
                words.Add(name);
            else if (flags.Contains(name, StringComparer.Ordinal))
                parsed._flags.Add(name);
            else if (!options.Contains(name, StringComparer.Ordinal))
                throw FleetException.Usage($"{name} is not understood here");
            else if (!each.MoveNext())
                throw FleetException.Usage($"{name} needs a value");
            else if (!parsed._values.TryAdd(name, each.Current))
                throw FleetException.Usage($"{name} stands there twice");
        }

        return parsed;
    }

    public bool Flag(string name) => _flags.Contains(name);

    public string? Text(string name) => _values.GetValueOrDefault(name);

    /// <exception cref="FleetException">It is not there.</exception>
    public string Needed(string name, string why) => Text(name) ?? throw FleetException.Usage($"{name} is missing: {why}");

    /// <summary><c>30s</c>, <c>5m</c>, <c>8h</c>, <c>7d</c>.</summary>
    public TimeSpan Duration(string name, TimeSpan usual) => Text(name) is not { } text
        ? usual
        : TokenCommand.Duration(text) ?? throw FleetException.Usage($"{name} takes a time such as 30s, 5m, 8h or 7d, at most {TokenVerifier.MaxLifetime.Days}d");

    public int Number(string name, int usual, int minimum, int maximum) => Text(name) is not { } text
        ? usual
        : int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum
            ? number
            : throw FleetException.Usage($"{name} takes a number from {minimum} to {maximum}");

    /// <summary>The same options with the first words alone.</summary>
    public FleetArguments FirstWords(int count) => With([.. Words.Take(count)]);

    /// <summary>The same options with other words.</summary>
    public FleetArguments With(IReadOnlyList<string> words)
    {
        var other = new FleetArguments(words);
        foreach (var (name, value) in _values)
            other._values.Add(name, value);
        other._flags.UnionWith(_flags);
        return other;
    }
}
