using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.H264;

/// <summary>What the agent needs to know of an SPS (H.264 §7.3.2.1.1 and Annex E).</summary>
/// <param name="ProfileLevelId">The three bytes that SDP carries (RFC 6184 §8.1).</param>
/// <param name="Width">Of the shown picture: cropping is taken off.</param>
/// <param name="IsProgressive">frame_mbs_only_flag: no field and no MBAFF picture can come.</param>
/// <param name="ChromaFormat">chroma_format_idc: 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.</param>
/// <param name="BitDepth">The larger of luma and chroma.</param>
/// <param name="ReorderFrames">max_num_reorder_frames of the VUI; null where the encoder does not say.</param>
/// <param name="FrameRate">time_scale / (2 * num_units_in_tick) of the VUI; null where the encoder does not say.</param>
/// <remarks>Scaling lists and HRD parameters are stepped over. A VUI that ends too early counts as absent: some encoders write it wrong.</remarks>
public sealed record SequenceParameterSet(
    ProfileLevelId ProfileLevelId,
    int Width,
    int Height,
    bool IsProgressive = true,
    int ChromaFormat = 1,
    int BitDepth = 8,
    int? ReorderFrames = null,
    double? FrameRate = null)
{
    private const uint MaxMacroblocks = 1024; // in each direction: 16,384 samples, twice level 6.2's picture
    private const int ExtendedSar = 255;

    /// <param name="nalUnit">With its header byte, without a start code.</param>
    public static bool TryParse(ReadOnlySpan<byte> nalUnit, out SequenceParameterSet? sequenceParameterSet)
    {
        sequenceParameterSet = null;
        if (nalUnit.Length < 5 || (nalUnit[0] & 0x9F) != (int)NalUnitType.SequenceParameterSet)
            return false;

        var reader = new RbspReader(nalUnit[1..]);
        var profileLevelId = new ProfileLevelId((byte)reader.ReadBits(8), (byte)reader.ReadBits(8), (byte)reader.ReadBits(8));
        if (reader.ReadUnsigned() > 31) // seq_parameter_set_id
            return false;

        uint chromaFormat = 1, bitDepth = 8;
        var separateColourPlanes = false;
        if (HasChromaFormat(profileLevelId.ProfileIdc) && !TryReadChromaFormat(ref reader, out chromaFormat, out separateColourPlanes, out bitDepth))
            return false;
        if (!TrySkipOrderCount(ref reader) || reader.ReadUnsigned() > 16) // max_num_ref_frames
            return false;
        reader.Skip(1); // gaps_in_frame_num_value_allowed_flag

        var macroblocksWide = (ulong)reader.ReadUnsigned() + 1;
        var mapUnitsHigh = (ulong)reader.ReadUnsigned() + 1;
        var isProgressive = reader.ReadFlag();
        if (!isProgressive)
            reader.Skip(1); // mb_adaptive_frame_field_flag
        reader.Skip(1); // direct_8x8_inference_flag
        if (reader.IsOverrun || macroblocksWide > MaxMacroblocks || mapUnitsHigh > MaxMacroblocks)
            return false;

        var fieldFactor = isProgressive ? 1L : 2L;
        var width = (long)macroblocksWide * 16;
        var height = (long)mapUnitsHigh * 16 * fieldFactor;
        if (reader.ReadFlag()) // frame_cropping_flag, Table 6-1 and equations 7-19 to 7-22
        {
            var unitX = chromaFormat is 1 or 2 && !separateColourPlanes ? 2L : 1L;
            var unitY = (chromaFormat == 1 ? 2L : 1L) * fieldFactor;
            width -= unitX * ((long)reader.ReadUnsigned() + reader.ReadUnsigned());
            height -= unitY * ((long)reader.ReadUnsigned() + reader.ReadUnsigned());
        }

        if (reader.IsOverrun || width <= 0 || height <= 0)
            return false;
        var (reorderFrames, frameRate) = ReadUsability(ref reader);
        sequenceParameterSet = new(profileLevelId, (int)width, (int)height, isProgressive, (int)chromaFormat, (int)bitDepth, reorderFrames, frameRate);
        return true;
    }

    /// <summary>The profiles whose SPS has chroma_format_idc (H.264 §7.3.2.1.1).</summary>
    private static bool HasChromaFormat(byte profileIdc) =>
        profileIdc is 100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128 or 138 or 139 or 134 or 135;

    private static bool TryReadChromaFormat(ref RbspReader reader, out uint chromaFormat, out bool separateColourPlanes, out uint bitDepth)
    {
        chromaFormat = reader.ReadUnsigned();
        separateColourPlanes = chromaFormat == 3 && reader.ReadFlag();
        bitDepth = 8 + Math.Max(reader.ReadUnsigned(), reader.ReadUnsigned());
        reader.Skip(1); // qpprime_y_zero_transform_bypass_flag
        if (reader.IsOverrun || chromaFormat > 3 || bitDepth > 14)
            return false;
        if (!reader.ReadFlag()) // seq_scaling_matrix_present_flag
            return true;
        var lists = chromaFormat == 3 ? 12 : 8;
        for (var i = 0; i < lists; i++)
        {
            if (reader.ReadFlag())
                SkipScalingList(ref reader, i < 6 ? 16 : 64);
        }

        return !reader.IsOverrun;
    }

    private static void SkipScalingList(ref RbspReader reader, int size) // H.264 §7.3.2.1.1.1
    {
        int last = 8, next = 8;
        for (var i = 0; i < size && !reader.IsOverrun; i++)
        {
            if (next != 0)
                next = (last + reader.ReadSigned()) & 0xFF;
            last = next == 0 ? last : next;
        }
    }

    private static bool TrySkipOrderCount(ref RbspReader reader)
    {
        if (reader.ReadUnsigned() > 12) // log2_max_frame_num_minus4
            return false;
        switch (reader.ReadUnsigned()) // pic_order_cnt_type
        {
            case 0:
                return reader.ReadUnsigned() <= 12; // log2_max_pic_order_cnt_lsb_minus4
            case 1:
                reader.Skip(1); // delta_pic_order_always_zero_flag
                reader.ReadSigned(); // offset_for_non_ref_pic
                reader.ReadSigned(); // offset_for_top_to_bottom_field
                var cycle = reader.ReadUnsigned();
                for (var i = 0; i < cycle && i <= 255 && !reader.IsOverrun; i++)
                    reader.ReadSigned(); // offset_for_ref_frame
                return cycle <= 255;
            case 2:
                return true;
            default:
                return false;
        }
    }

    private static (int? ReorderFrames, double? FrameRate) ReadUsability(ref RbspReader reader) // H.264 §E.1.1
    {
        if (!reader.ReadFlag()) // vui_parameters_present_flag
            return default;
        if (reader.ReadFlag() && reader.ReadBits(8) == ExtendedSar)
            reader.Skip(32); // sar_width, sar_height
        if (reader.ReadFlag())
            reader.Skip(1); // overscan_appropriate_flag
        if (reader.ReadFlag())
        {
            reader.Skip(4); // video_format, video_full_range_flag
            if (reader.ReadFlag())
                reader.Skip(24); // colour_primaries, transfer_characteristics, matrix_coefficients
        }

        if (reader.ReadFlag())
        {
            reader.ReadUnsigned(); // chroma_sample_loc_type_top_field
            reader.ReadUnsigned();
        }

        double? frameRate = null;
        if (reader.ReadFlag()) // timing_info_present_flag
        {
            var unitsInTick = reader.ReadBits(32);
            var timeScale = reader.ReadBits(32);
            reader.Skip(1); // fixed_frame_rate_flag
            if (unitsInTick != 0 && timeScale != 0 && !reader.IsOverrun)
                frameRate = timeScale / (2.0 * unitsInTick);
        }

        var hasNalHrd = reader.ReadFlag();
        if (hasNalHrd)
            SkipHrd(ref reader);
        var hasVclHrd = reader.ReadFlag();
        if (hasVclHrd)
            SkipHrd(ref reader);
        if (hasNalHrd || hasVclHrd)
            reader.Skip(1); // low_delay_hrd_flag
        reader.Skip(1); // pic_struct_present_flag
        if (!reader.ReadFlag()) // bitstream_restriction_flag
            return (null, frameRate);
        reader.Skip(1); // motion_vectors_over_pic_boundaries_flag
        for (var i = 0; i < 4; i++)
            reader.ReadUnsigned(); // max_bytes_per_pic_denom to log2_max_mv_length_vertical
        var reorderFrames = reader.ReadUnsigned();
        return reader.IsOverrun || reorderFrames > 16 ? (null, frameRate) : ((int)reorderFrames, frameRate);
    }

    private static void SkipHrd(ref RbspReader reader) // H.264 §E.1.2
    {
        var count = reader.ReadUnsigned();
        reader.Skip(8); // bit_rate_scale, cpb_size_scale
        for (var i = 0; i <= count && i < 32 && !reader.IsOverrun; i++)
        {
            reader.ReadUnsigned();
            reader.ReadUnsigned();
            reader.Skip(1);
        }

        reader.Skip(20);
    }
}
