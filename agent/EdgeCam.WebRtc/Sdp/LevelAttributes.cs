using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sdp;

/// <summary>The attributes that may stand at session level, as a default for all sections, or in a section as its own (RFC 8866 §5.13).</summary>
internal sealed class LevelAttributes
{
    private const int MaxFingerprints = 8;
    private const int MaxExtensions = 64;

    private readonly List<Fingerprint> _fingerprints = [];
    private readonly List<HeaderExtension> _extensions = [];

    public string? UsernameFragment { get; private set; }

    public string? Password { get; private set; }

    /// <summary>Those with a hash function that we accept.</summary>
    public IReadOnlyList<Fingerprint> Fingerprints => _fingerprints;

    public SetupAttribute? Setup { get; private set; }

    public MediaDirection? Direction { get; private set; }

    public IReadOnlyList<HeaderExtension> Extensions => _extensions;

    public bool AllowsMixedExtensions { get; private set; }

    public bool Trickles { get; private set; }

    public bool EndOfCandidates { get; private set; }

    /// <returns>False where the attribute is none of these; a malformed one is taken as absent.</returns>
    public bool TryHandle(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        switch (name)
        {
            case "ice-ufrag":
                UsernameFragment = SdpText.IsIceString(value, 4) ? value.ToString() : null; // RFC 8839 §5.4: 4 to 256
                return true;
            case "ice-pwd":
                Password = SdpText.IsIceString(value, 22) ? value.ToString() : null; // RFC 8839 §5.4: 22 to 256
                return true;
            case "ice-options":
                foreach (var option in value.Split(' '))
                    Trickles |= value[option] is "trickle";
                return true;
            case "fingerprint":
                if (_fingerprints.Count < MaxFingerprints && TryParseFingerprint(value, out var fingerprint))
                    _fingerprints.Add(fingerprint);
                return true;
            case "setup":
                Setup = value switch
                {
                    "actpass" => SetupAttribute.ActPass,
                    "active" => SetupAttribute.Active,
                    "passive" => SetupAttribute.Passive,
                    "holdconn" => SetupAttribute.HoldConn,
                    _ => null,
                };
                return true;
            case "extmap":
                if (_extensions.Count < MaxExtensions && HeaderExtension.TryParse(value) is { } extension && !_extensions.Exists(e => e.Id == extension.Id))
                    _extensions.Add(extension);
                return true;
            case "extmap-allow-mixed":
                AllowsMixedExtensions = true;
                return true;
            case "end-of-candidates":
                EndOfCandidates = true;
                return true;
            default:
                if (!SdpText.TryParseDirection(name, out var direction))
                    return false;
                Direction = direction;
                return true;
        }
    }

    /// <summary>RFC 8122 §5. SHA-1 and MD5 are no proof of identity any more and are left out, as browsers do.</summary>
    private static bool TryParseFingerprint(ReadOnlySpan<char> value, out Fingerprint fingerprint)
    {
        fingerprint = default;
        Span<char> name = stackalloc char[8];
        var function = SdpText.FirstWord(value, out var hex);
        if (function.Length > name.Length || function.ToLowerInvariant(name) < 0)
            return false;

        var bytes = name[..function.Length] switch { "sha-256" => 32, "sha-384" => 48, "sha-512" => 64, _ => 0 };
        if (bytes == 0 || hex.Length != (bytes * 3) - 1)
            return false;
        for (var i = 0; i < hex.Length; i++)
        {
            if (i % 3 == 2 ? hex[i] != ':' : !char.IsAsciiHexDigit(hex[i]))
                return false;
        }

        fingerprint = new(name[..function.Length].ToString(), hex.ToString().ToUpperInvariant());
        return true;
    }
}
