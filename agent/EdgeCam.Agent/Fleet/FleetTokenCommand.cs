using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Trust;

namespace EdgeCam.Agent.Fleet;

/// <summary><c>edgecam fleet token</c>: makes a token by an issuer's key, for devices and groups that trust it.</summary>
internal static partial class FleetTokenCommand
{
    private const int MaxName = 64;
    private const int MaxIssuer = 256;
    private const int MaxAudiences = 32;

    private static readonly TimeSpan s_usual = TimeSpan.FromHours(8);

    public static async Task<int> RunAsync(FleetArguments arguments, FleetConsole console, TimeProvider time)
    {
        if (arguments.Words.Count > 0)
            throw FleetException.Usage($"{PlainText.Of(arguments.Words[0], 80)} is not understood here");
        var issuer = arguments.Needed("--issuer", "its name, as devices have it in security.issuers");
        if (issuer.Length is 0 or > MaxIssuer)
            throw FleetException.Usage($"--issuer takes 1 to {MaxIssuer} characters");
        string[] audience = [.. arguments.Needed("--audience", "devices, and groups as group:NAME").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        if (audience.Length is 0 or > MaxAudiences || !audience.All(IsAudience))
            throw FleetException.Usage($"--audience takes up to {MaxAudiences} devices' ids, and groups as group:NAME, separated by commas");
        var scopes = arguments.Text("--scope") is { } words
            ? TokenCommand.TryScopes(words) ?? throw FleetException.Usage("--scope takes view, ptz, gpio, record and manage, separated by commas")
            : AccessScope.View | AccessScope.Manage;
        if (arguments.Text("--name") is { } name && (name.Length is 0 or > MaxName || name.Any(char.IsControl)))
            throw FleetException.Usage($"--name takes 1 to {MaxName} characters");
        var (file, page) = (arguments.Text("--out"), arguments.Text("--page"));
        if ((file is null) == (page is null))
            throw FleetException.Usage("where it is to go: --out FILE for an operator, or --page URL with --device and --identity for a link");
        if (!DeviceClock.IsSet(time))
            throw FleetException.File($"The clock of this machine is not set ({time.GetUtcNow():yyyy-MM-dd}), and a token says until when it is good.");

        var path = arguments.Needed("--key", "the issuer's private key, as edgecam fleet key made it");
        using var key = DeviceKey.TryRead(OwnFile.Read(path, "--key")) ?? throw FleetException.File($"--key: {path} is no private key on the curve P-256 (PEM).");
        var minted = new TokenIssuer(issuer, key, time).Mint(new(scopes, arguments.Duration("--ttl", s_usual), arguments.Text("--name"), !arguments.Flag("--bearer"), audience));
        var link = page is null ? null : Link(arguments, page, minted);
        if (file is not null)
            OwnFile.Create(file, minted.Key is null ? $"{minted.Token}\n" : $"{minted.Token}\n{minted.Key}\n", "--out");
        console.Say(string.Create(CultureInfo.InvariantCulture,
            $"Whoever has it may {string.Join(", ", AccessScopes.Words(scopes))} at {string.Join(", ", audience)} until {minted.Expires:yyyy-MM-dd HH:mm:ss} UTC, where {issuer} is trusted. To be revoked as {minted.Id}."));
        if (console.IsJson)
            await console.WriteAsync(new JsonObject { ["jti"] = minted.Id, ["expires"] = minted.Expires.ToUnixTimeSeconds(), ["file"] = file, ["link"] = link });
        else if (link is not null)
            await console.WriteAsync(link);
        return ExitCode.Success;
    }

    private static string Link(FleetArguments arguments, string page, MintedToken minted)
    {
        var device = arguments.Needed("--device", "a link is to one device's viewer");
        var identity = arguments.Needed("--identity", "the device's, by which the viewer knows it: it stands in the links that its own edgecam token prints");
        return Uri.TryCreate(page, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Fragment.Length == 0
            ? TokenLink.Create(page, device, arguments.Text("--camera"), minted, identity)
            : throw FleetException.Usage("--page takes the address of the viewer's page, such as https://porch.example/");
    }

    private static bool IsAudience(string word) =>
        NamePattern().IsMatch(word.StartsWith(TrustStore.GroupPrefix, StringComparison.Ordinal) ? word[TrustStore.GroupPrefix.Length..] : word);

    [GeneratedRegex(@"^[a-z0-9][a-z0-9-]{0,62}\z")]
    private static partial Regex NamePattern();
}
