namespace EdgeCam.WebRtc.Primitives;

/// <summary>H.264 profile-level-id: profile_idc, constraint flags and level_idc, a byte each (RFC 6184 §8.1).</summary>
public readonly record struct ProfileLevelId(byte ProfileIdc, byte Constraints, byte LevelIdc)
{
    public static bool TryParse(ReadOnlySpan<char> hex, out ProfileLevelId result)
    {
        result = default;
        if (hex.Length != 6 || !uint.TryParse(hex, System.Globalization.NumberStyles.AllowHexSpecifier, null, out var value))
            return false;
        result = new((byte)(value >> 16), (byte)(value >> 8), (byte)value);
        return true;
    }

    public override string ToString() => $"{ProfileIdc:x2}{Constraints:x2}{LevelIdc:x2}";
}
