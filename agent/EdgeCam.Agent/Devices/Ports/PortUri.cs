using System.Globalization;

namespace EdgeCam.Agent.Devices.Ports;

/// <summary>Names a port: <c>scheme:path?key=value&amp;key=value</c>.</summary>
internal sealed class PortUri
{
    private readonly Dictionary<string, string> _parameters;

    private PortUri(string text, string scheme, string path, Dictionary<string, string> parameters) =>
        (Text, Scheme, Path, _parameters) = (text, scheme, path, parameters);

    public string Text { get; }

    public string Scheme { get; }

    /// <summary>Of a device, or of a socket where <see cref="IsSocket"/>.</summary>
    public string Path { get; }

    /// <summary>The thing is simulated, behind a unix socket.</summary>
    public bool IsSocket { get; private init; }

    /// <exception cref="PortException">It is none.</exception>
    public static PortUri Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0)
            throw Bad(text, "it has no scheme");
        var question = text.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? text[(colon + 1)..] : text[(colon + 1)..Math.Max(question, colon + 1)];
        var isSocket = path.StartsWith("unix:", StringComparison.Ordinal);
        path = isSocket ? path["unix:".Length..] : path;
        if (!path.StartsWith('/'))
            throw Bad(text, "its path does not begin with '/'");
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in question < 0 ? [] : text[(question + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !parameters.TryAdd(pair[..equals], pair[(equals + 1)..]))
                throw Bad(text, $"'{pair}' is no key=value, or comes twice");
        }

        return new(text, text[..colon], path, parameters) { IsSocket = isSocket };
    }

    /// <exception cref="PortException">There is another one.</exception>
    public void CheckKeys(params ReadOnlySpan<string> known)
    {
        foreach (var key in _parameters.Keys)
        {
            if (!known.Contains(key))
                throw Bad(Text, $"'{key}' means nothing here; {(known.Length == 0 ? "nothing may follow the path" : "known are " + string.Join(", ", known!))}");
        }
    }

    /// <summary>Decimal, or hexadecimal with 0x.</summary>
    /// <exception cref="PortException">It is missing and there is no default, is no number or out of range.</exception>
    public int Number(string key, int minimum, int maximum, int? otherwise = null)
    {
        if (!_parameters.TryGetValue(key, out var text))
            return otherwise ?? throw Bad(Text, $"'{key}' is missing");
        var isHexadecimal = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var isNumber = isHexadecimal
            ? int.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        return isNumber && value >= minimum && value <= maximum ? value : throw Bad(Text, $"'{key}={text}' is no number from {minimum} to {maximum}");
    }

    /// <exception cref="PortException">It is none of them.</exception>
    public string Choice(string key, params ReadOnlySpan<string> choices)
    {
        if (!_parameters.TryGetValue(key, out var text))
            return choices[0];
        return choices.Contains(text) ? text : throw Bad(Text, $"'{key}={text}' is none of {string.Join(", ", choices!)}");
    }

    public override string ToString() => Text;

    private static PortException Bad(string text, string problem) =>
        new(new($"'{text}' names no port: {problem}", "Write it as in deploy/edgecam.json."));
}
