using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>A driver as it is configured: <c>scheme:path?name=value&amp;name=value</c>.</summary>
internal sealed class DriverAddress
{
    private readonly Dictionary<string, string> _settings = new(StringComparer.Ordinal);

    private DriverAddress(string scheme, string path) => (Scheme, Path) = (scheme, path);

    public string Scheme { get; }

    /// <summary>May be empty.</summary>
    public string Path { get; }

    public IReadOnlyCollection<string> Settings => _settings.Keys;

    public static bool TryParse(string text, [NotNullWhen(true)] out DriverAddress? address)
    {
        address = null;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0)
            return false;
        var question = text.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? text[(colon + 1)..] : question < colon ? "" : text[(colon + 1)..question];
        var parsed = new DriverAddress(text[..colon], path);
        foreach (var setting in question < 0 ? [] : text[(question + 1)..].Split('&'))
        {
            if (setting.Split('=') is not [{ Length: > 0 } name, { Length: > 0 } value] || !parsed._settings.TryAdd(name, value))
                return false;
        }

        address = parsed;
        return true;
    }

    public string? Text(string name) => _settings.GetValueOrDefault(name);

    /// <summary>A whole number, in decimal or as 0x40; null where the text is none, and where it is not between the two.</summary>
    public int? Number(string name, int absent, int minimum, int maximum)
    {
        if (Text(name) is not { } text)
            return absent;
        var isNumber = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? int.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        return isNumber && number >= minimum && number <= maximum ? number : null;
    }
}
