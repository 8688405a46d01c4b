using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCam.Agent.Fleet;

/// <summary>
/// How an operator reaches his fleet, so that commands are short: <c>~/.config/edgecam/fleet.json</c>, or what <c>--profile</c> names. JSON with
/// comments; the command line counts before it. Files in it are relative to its folder.
/// </summary>
/// <param name="Broker">As <c>mqtt.broker</c> of a device.</param>
/// <param name="Prefix">What all topics begin with; null: <c>edgecam/v1</c>.</param>
/// <param name="User">At the broker.</param>
/// <param name="Client">The operator's name in topics, where that is not his user name; then his client id, too.</param>
/// <param name="TokenFile">The token, and the key that it is bound to.</param>
internal sealed record FleetProfile(
    string? Broker = null, string? Prefix = null, string? User = null, string? PasswordFile = null, string? CaFile = null, string? CertificateFile = null, string? KeyFile = null,
    string? Alpn = null, string? Client = null, string? TokenFile = null)
{
    private static string UsualPath => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } folder ? folder : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config"),
        "edgecam", "fleet.json");

    /// <summary>What the command line says, and the profile where it says nothing.</summary>
    /// <exception cref="FleetException">The profile is not what it should be.</exception>
    public static FleetProfile Of(FleetArguments arguments)
    {
        var named = arguments.Text("--profile");
        var path = named ?? UsualPath;
        var file = named is null && !File.Exists(path) ? new FleetProfile() : Read(path);
        return new(
            arguments.Text("--broker") ?? file.Broker, arguments.Text("--prefix") ?? file.Prefix, arguments.Text("--user") ?? file.User,
            arguments.Text("--password-file") ?? file.PasswordFile, arguments.Text("--ca") ?? file.CaFile, arguments.Text("--cert") ?? file.CertificateFile,
            arguments.Text("--key") ?? file.KeyFile, arguments.Text("--alpn") ?? file.Alpn, arguments.Text("--client") ?? file.Client, arguments.Text("--token-file") ?? file.TokenFile);
    }

    internal static FleetProfile Read(string path)
    {
        FleetProfile? profile;
        try
        {
            profile = JsonSerializer.Deserialize(OwnFile.Read(path, "The profile"), FleetProfileJson.Default.FleetProfile);
        }
        catch (JsonException mistake)
        {
            throw FleetException.File($"The profile: {path} is not understood ({mistake.Message.Split(" Path:")[0]}). It has broker, prefix, user, passwordFile, caFile, certificateFile, keyFile, alpn, client and tokenFile.");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return profile is null ? new() : profile with
        {
            PasswordFile = In(folder, profile.PasswordFile),
            CaFile = In(folder, profile.CaFile),
            CertificateFile = In(folder, profile.CertificateFile),
            KeyFile = In(folder, profile.KeyFile),
            TokenFile = In(folder, profile.TokenFile),
        };
    }

    private static string? In(string folder, string? file) => file is null ? null : Path.Combine(folder, file);
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, AllowTrailingCommas = true, ReadCommentHandling = JsonCommentHandling.Skip, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(FleetProfile))]
internal sealed partial class FleetProfileJson : JsonSerializerContext;
