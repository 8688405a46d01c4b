using System.Globalization;
using EdgeCam.Sims.Common;

namespace EdgeCam.Sims.Fleet;

/// <summary>What a fleet is to be.</summary>
/// <param name="Password">With <c>{device}</c> for a device's id, as <paramref name="Username"/>; null: none.</param>
/// <param name="CaFile">Certificates (PEM) to trust; null: the system's.</param>
/// <param name="StartRate">Devices that are switched on in a second.</param>
/// <param name="Failing">The part of the devices whose updates fail, 0 to 1.</param>
/// <param name="Duration">Null: until it is told to stop.</param>
internal sealed record FleetOptions(
    string Host, int Port, bool IsSecure, int Devices, string NamePrefix, string Prefix, string? Username, string? Password, string? CaFile, TimeSpan Telemetry, TimeSpan KeepAlive, int Cameras,
    string DeviceClass, int Seed, double StartRate, double Failing, TimeSpan? Duration, TimeSpan Report)
{
    public const int MaxDevices = 50_000;

    public static readonly string[] Names =
    [
        "broker", "ca", "username", "password-file", "devices", "name-prefix", "prefix", "cameras", "device-class", "telemetry", "keep-alive", "start-rate", "failing", "seed", "duration", "report",
    ];

    public string Broker => string.Create(CultureInfo.InvariantCulture, $"{(IsSecure ? "mqtts" : "mqtt")}://{Host}:{Port}");

    /// <exception cref="FormatException">A mistake, in the words to show.</exception>
    /// <exception cref="IOException">The password's file cannot be read.</exception>
    public static FleetOptions Read(Options given)
    {
        var broker = given.Required("broker");
        if (!Uri.TryCreate(broker, UriKind.Absolute, out var address) || address.Scheme is not ("mqtt" or "mqtts") || address.Host.Length == 0 || address.PathAndQuery is not ("/" or ""))
            throw new FormatException($"'{broker}' is not a value for '--broker': mqtt://HOST[:PORT] or mqtts://HOST[:PORT]");
        var isSecure = address.Scheme == "mqtts";
        if (!isSecure && given.Has("ca"))
            throw new FormatException("'--ca' is for a broker with mqtts://");
        var username = given.Text("username");
        if (username is null && given.Has("password-file"))
            throw new FormatException("'--password-file' needs '--username'");
        var name = given.Text("name-prefix") ?? "sim";
        if (name.Length > 40 || name.Length == 0 || !char.IsAsciiLetterOrDigit(name[0]) || !name.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
            throw new FormatException($"'{name}' is not a value for '--name-prefix': at most 40 of a-z, 0-9 and '-', a letter or digit first");
        var prefix = given.Text("prefix") ?? "edgecam/v1";
        if (prefix.Split('/') is not { Length: <= 3 } levels || !levels.All(static level => level.Length > 0 && level.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-')))
            throw new FormatException($"'{prefix}' is not a value for '--prefix': 1 to 3 levels of A-Z, a-z, 0-9, '_' and '-'");
        return new(
            address.Host.Trim('[', ']'), address.Port > 0 ? address.Port : isSecure ? 8883 : 1883, isSecure, given.Integer("devices", 100, 1, MaxDevices), name, prefix,
            username, given.Text("password-file") is { } file ? File.ReadAllText(file).Trim() : null, given.Text("ca"),
            TimeSpan.FromSeconds(given.Number("telemetry", 30, 1, 3600)), TimeSpan.FromSeconds(given.Integer("keep-alive", 30, 5, 1200)), given.Integer("cameras", 1, 0, 16),
            given.Text("device-class") ?? "linux-arm64", given.Integer("seed", 1, 0, int.MaxValue), given.Number("start-rate", 200, 0.1, 100_000), given.Number("failing", 0.05, 0, 1),
            given.Has("duration") ? TimeSpan.FromSeconds(given.Number("duration", 0, 1, 31_536_000)) : null, TimeSpan.FromSeconds(given.Number("report", 10, 0.2, 3600)));
    }

    public string IdOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{NamePrefix}-{number:D5}");
}
