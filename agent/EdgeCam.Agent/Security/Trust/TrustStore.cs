using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Security.Trust;

/// <summary>
/// Whom this device believes, and as whom it is spoken to: its own key and those of the configured issuers, its id and its groups, and what was
/// revoked of all that. Used from any thread; files are read by <see cref="Look"/> alone.
/// </summary>
internal sealed class TrustStore
{
    /// <summary>What the name of a group has before it in <c>aud</c>.</summary>
    public const string GroupPrefix = "group:";

    public const int MaxIssuers = 16;

    private readonly Dictionary<string, TrustedIssuer> _issuers;
    private readonly string[] _audiences;
    private readonly ILogger _log;

    /// <param name="signing">The device's own key; it is the issuer of the device's own name.</param>
    /// <param name="options">Null: nobody but the device itself.</param>
    public TrustStore(string device, DeviceKey signing, TimeProvider time, SecurityOptions? options = null, IReadOnlyList<string>? groups = null, Revocations? revocations = null, ILogger? log = null)
    {
        options ??= new();
        (Device, Skew, _log) = (device, TimeSpan.FromSeconds(options.ClockSkewSeconds), log ?? NullLogger.Instance);
        Revocations = revocations ?? new(time);
        _audiences = [device, .. (groups ?? []).Select(static group => GroupPrefix + group)];
        TrustedIssuer own = new(device, AccessScope.All, new TrustedKey(signing.Thumbprint, signing.Jwk));
        _issuers = options.Issuers.Select(static issuer => new TrustedIssuer(issuer)).Where(issuer => issuer.Name != device).Append(own)
            .ToDictionary(static issuer => issuer.Name, StringComparer.Ordinal);
        Look();
    }

    public string Device { get; }

    /// <summary>How far the clocks of issuers and device may differ.</summary>
    public TimeSpan Skew { get; }

    public Revocations Revocations { get; }

    public TrustedIssuer? Find(string? name) => name is null ? null : _issuers.GetValueOrDefault(name);

    /// <summary>Whether <c>aud</c>, one or a list (RFC 7519 §4.1.3), names this device or a group that it is in.</summary>
    public bool IsAudience(JsonElement claims) => claims.TryGetProperty("aud", out var audience) && audience.ValueKind switch
    {
        JsonValueKind.String => IsAudience(audience.GetString()!),
        JsonValueKind.Array => audience.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && IsAudience(one.GetString()!)),
        _ => false,
    };

    /// <summary>Whether a token that was taken would be taken still, its time aside.</summary>
    public AccessRefusal Standing(TokenOrigin token, string? holder)
    {
        if (Find(token.Issuer) is not { } issuer)
            return AccessRefusal.WrongIssuer;
        return issuer.Keys.Any(key => key.Thumbprint == token.Key) ? Revocations.Find(token, holder) : AccessRefusal.KeyWithdrawn;
    }

    /// <summary>Reads the files that have changed. To be called by one thread, each second or so.</summary>
    public void Look()
    {
        foreach (var issuer in _issuers.Values)
            issuer.Look(_log);
        Revocations.Look();
    }

    private bool IsAudience(string audience) => _audiences.Contains(audience, StringComparer.Ordinal);
}
