using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.H264;

/// <summary>
/// Refuses what browsers cannot show at low latency, with a sentence for the operator: B slices, interlaced video, more than 8 bits,
/// chroma other than 4:2:0, and profiles besides baseline, main and high.
/// </summary>
/// <remarks>
/// B slices are judged by the slices that come, not by the VUI: some encoders announce reordering and never reorder. Slice groups (FMO),
/// which the full baseline profile allows and no known encoder makes, are not looked for.
/// </remarks>
public sealed class H264StreamChecker
{
    private const byte Baseline = 66, Main = 77, High = 100;

    private byte[] _sequence = [];
    private string? _sequenceFault;

    /// <summary>The SPS last seen, or null.</summary>
    public SequenceParameterSet? SequenceParameterSet { get; private set; }

    /// <summary>Looks at one access unit; costs a few bytes of each slice.</summary>
    /// <returns>Null where it may be sent, else why not and what to change.</returns>
    public string? FindFault(AccessUnit unit)
    {
        foreach (var nalUnit in unit.NalUnits)
        {
            var bytes = unit.Block.Slice(nalUnit.Offset, nalUnit.Length);
            switch ((NalUnitType)(bytes[0] & 0x1F))
            {
                case NalUnitType.SequenceParameterSet when !bytes.SequenceEqual(_sequence):
                    Learn(bytes);
                    break;
                case NalUnitType.NonIdrSlice when SliceHeader.TryParse(bytes, out var slice) && slice.SliceType == SliceType.B:
                    return "The encoder sends B-frames, which browsers show late or out of order: set its profile to baseline "
                        + "(rpicam-vid: --profile baseline) or its number of B-frames to 0.";
                default:
                    break;
            }
        }

        return _sequenceFault;
    }

    /// <summary>Judges an SPS alone.</summary>
    public static string? FindFault(SequenceParameterSet sps)
    {
        if (sps.ProfileLevelId.ProfileIdc is not (Baseline or Main or High))
        {
            return $"The encoder sends H.264 profile {sps.ProfileLevelId.ProfileIdc} (profile-level-id {sps.ProfileLevelId}), which browsers do not "
                + "decode: set its profile to baseline or main (rpicam-vid: --profile baseline).";
        }

        if (sps.ChromaFormat != 1 || sps.BitDepth != 8)
        {
            return $"The encoder sends {ChromaName(sps.ChromaFormat)} video of {sps.BitDepth} bits; browsers decode 4:2:0 of 8 bits: set its pixel "
                + "format to yuv420p.";
        }

        return sps.IsProgressive
            ? null
            : "The encoder sends interlaced video, which browsers do not decode over WebRTC: set the camera to a progressive mode or deinterlace it.";
    }

    private void Learn(ReadOnlySpan<byte> nalUnit)
    {
        _sequence = nalUnit.ToArray();
        if (!SequenceParameterSet.TryParse(nalUnit, out var parsed))
        {
            _sequenceFault = "The encoder's sequence parameter set cannot be read: is the stream really H.264?";
            return;
        }

        SequenceParameterSet = parsed;
        _sequenceFault = FindFault(parsed!);
    }

    private static string ChromaName(int chromaFormat) => chromaFormat switch
    {
        0 => "monochrome",
        1 => "4:2:0",
        2 => "4:2:2",
        _ => "4:4:4",
    };
}
