using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests.H264;

public sealed class AccessUnitAssemblerTests : IDisposable
{
    private static readonly byte[] s_sps = H264Samples.ThreeSlicesSps, s_pps = H264Samples.BaselinePps, s_sei = H264Samples.Sei;
    private static readonly byte[] s_delimiter = H264Samples.Delimiter;
    private static readonly byte[][] s_idr = H264Samples.IdrSlices, s_p = H264Samples.PSlices;

    private readonly AccessUnitPool _pool = new();
    private readonly AccessUnitAssembler _assembler;
    private readonly List<AccessUnit> _units = [];
    private long _time;

    public AccessUnitAssemblerTests() => _assembler = new(_pool);

    public void Dispose()
    {
        foreach (var unit in _units)
            unit.Dispose();
        _assembler.Dispose();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Slices_of_one_picture_stay_together()
    {
        Add([s_delimiter, s_sps, s_pps, s_sei, .. s_idr, s_delimiter, .. s_p, s_delimiter, .. s_p]);
        Flush();
        Assert.Equal(3, _units.Count);
        Assert.Equal([s_sps, s_pps, s_sei, .. s_idr], NalUnits(_units[0]));
        Assert.Equal(s_p, NalUnits(_units[1]));
        Assert.Equal([true, false, false], _units.Select(unit => unit.IsIdr));
        Assert.Equal([0L, 1, 2], _units.Select(unit => unit.Number));
        Assert.Equal(3, _assembler.IgnoredNalUnits);
        Assert.Equal(640, _assembler.SequenceParameterSet!.Width);
    }

    [Fact]
    public void A_picture_without_delimiters_ends_where_the_next_first_slice_comes()
    {
        Add([s_sps, s_pps, .. s_idr]);
        Assert.Empty(_units);
        Add([s_p[0]]);
        Assert.Single(_units);
    }

    [Theory]
    [InlineData("0910")]
    [InlineData("06010300002080")]
    [InlineData("68ce0fc8")]
    public void A_nal_unit_that_begins_a_picture_ends_the_one_before(string next)
    {
        Add([s_sps, s_pps, .. s_idr]);
        Add([H264Samples.Hex(next)]);
        Assert.Single(_units);
    }

    [Fact]
    public void A_flush_gives_the_picture_out_at_once_and_later_slices_of_it_are_dropped()
    {
        Add([s_sps, s_pps, s_idr[0]]);
        Flush();
        Assert.Single(_units);
        Add([s_idr[1], s_idr[2]]);
        Assert.Equal(2, _assembler.LateSlices);
        Add(s_p);
        Flush();
        Assert.Equal(s_p, NalUnits(_units[1]));
    }

    [Fact]
    public void Each_idr_picture_has_the_parameter_sets_in_front_once()
    {
        Add([s_sps, s_pps, .. s_idr, .. s_idr, s_sei, .. s_idr, s_sps, s_pps, .. s_idr]);
        Flush();
        Assert.Equal(4, _units.Count);
        Assert.Equal([s_sps, s_pps, .. s_idr], NalUnits(_units[1]));
        Assert.Equal([s_sps, s_pps, s_sei, .. s_idr], NalUnits(_units[2]));
        Assert.Equal([s_sps, s_pps, .. s_idr], NalUnits(_units[3]));
    }

    [Fact]
    public void Repeated_parameter_sets_before_other_pictures_are_left_out_and_changed_ones_kept()
    {
        byte[] other = [0x68, 0xCE, 0x0F, 0xD8];
        Add([s_sps, s_pps, .. s_idr, s_sps, s_pps, .. s_p, other, .. s_p]);
        Flush();
        Assert.Equal(s_p, NalUnits(_units[1]));
        Assert.Equal([s_sps, other, .. s_p], NalUnits(_units[2]));
    }

    [Fact]
    public void Nothing_comes_out_before_an_idr_picture_with_parameter_sets()
    {
        Add([.. s_p, .. s_idr, s_sps, .. s_idr, s_pps, .. s_p]);
        Flush();
        Assert.Empty(_units);
        Assert.Equal(4, _assembler.DroppedPictures);
        Assert.Equal(0, _assembler.LateSlices);
        Add(s_idr);
        Flush();
        Assert.Single(_units);
    }

    [Fact]
    public void A_new_sps_voids_the_pps_before_it()
    {
        Add([s_sps, s_pps, .. s_idr, H264Samples.BaselineSps, .. s_idr, .. s_p]);
        Flush();
        Assert.Single(_units);
        Assert.Equal(2, _assembler.DroppedPictures);
    }

    [Fact]
    public void The_capture_time_is_that_of_the_first_nal_unit_and_always_rises()
    {
        _time = 100;
        Add([s_sps, s_pps]);
        _time = 200;
        Add([.. s_idr]);
        Add([.. s_p, .. s_p]);
        Flush();
        Assert.Equal(new Instant(100), _units[0].CaptureTime);
        Assert.Equal(new Instant(200), _units[1].CaptureTime);
        Assert.True(_units[2].CaptureTime > _units[1].CaptureTime);
    }

    [Fact]
    public void An_endless_picture_is_dropped_with_all_up_to_the_next_idr()
    {
        Add([s_sps, s_pps, s_idr[0]]);
        var slice = H264Samples.Slice(s_idr[1], 1024 * 1024);
        for (var i = 0; i < 9; i++)
            Add([slice]);
        Add([.. s_p, .. s_idr]);
        Flush();
        Assert.Equal([s_sps, s_pps, .. s_idr], NalUnits(Assert.Single(_units)));
        Assert.Equal(2, _assembler.DroppedPictures);
    }

    [Fact]
    public void Noise_is_counted_and_never_throws()
    {
        Add([s_sps, s_pps, .. s_idr]);
        var random = new Random(3);
        for (var i = 0; i < 20_000; i++)
        {
            var nalUnit = new byte[random.Next(0, 40)];
            random.NextBytes(nalUnit);
            if (_assembler.Add(nalUnit, new(i)) is { } unit)
                unit.Dispose();
        }

        Assert.True(_assembler.MalformedNalUnits > 5000);
        Assert.True(_assembler.IgnoredNalUnits > 3000);
    }

    private void Add(IEnumerable<byte[]> nalUnits)
    {
        foreach (var nalUnit in nalUnits)
        {
            if (_assembler.Add(nalUnit, new(_time)) is { } unit)
                _units.Add(unit);
        }
    }

    private void Flush()
    {
        if (_assembler.Flush() is { } unit)
            _units.Add(unit);
    }

    private static byte[][] NalUnits(AccessUnit unit)
    {
        var all = new List<byte[]>();
        foreach (var nalUnit in unit.NalUnits)
            all.Add(unit.Block.Slice(nalUnit.Offset, nalUnit.Length).ToArray());
        return [.. all];
    }
}
