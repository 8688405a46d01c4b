using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace EdgeCam.Agent.Devices;

/// <summary>A device as it is configured: <c>scheme:path?name=value&amp;name=value</c>.</summary>
internal sealed class DeviceUri
{
    private readonly Dictionary<string, string> _settings = new(StringComparer.Ordinal);

    private DeviceUri(string text, string scheme, string path) => (Text, Scheme, Path) = (text, scheme, path);

    public string Text { get; }

    public string Scheme { get; }

    /// <summary>May be empty, or begin with <c>unix:</c> where the device is simulated, behind a socket.</summary>
    public string Path { get; }

    public IReadOnlyCollection<string> Settings => _settings.Keys;

    /// <param name="problem">What is wrong with the text; empty where nothing is.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out DeviceUri? uri, out string problem)
    {
        (uri, problem) = (null, "");
        var question = text.IndexOf('?', StringComparison.Ordinal);
        var address = question < 0 ? text : text[..question];
        var colon = address.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0)
        {
            problem = "it has no scheme";
            return false;
        }

        var parsed = new DeviceUri(text, address[..colon], address[(colon + 1)..]);
        foreach (var setting in question < 0 ? [] : text[(question + 1)..].Split('&'))
        {
            if (setting.Split('=') is [{ Length: > 0 } name, { Length: > 0 } value] && parsed._settings.TryAdd(name, value))
                continue;
            problem = $"'{setting}' is no key=value, or comes twice";
            return false;
        }

        uri = parsed;
        return true;
    }

    public string? Value(string name) => _settings.GetValueOrDefault(name);

    /// <summary>A whole number, in decimal or as 0x40; null where the text is none, and where it is not between the two.</summary>
    /// <param name="absent">Where there is no such setting.</param>
    public int? Number(string name, int minimum, int maximum, int? absent = null)
    {
        if (Value(name) is not { } text)
            return absent;
        var isNumber = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? int.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        return isNumber && number >= minimum && number <= maximum ? number : null;
    }

    public override string ToString() => Text;
}
