using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Fuzz;

internal static class H264Targets
{
    private const string BaselineSps = "6742c00dda0507ec0440000003004000000c83c50aa8";
    private const string HighSps = "67640028acb403c0113f2e022000000300200000064c08001e848003d09c98400f1832a0";
    private const string ScalingListsSps = "6764000dacb40a843c44460220000003002000000641e28554";
    private const string Pps = "68ce0fc8";

    public static FuzzTarget Sequence() => new("sps", Targets.Hex(BaselineSps, HighSps, ScalingListsSps), [], input =>
    {
        if (SequenceParameterSet.TryParse(input, out var sps))
            Targets.Require(sps is { Width: > 0 and <= 16_384, Height: > 0 and <= 32_768 }, "A picture has a bounded size");
    });

    public static FuzzTarget Stream()
    {
        string[] pictures = ["6588843a0c6001c10110", "419a22bc3d0a54ee33fd", "4100a09a2282bd6ae180", "419e414212fffeead889"];
        return new(
            "h264",
            [
                .. Targets.Hex("00000001" + string.Join("000001", [BaselineSps, Pps, .. pictures])),
                .. Targets.Hex("00000001" + string.Join("00000001", ["0910", HighSps, Pps, "06010300002080", pictures[0], "0910", pictures[1]])),
                [.. Convert.FromHexString($"00000001{BaselineSps}00000001{Pps}000001{pictures[0]}"), .. Enumerable.Repeat((byte)0x5A, 5000)],
            ],
            Targets.Hex("000001", "00000001", "000003", "00000001" + BaselineSps, "00000001" + Pps, "000001" + pictures[0], "000001" + pictures[1], "0000010c", "0000010a"),
            ReadStream);
    }

    /// <summary>From bytes to packets, as a source and a viewer do; the last byte says how the bytes are cut into chunks.</summary>
    private static void ReadStream(ReadOnlySpan<byte> input)
    {
        var pool = new AccessUnitPool();
        var reader = new AnnexBReader();
        var checker = new H264StreamChecker();
        using (var assembler = new AccessUnitAssembler(pool))
        {
            var chunk = input.Length > 0 ? 1 + (input[^1] * 16) : 1;
            while (!input.IsEmpty)
            {
                var length = Math.Min(chunk, input.Length);
                reader.Append(input[..length]);
                input = input[length..];
                if (input.IsEmpty)
                    reader.Flush();
                while (reader.TryReadNalUnit(out var nalUnit))
                    Use(assembler.Add(nalUnit, default), checker);
            }

            Use(assembler.Flush(), checker);
        }

        Targets.Require(pool.Outstanding == 0, "Every access unit returns to its pool");
    }

    private static void Use(AccessUnit? unit, H264StreamChecker checker)
    {
        if (unit is null)
            return;
        using (unit)
        {
            _ = checker.FindFault(unit);
            H264Packetizer.Packetize(unit, 1100);
            foreach (var payload in unit.Payloads)
                Targets.Require(payload.Size is > 0 and <= 1100, "A payload fits its packet");
        }
    }
}
