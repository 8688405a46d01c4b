using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;

namespace EdgeCam.WebRtc.Tests.H264;

public sealed class H264PacketizerTests
{
    private readonly AccessUnitPool _pool = new();

    [Fact]
    public void Every_size_survives_the_round_trip_in_equal_fragments()
    {
        var random = new Random(9);
        for (var i = 0; i < 300; i++)
        {
            var size = i < 200 ? 1130 + i : 1 + random.Next(200_000);
            RoundTrip(RtpLimits.MaxPayload, H264Samples.Slice([0x65], size, i));
        }

        for (var size = 1; size < 300; size++)
            RoundTrip(16 + (size % 5), H264Samples.Slice([0x41], size));
    }

    [Fact]
    public void Random_pictures_survive_the_round_trip()
    {
        var random = new Random(4);
        for (var i = 0; i < 300; i++)
        {
            byte[][] slices = [.. Enumerable.Range(0, random.Next(1, 6)).Select(n => H264Samples.Slice([0x65], random.Next(1, 5000), n))];
            byte[][] messages = [.. Enumerable.Range(0, random.Next(0, 5)).Select(n => H264Samples.Slice([0x06], random.Next(1, 1500), n))];
            RoundTrip(RtpLimits.MaxPayload, [H264Samples.BaselineSps, H264Samples.BaselinePps, .. messages, .. slices]);
        }
    }

    [Fact]
    public void Parameter_sets_and_sei_share_a_stap_a_and_slices_stand_alone()
    {
        using var unit = Make(H264Samples.BaselineSps, H264Samples.BaselinePps, H264Samples.Sei, H264Samples.IdrSlices[0], H264Samples.IdrSlices[1]);
        H264Packetizer.Packetize(unit, RtpLimits.MaxPayload);
        Assert.Equal(3, unit.Payloads.Length);
        Assert.Equal(0x78, Payload(unit, 0)[0]); // F 0, NRI 3, type 24
        Assert.Equal(1 + (3 * 2) + 22 + 4 + 7, unit.Payloads[0].Size);
        Assert.Equal(H264Samples.IdrSlices[1], Payload(unit, 2));
        Assert.Equal(unit.Payloads[0].Size + 20, unit.PayloadBytes);
    }

    [Fact]
    public void Fragments_carry_importance_and_type_of_their_nal_unit()
    {
        using var unit = Make(H264Samples.Slice([0x21], 3000));
        H264Packetizer.Packetize(unit, RtpLimits.MaxPayload);
        Assert.Equal(3, unit.Payloads.Length);
        Assert.Equal([0x3C, 0x81], Payload(unit, 0)[..2]);
        Assert.Equal([0x3C, 0x01], Payload(unit, 1)[..2]);
        Assert.Equal([0x3C, 0x41], Payload(unit, 2)[..2]);
        Assert.Equal((1002, 1002, 1001), (unit.Payloads[0].Size, unit.Payloads[1].Size, unit.Payloads[2].Size));
    }

    [Fact]
    public void A_stream_from_bytes_to_payloads_and_back_is_unchanged()
    {
        using var assembler = new AccessUnitAssembler(_pool);
        var reader = new AnnexBReader();
        var depacketizer = new H264Depacketizer();
        byte[][] sent = [H264Samples.BaselineSps, H264Samples.BaselinePps, H264Samples.Sei, H264Samples.Slice(H264Samples.IdrSlices[0], 40_000)];
        sent = [.. sent, .. Enumerable.Range(1, 50).Select(i => H264Samples.Slice(H264Samples.PSlices[0], i * 321, i))];
        reader.Append(H264Samples.AnnexB(sent));
        reader.Flush();
        while (reader.TryReadNalUnit(out var nalUnit))
            Depacketize(assembler.Add(nalUnit, reader.Arrival), depacketizer);
        Depacketize(assembler.Flush(), depacketizer);
        H264Samples.AssertSame(sent, depacketizer.NalUnits);
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Packetizing_a_warm_unit_allocates_nothing()
    {
        var slice = H264Samples.Slice([0x65], 150_000);
        Packetize(20);
        Assert.Equal(0, Allocated.By(() => Packetize(30)));

        void Packetize(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var unit = _pool.Rent();
                unit.AddNalUnit(H264Samples.BaselineSps);
                unit.AddNalUnit(H264Samples.BaselinePps);
                unit.AddNalUnit(slice);
                H264Packetizer.Packetize(unit, RtpLimits.MaxPayload);
            }
        }
    }

    private static void Depacketize(AccessUnit? unit, H264Depacketizer depacketizer)
    {
        if (unit is null)
            return;
        using (unit)
        {
            H264Packetizer.Packetize(unit, RtpLimits.MaxPayload);
            for (var i = 0; i < unit.Payloads.Length; i++)
                depacketizer.Add(Payload(unit, i));
            depacketizer.EndPicture();
        }
    }

    private void RoundTrip(int maxPayload, params byte[][] nalUnits)
    {
        using var unit = Make(nalUnits);
        H264Packetizer.Packetize(unit, maxPayload);
        var depacketizer = new H264Depacketizer();
        for (var i = 0; i < unit.Payloads.Length; i++)
        {
            var payload = unit.Payloads[i];
            Assert.InRange(payload.Size, 1, maxPayload);
            var isFragment = payload.FragmentHeader != 0;
            var isLast = (payload.FragmentHeader & 0x40) != 0;
            if (isFragment && !isLast)
                Assert.True(unit.Payloads[i + 1].Size == payload.Size || ((unit.Payloads[i + 1].FragmentHeader & 0x40) != 0 && unit.Payloads[i + 1].Size < payload.Size));
            depacketizer.Add(Payload(unit, i));
        }

        depacketizer.EndPicture();
        H264Samples.AssertSame(nalUnits, depacketizer.NalUnits);
    }

    private AccessUnit Make(params ReadOnlySpan<byte[]> nalUnits)
    {
        var unit = _pool.Rent();
        foreach (var nalUnit in nalUnits)
            unit.AddNalUnit(nalUnit);
        return unit;
    }

    private static byte[] Payload(AccessUnit unit, int index)
    {
        var payload = new byte[unit.Payloads[index].Size];
        unit.Payloads[index].CopyTo(unit.Block, payload);
        return payload;
    }
}
