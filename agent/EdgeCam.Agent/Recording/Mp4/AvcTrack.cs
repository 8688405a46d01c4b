using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Recording.Mp4;

/// <summary>What a decoder must know before the first picture: the parameter sets of one IDR picture, as <c>avcC</c> carries them (ISO/IEC 14496-15 §5.3.3.1).</summary>
internal sealed class AvcTrack
{
    private readonly byte[][] _sequences;
    private readonly byte[][] _pictures;
    private readonly SequenceParameterSet _info;

    private AvcTrack(byte[][] sequences, byte[][] pictures, SequenceParameterSet info) => (_sequences, _pictures, _info) = (sequences, pictures, info);

    public int Width => _info.Width;

    public int Height => _info.Height;

    /// <returns>Null where the picture has no parameter sets that can be read: it is none to begin with.</returns>
    public static AvcTrack? TryFrom(AccessUnit idr)
    {
        var sequences = Sets(idr, NalUnitType.SequenceParameterSet);
        var pictures = Sets(idr, NalUnitType.PictureParameterSet);
        return sequences.Length is > 0 and < 32 && pictures.Length is > 0 and < 256 && SequenceParameterSet.TryParse(sequences[0], out var info) ? new(sequences, pictures, info!) : null;
    }

    /// <summary>Its pictures are those of this track: what parameter sets it carries are here already.</summary>
    public bool Fits(AccessUnit unit)
    {
        foreach (var nal in unit.NalUnits)
        {
            var bytes = unit.Block.Slice(nal.Offset, nal.Length);
            var known = TypeOf(bytes) switch
            {
                NalUnitType.SequenceParameterSet => _sequences,
                NalUnitType.PictureParameterSet => _pictures,
                _ => null,
            };
            if (known is not null && !Has(known, bytes))
                return false;
        }

        return true;
    }

    /// <summary>What stays out of samples: parameter sets lie in the header, and delimiters mean nothing here (ISO/IEC 14496-15 §5.3.2).</summary>
    public static bool IsLeftOut(ReadOnlySpan<byte> nalUnit) =>
        TypeOf(nalUnit) is NalUnitType.SequenceParameterSet or NalUnitType.PictureParameterSet or NalUnitType.AccessUnitDelimiter;

    public void Write(BoxWriter writer)
    {
        var box = writer.Begin("avcC"u8);
        var profile = _info.ProfileLevelId;
        writer.Put8(1); // configurationVersion
        writer.Put8(profile.ProfileIdc);
        writer.Put8(profile.Constraints);
        writer.Put8(profile.LevelIdc);
        writer.Put8(0xFC | 3); // lengthSizeMinusOne
        writer.Put8((byte)(0xE0 | _sequences.Length));
        Write(writer, _sequences);
        writer.Put8((byte)_pictures.Length);
        Write(writer, _pictures);
        if (profile.ProfileIdc is not (66 or 77 or 88)) // the High profiles say more
        {
            writer.Put8((byte)(0xFC | _info.ChromaFormat));
            writer.Put8((byte)(0xF8 | (_info.BitDepth - 8)));
            writer.Put8((byte)(0xF8 | (_info.BitDepth - 8)));
            writer.Put8(0); // sequence parameter set extensions
        }

        writer.End(box);
    }

    private static void Write(BoxWriter writer, byte[][] sets)
    {
        foreach (var set in sets)
        {
            writer.Put16((ushort)set.Length);
            writer.Put(set);
        }
    }

    private static byte[][] Sets(AccessUnit unit, NalUnitType type)
    {
        List<byte[]> found = [];
        foreach (var nal in unit.NalUnits)
        {
            var bytes = unit.Block.Slice(nal.Offset, nal.Length);
            if (TypeOf(bytes) == type && !Has(found, bytes))
                found.Add(bytes.ToArray());
        }

        return [.. found];
    }

    private static bool Has(IReadOnlyList<byte[]> sets, ReadOnlySpan<byte> wanted)
    {
        foreach (var set in sets)
        {
            if (wanted.SequenceEqual(set))
                return true;
        }

        return false;
    }

    private static NalUnitType TypeOf(ReadOnlySpan<byte> nalUnit) => (NalUnitType)(nalUnit[0] & 0x1F);
}
