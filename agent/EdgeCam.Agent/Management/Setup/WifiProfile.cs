using System.Globalization;
using System.Text;

namespace EdgeCam.Agent.Management.Setup;

/// <summary>
/// The Wi-Fi that the device joins, as NetworkManager's key files have it (nm-settings-keyfile(5)) and as the kernel's radio rules do.
/// </summary>
internal static class WifiProfile
{
    public const string Path = "etc/NetworkManager/system-connections/edgecam-wifi.nmconnection";
    public const string CountryPath = "etc/modprobe.d/edgecam-wifi.conf";

    /// <summary>Always the same, so that a second run changes the connection and makes no other.</summary>
    private const string Uuid = "6f1c1de4-0a53-4a3e-9a57-5b0c9b2f3c11";

    /// <param name="password">8 to 63 printable ASCII characters, or 64 hexadecimal digits; null: an open network.</param>
    public static string Write(string ssid, string? password, bool isHidden)
    {
        var text = new StringBuilder();
        // 0 retries for ever: nobody stands beside it to press a button. Power saving (2: off) costs each packet up to a beacon's interval.
        text.Append(CultureInfo.InvariantCulture, $"[connection]\nid=edgecam-wifi\nuuid={Uuid}\ntype=wifi\nautoconnect-retries=0\n\n")
            .Append(CultureInfo.InvariantCulture, $"[wifi]\nmode=infrastructure\nssid={Bytes(ssid)}\npowersave=2\n");
        if (isHidden)
            text.Append("hidden=true\n");
        if (password is not null)
            text.Append(CultureInfo.InvariantCulture, $"\n[wifi-security]\nkey-mgmt=wpa-psk\npsk={Escape(password)}\n");
        return text.Append("\n[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=auto\n").ToString();
    }

    /// <summary>Which channels and powers the country allows, from the next start of the kernel's cfg80211 on.</summary>
    public static string WriteCountry(string country) => $"options cfg80211 ieee80211_regdom={country}\n";

    /// <summary>Plain where nothing can be mistaken; elsewhere the list of its bytes, which needs no escapes.</summary>
    private static string Bytes(string ssid)
    {
        var isPlain = ssid.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.') && ssid.Any(char.IsAsciiLetter);
        return isPlain ? ssid : string.Concat(Encoding.UTF8.GetBytes(ssid).Select(static value => string.Create(CultureInfo.InvariantCulture, $"{value};")));
    }

    /// <summary>Key files take <c>\</c> for an escape, and no spaces at a value's ends (GKeyFile).</summary>
    private static string Escape(string value)
    {
        var escaped = value.Replace("\\", @"\\", StringComparison.Ordinal);
        var inner = escaped.Trim(' ');
        return inner.Length == 0
            ? string.Concat(Enumerable.Repeat(@"\s", escaped.Length))
            : string.Concat(Enumerable.Repeat(@"\s", escaped.Length - escaped.TrimStart(' ').Length)) + inner
                + string.Concat(Enumerable.Repeat(@"\s", escaped.Length - escaped.TrimEnd(' ').Length));
    }
}
