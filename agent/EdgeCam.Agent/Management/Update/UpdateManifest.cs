using System.Text.Json;
using EdgeCam.Agent.Security;
using Microsoft.IdentityModel.Tokens;

namespace EdgeCam.Agent.Management.Update;

/// <summary>
/// What is signed of an update: a compact JWS (RFC 7515, ES256, <c>typ</c> <c>edgecam-update</c>, <c>kid</c> the key's thumbprint) over
/// <c>{"v":1,"product":"edgecam","version","deviceClass","size","sha256","minimumVersion"?,"rollbackIndex","created"?,"notes"?}</c>. Where the
/// archive lies is not in it: mirrors may be anywhere.
/// </summary>
/// <param name="DeviceClass"><c>linux-arm64</c> or <c>linux-x64</c>.</param>
/// <param name="Size">Of the archive in bytes, 1 to <see cref="MaxSize"/>.</param>
/// <param name="Sha256">Of the archive, 64 hexadecimal digits in lower case.</param>
/// <param name="MinimumVersion">What must run for it to be installed; null: any.</param>
/// <param name="RollbackIndex">Goes up with a release that must not be left again; what is below a device's is refused.</param>
internal sealed record UpdateManifest(UpdateVersion Version, string DeviceClass, long Size, string Sha256, UpdateVersion? MinimumVersion, long RollbackIndex)
{
    public const string Type = "edgecam-update";
    public const string Product = "edgecam";
    public const int MaxLength = 8 * 1024; // characters of the JWS
    public const long MaxSize = 256L * 1024 * 1024;

    private const long MaxIndex = 1_000_000_000;
    private const int MaxDepth = 4;
    private const int HashLength = 64;
    private const string Remedy = "Make it with: node deploy/update/manifest.mjs sign";

    /// <summary>The manifest within, or why it is none.</summary>
    public static (UpdateManifest? Manifest, UpdateRefusal? Refusal) Open(string text, UpdateKeys keys)
    {
        if (keys.Missing() is { } missing)
            return (null, missing);
        text = text.Trim();
        if (text.Length > MaxLength || CompactJws.TryRead(text, MaxDepth) is not var (message, payload))
            return Bad($"it is no JWS in compact form of at most {MaxLength} characters");
        if (message.Alg != SecurityAlgorithms.EcdsaSha256 || message.Typ != Type)
            return Bad($"its header must say alg ES256 and typ {Type}");
        if (keys.Find(message.Kid ?? "") is not { } key)
        {
            return (null, new(
                UpdateReasons.UnknownKey, "the manifest is signed by a key that this device has not", $"Sign it with one of: {string.Join(", ", keys.Thumbprints)}; or lay the new key on the device first."));
        }

        if (!CompactJws.IsSigned(message, key))
            return (null, new(UpdateReasons.WrongSignature, "the manifest's signature does not fit: it was changed, or signed by another", Remedy));
        return Read(payload);
    }

    private static (UpdateManifest?, UpdateRefusal?) Read(JsonElement payload)
    {
        if (Number(payload, "v", 1, 1) is null)
            return Bad("v must be 1");
        if (CompactJws.Text(payload, "product") != Product)
            return (null, new(UpdateReasons.WrongProduct, $"it is an update of another product than {Product}", "Send that of this product."));
        if (UpdateVersion.TryParse(CompactJws.Text(payload, "version")) is not { } version)
            return Bad("version must be one such as 1.2.3 or 1.2.3-rc.1");
        if (CompactJws.Text(payload, "deviceClass") is not { Length: > 0 and <= 64 } deviceClass)
            return Bad("deviceClass must be a text such as linux-arm64");
        if (Number(payload, "size", 1, MaxSize) is not { } size)
            return Bad($"size must be 1 to {MaxSize}");
        if (CompactJws.Text(payload, "sha256") is not { Length: HashLength } hash || !hash.All(char.IsAsciiHexDigitLower))
            return Bad("sha256 must have 64 hexadecimal digits in lower case");
        if (Number(payload, "rollbackIndex", 0, MaxIndex) is not { } index)
            return Bad($"rollbackIndex must be 0 to {MaxIndex}");
        var minimum = CompactJws.Text(payload, "minimumVersion");
        if ((minimum is null && payload.TryGetProperty("minimumVersion", out _)) || (minimum is not null && UpdateVersion.TryParse(minimum) is null))
            return Bad("minimumVersion must be a version, or be left out");
        return (new(version, deviceClass, size, hash, UpdateVersion.TryParse(minimum), index), null);
    }

    private static long? Number(JsonElement json, string name, long minimum, long maximum) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= minimum && number <= maximum ? number : null;

    private static (UpdateManifest?, UpdateRefusal?) Bad(string why) => (null, new(UpdateReasons.BadManifest, $"the manifest is not good: {why}", Remedy));
}
