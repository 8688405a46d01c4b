using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeCam.Agent.Management.Setup;
using EdgeCam.Agent.Management.Update;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Settings;

/// <summary>What can be said about a setup file, but for the configuration that comes out of it. No mistake quotes a secret.</summary>
internal static class SetupRules
{
    private const int MaxSsid = 32; // octets, IEEE 802.11 §9.4.2.2
    private const int MaxMqttText = 65_535; // octets, MQTT 5.0 §1.5.4
    private const int RawKey = 64; // hexadecimal digits of a pre-shared key

    /// <param name="root">Of the system that is set up.</param>
    public static void Check(ConfigurationFile file, string root, List<ConfigurationMistake> mistakes)
    {
        if (file.Find("device.id") is [.., '-'])
            mistakes.Add(new("device.id", "ends in '-', which the host's name must not", "Write another; it becomes the host's name too."));
        CheckWifi(file, root, mistakes);
        CheckMqtt(file, mistakes);
        foreach (var name in (string[])["signing", "identity"])
            CheckKey($"keys.{name}", file.Find($"keys.{name}"), mistakes);
        CheckUpdateKeys(file, mistakes);
        CheckSsh(file, root, mistakes);
    }

    /// <summary>The certificates in a text of PEM; none where it is none.</summary>
    public static X509Certificate2Collection Certificates(string pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            certificates.Clear();
        }

        return certificates;
    }

    public static IEnumerable<string> AuthorizedKeys(ConfigurationFile file) => Texts(file, "ssh.authorizedKeys").Select(static key => key.Trim());

    /// <summary>A list's texts.</summary>
    public static IEnumerable<string> Texts(ConfigurationFile file, string list)
    {
        for (var i = 0; file.Find(Indexed(list, i)) is { } text; i++)
            yield return text;
    }

    private static void CheckWifi(ConfigurationFile file, string root, List<ConfigurationMistake> mistakes)
    {
        if (file.Find("wifi.ssid") is { } ssid)
        {
            var length = Encoding.UTF8.GetByteCount(ssid);
            if (length > MaxSsid || ssid.Contains('\0', StringComparison.Ordinal))
                mistakes.Add(new("wifi.ssid", $"has {length} bytes", $"Write the name of the Wi-Fi, 1 to {MaxSsid} bytes in UTF-8."));
            if (!SetupPlan.CanWifi(root))
                mistakes.Add(new("wifi", "cannot be set up: this system has no NetworkManager", "Install it (apt install network-manager), or leave wifi out."));
        }

        if (file.Find("wifi.password") is { } password && !IsPassword(password))
        {
            mistakes.Add(new("wifi.password", $"has {password.Length} characters, or one that a password of WPA cannot have",
                $"Write 8 to 63 printable ASCII characters, or the {RawKey} hexadecimal digits of a pre-shared key; leave it out for an open Wi-Fi."));
        }

        if (file.Find("wifi.country") is { } country && !(country.Length == 2 && country.All(char.IsAsciiLetterUpper)))
            mistakes.Add(new("wifi.country", "is not a country", "Write two capital letters (ISO 3166-1), such as DE, GB or US."));
    }

    private static bool IsPassword(string password) =>
        password.Length is >= 8 and < RawKey ? password.All(static letter => letter is >= ' ' and <= '~') : password.Length == RawKey && password.All(char.IsAsciiHexDigit);

    private static void CheckMqtt(ConfigurationFile file, List<ConfigurationMistake> mistakes)
    {
        if (file.Find("mqtt.password") is { } password)
        {
            if (password.Any(char.IsControl) || Encoding.UTF8.GetByteCount(password) > MaxMqttText)
                mistakes.Add(new("mqtt.password", "has a line break or another character that is none", "Write it on one line."));
            if (file.Find("mqtt.username") is null)
                mistakes.Add(new("mqtt.username", "is missing, yet there is a password", "Name the user whose password it is."));
        }

        if (file.Find("mqtt.ca") is { } ca && Certificates(ca).Count == 0)
            mistakes.Add(new("mqtt.ca", "holds no certificate", "Write PEM as one text, with \\n for its line breaks: \"-----BEGIN CERTIFICATE-----\\nMIIB…\"."));
        CheckCertificate(file.Find("mqtt.certificate"), file.Find("mqtt.key"), mistakes);
    }

    private static void CheckCertificate(string? certificate, string? key, List<ConfigurationMistake> mistakes)
    {
        if ((certificate is null) != (key is null))
            mistakes.Add(new(certificate is null ? "mqtt.certificate" : "mqtt.key", "is missing, yet the other of the two is there", "A broker that asks for a certificate wants both, the certificate and its private key; any other neither."));
        if (certificate is null || key is null)
            return;
        try
        {
            using var both = X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            // Not what the library says: that could quote the key.
            mistakes.Add(new("mqtt.certificate", "and mqtt.key are no certificate with its private key",
                "Write both in PEM as one text each, with \\n for the line breaks: BEGIN CERTIFICATE, the device's own first, and the unencrypted BEGIN PRIVATE KEY that belongs to it."));
        }
    }

    private static void CheckUpdateKeys(ConfigurationFile file, List<ConfigurationMistake> mistakes)
    {
        const string List = "update.keys";
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var pem in Texts(file, List))
        {
            var path = Indexed(List, index++);
            using var key = PemKey.TryRead(pem, isPrivate: false);
            if (pem.Contains("PRIVATE KEY", StringComparison.Ordinal))
                mistakes.Add(new(path, "is a private key, which belongs on no device", "Take it away, and make another, since it was here; write its public part: BEGIN PUBLIC KEY."));
            else if (key is null)
                mistakes.Add(new(path, "is not a public key on the curve P-256", "Write what node deploy/update/manifest.mjs keygen made, its PEM as one text with \\n for the line breaks: BEGIN PUBLIC KEY."));
            else if (!seen.Add(PublicJwk.Of(key).Thumbprint()))
                mistakes.Add(new(path, "is there twice", "Leave one of them."));
        }

        if (index > UpdateKeys.MaxFiles)
            mistakes.Add(new(List, $"has {index} keys", $"Name at most {UpdateKeys.MaxFiles}."));
        if (index == 0 && file.Find(List) is not null)
            mistakes.Add(new(List, "is empty: nothing could be signed for it", "Write a public key, or leave update out."));
    }

    private static void CheckKey(string path, string? pem, List<ConfigurationMistake> mistakes)
    {
        if (pem is null)
            return;
        using var key = DeviceKey.TryRead(pem);
        if (key is null)
        {
            mistakes.Add(new(path, "is not a private key on the curve P-256",
                "Make one with: openssl ecparam -name prime256v1 -genkey -noout; write its PEM as one text, with \\n for its line breaks. Or leave it out: the device makes its own."));
        }
    }

    private static void CheckSsh(ConfigurationFile file, string root, List<ConfigurationMistake> mistakes)
    {
        var index = 0;
        foreach (var key in AuthorizedKeys(file))
        {
            if (!AuthorizedKey.IsValid(key))
                mistakes.Add(new(Indexed("ssh.authorizedKeys", index), "is not a public key", "Write a line as in id_ed25519.pub: ssh-ed25519 AAAA… name."));
            index++;
        }

        if (index == 0 && file.Find("ssh.authorizedKeys") is not null)
            mistakes.Add(new("ssh.authorizedKeys", "is empty: nobody could log in", "Write a public key, or leave ssh out: SSH stays off then."));
        if (index > 0 && !SetupPlan.CanSsh(root))
            mistakes.Add(new("ssh", "cannot be switched on: this system has no SSH server", "Install it (apt install openssh-server), or leave ssh out."));
    }

    private static string Indexed(string list, int index) => string.Create(CultureInfo.InvariantCulture, $"{list}[{index}]");
}
