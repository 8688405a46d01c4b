using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.H264;

/// <summary>
/// RFC 6184, packetization-mode 1: single NAL unit packets, STAP-A for parameter sets and SEI, FU-A for what is too large. It runs once
/// per access unit; all viewers share the result.
/// </summary>
/// <remarks>
/// The fragments of a NAL unit have one size, only the last may be shorter, so that they go out as segments of one UDP GSO message.
/// Left out: packetization-mode 0 and 2 (STAP-B, MTAP, FU-B, decoding order numbers); aggregation of slices, which would save a few
/// header bytes and cost equal sizes.
/// </remarks>
public static class H264Packetizer
{
    private const int FragmentHeaderSize = 2; // FU indicator and FU header, §5.8
    private const int AggregationSizeField = 2; // before each NAL unit in a STAP-A, §5.7.1
    private const int MaxAggregate = 1500;
    private const int Start = 0x80, End = 0x40;

    /// <summary>Fills the unit's payloads. Call it once, before the unit is shared.</summary>
    /// <param name="maxPayload">The largest RTP payload in bytes: <c>RtpLimits.MaxPayload</c>.</param>
    public static void Packetize(AccessUnit unit, int maxPayload)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPayload, 16);
        var count = unit.NalUnits.Length;
        for (var i = 0; i < count;)
        {
            var together = CountAggregable(unit, i, Math.Min(maxPayload, MaxAggregate), out var size);
            if (together > 1)
            {
                Aggregate(unit, i, together, size);
                i += together;
                continue;
            }

            var nalUnit = unit.NalUnits[i++];
            if (nalUnit.Length <= maxPayload)
                unit.AddPayload(new(nalUnit.Offset, nalUnit.Length, 0));
            else
                Fragment(unit, nalUnit, maxPayload);
        }
    }

    private static int CountAggregable(AccessUnit unit, int first, int maxPayload, out int size)
    {
        size = 1;
        var nalUnits = unit.NalUnits;
        var at = first;
        for (; at < nalUnits.Length; at++)
        {
            var type = (NalUnitType)(unit.Block[nalUnits[at].Offset] & 0x1F);
            var larger = size + AggregationSizeField + nalUnits[at].Length;
            if (larger > maxPayload || type is not (NalUnitType.SequenceParameterSet or NalUnitType.PictureParameterSet
                    or NalUnitType.SupplementalEnhancementInformation))
                break;
            size = larger;
        }

        return at - first;
    }

    private static void Aggregate(AccessUnit unit, int first, int count, int size)
    {
        // Built beside the block: appending to the block may move it.
        Span<byte> aggregate = stackalloc byte[MaxAggregate];
        int forbidden = 0, importance = 0, at = 1;
        foreach (var nalUnit in unit.NalUnits.Slice(first, count))
        {
            var bytes = unit.Block.Slice(nalUnit.Offset, nalUnit.Length);
            forbidden |= bytes[0] & 0x80; // F: set where any unit has it, NRI: the largest of all, §5.7
            importance = Math.Max(importance, bytes[0] & 0x60);
            BinaryPrimitives.WriteUInt16BigEndian(aggregate[at..], (ushort)nalUnit.Length);
            bytes.CopyTo(aggregate[(at + AggregationSizeField)..]);
            at += AggregationSizeField + nalUnit.Length;
        }

        aggregate[0] = (byte)(forbidden | importance | (int)NalUnitType.StapA);
        unit.AddPayload(new(unit.Append(aggregate[..size]), size, 0));
    }

    private static void Fragment(AccessUnit unit, NalUnit nalUnit, int maxPayload)
    {
        var header = unit.Block[nalUnit.Offset]; // not sent: both FU bytes together say what it says, §5.8
        var indicator = (header & 0xE0) | (int)NalUnitType.FuA;
        var body = nalUnit.Length - 1;
        var fragments = DivideUp(body, maxPayload - FragmentHeaderSize);
        var size = DivideUp(body, fragments);
        for (var at = 0; at < body; at += size)
        {
            var length = Math.Min(size, body - at);
            var flags = (at == 0 ? Start : 0) | (at + length == body ? End : 0);
            var fragmentHeader = (indicator << 8) | flags | (header & 0x1F);
            unit.AddPayload(new(nalUnit.Offset + 1 + at, length, (ushort)fragmentHeader));
        }
    }

    private static int DivideUp(int value, int divisor) => (value + divisor - 1) / divisor;
}
