using System.Buffers.Text;
using System.Globalization;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>The presets and the home position of one head. Touched by the device loop alone.</summary>
/// <remarks>Bound: 64 presets; policy: a further one is refused.</remarks>
/// <param name="save">Has the whole after each change; must not wait.</param>
internal sealed class PtzPresets(PresetRecords records, Action<PresetRecords> save)
{
    public const int MaxPresets = 64;
    public const int MaxName = 64;
    public const int MaxThumbnail = 12 * 1024; // bytes of the picture

    private readonly List<PtzPreset> _presets = [.. records.Presets];

    public IReadOnlyList<PtzPreset> All => [.. _presets];

    public PtzVector? Home { get; private set; } = records.Home;

    public PtzPreset? Find(string token) => _presets.Find(preset => preset.Token == token);

    public void SetHome(PtzVector position)
    {
        Home = position;
        Save();
    }

    /// <param name="token">Overwrites that one, whose thumbnail stays where there is no new one; null: a new one.</param>
    /// <param name="scope">Null: as it was, or none.</param>
    public (string? Token, PtzRefusal? Refusal) Set(string name, string? token, AccessScope? scope, string? thumbnail, PtzVector position, AccessGrant access)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxName || name.Any(char.IsControl))
            return (null, PtzRefusal.Bad($"name is 1 to {MaxName} characters"));
        if (thumbnail is not null && !IsJpeg(thumbnail))
            return (null, PtzRefusal.Bad($"thumbnail is a JPEG picture of at most {MaxThumbnail} bytes, in base64"));
        if (scope is { } wanted && !access.Allows(wanted))
            return (null, PtzRefusal.Forbidden(wanted));
        if (token is null)
        {
            if (_presets.Count >= MaxPresets)
                return (null, PtzRefusal.OutOfRange($"there are {MaxPresets} presets already; remove one"));
            token = NewToken();
            _presets.Add(new(token, name, position, scope ?? AccessScope.None, thumbnail));
        }
        else
        {
            var (preset, refusal) = Use(token, access);
            if (preset is null)
                return (null, refusal);
            _presets[_presets.IndexOf(preset)] = new(token, name, position, scope ?? preset.Scope, thumbnail ?? preset.Thumbnail);
        }

        Save();
        return (token, null);
    }

    public PtzRefusal? Remove(string token, AccessGrant access)
    {
        var (preset, refusal) = Use(token, access);
        if (preset is null)
            return refusal;
        _presets.Remove(preset);
        Save();
        return null;
    }

    /// <summary>A preset, where there is such a one and the caller may use it.</summary>
    public (PtzPreset? Preset, PtzRefusal? Refusal) Use(string token, AccessGrant access) => Find(token) switch
    {
        null => (null, PtzRefusal.NotFound("no such preset")),
        { } preset when !access.Allows(preset.Scope) => (null, PtzRefusal.Forbidden(preset.Scope)),
        { } preset => (preset, null),
    };

    /// <summary>Whether a text is base64 of what begins and ends as a JPEG picture does (ITU-T T.81, B.1.1.3: SOI and EOI), and not too large.</summary>
    public static bool IsJpeg(string base64)
    {
        if (base64.Length > Base64.GetMaxEncodedToUtf8Length(MaxThumbnail))
            return false;
        Span<byte> picture = stackalloc byte[MaxThumbnail + 3];
        return Convert.TryFromBase64String(base64, picture, out var length) && length is >= 4 and <= MaxThumbnail
            && picture[..length] is [0xFF, 0xD8, 0xFF, .., 0xD9] && picture[length - 2] == 0xFF;
    }

    private string NewToken()
    {
        for (var number = 1; ; number++)
        {
            var token = number.ToString(CultureInfo.InvariantCulture);
            if (Find(token) is null)
                return token;
        }
    }

    private void Save() => save(new(Home, All));
}
