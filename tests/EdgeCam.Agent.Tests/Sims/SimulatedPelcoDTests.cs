using EdgeCam.Sims.Ptz;
using EdgeCam.Sims.World;

namespace EdgeCam.Agent.Tests.Sims;

public sealed class SimulatedPelcoDTests
{
    private readonly SimulatedHeadRig _rig = new(WireProtocol.PelcoD);

    [Theory]
    [InlineData("00 02 3F 00", 1, 0)]
    [InlineData("00 04 3F 00", -1, 0)]
    [InlineData("00 08 00 3F", 0, 1)]
    [InlineData("00 10 00 3F", 0, -1)]
    [InlineData("00 0A 20 10", 0x20 / 63.0, 0x10 / 63.0)]
    [InlineData("00 02 40 00", 1.5, 0)] // turbo
    [InlineData("00 02 41 00", 1, 0)]
    [InlineData("00 02 FF 00", 1, 0)]
    [InlineData("00 08 00 40", 0, 1)] // of which tilt has none
    [InlineData("00 00 3F 3F", 0, 0)]
    public void Motion_bits_and_speeds_move_the_axes(string body, double pan, double tilt)
    {
        Assert.Equal("", _rig.Send(SimulatedHeadRig.PelcoD(body.Replace(" ", "", StringComparison.Ordinal))));
        _rig.Run(0.45);
        Assert.Equal(60 * pan, _rig.Head.Pan.Velocity, 6);
        Assert.Equal(60 * tilt, _rig.Head.Tilt.Velocity, 6);
    }

    [Fact]
    public void A_command_names_all_motions_that_go_on()
    {
        _rig.Send(SimulatedHeadRig.PelcoD("00020020")); // speed 0 to the right
        _rig.Send(SimulatedHeadRig.PelcoD("002A2020"));
        _rig.Run(0.5);
        Assert.True(_rig.Head.Pan.Velocity > 0 && _rig.Head.Tilt.Velocity > 0 && _rig.Head.Zoom.Velocity > 0);
        _rig.Send(SimulatedHeadRig.PelcoD("00082020"));
        _rig.Run(0.5);
        Assert.True(_rig.Head.Pan.Velocity == 0 && _rig.Head.Tilt.Velocity > 0 && _rig.Head.Zoom.Velocity == 0);
        _rig.Send(SimulatedHeadRig.PelcoD("00000000"));
        _rig.Run(0.5);
        Assert.False(_rig.Head.IsMoving);
    }

    [Fact]
    public void Positions_are_hundredths_of_a_degree_around_the_circle()
    {
        _rig.Send(SimulatedHeadRig.PelcoD("004B04B0")); // 12.00 to the right
        _rig.Send(SimulatedHeadRig.PelcoD("004D88B8")); // 350.00: 10 up
        _rig.Run(5);
        Assert.Equal((12, 10), (_rig.Head.Pan.Position, _rig.Head.Tilt.Position));
        Assert.Equal("FF01005904B00E", _rig.Send(SimulatedHeadRig.PelcoD("00510000")));
        Assert.Equal("FF01005B88B89C", _rig.Send(SimulatedHeadRig.PelcoD("00530000")));
        _rig.Send(SimulatedHeadRig.PelcoD("004B7D00")); // 320.00: 40 to the left
        _rig.Run(5);
        Assert.Equal(-40, _rig.Head.Pan.Position);
    }

    [Fact]
    public void The_lens_runs_from_wide_to_tele()
    {
        Assert.Equal("FF01005D199A11", _rig.Send(SimulatedHeadRig.PelcoD("00550000")));
        _rig.Send(SimulatedHeadRig.PelcoD("004FFFFF"));
        _rig.Run(6);
        Assert.Equal(10, _rig.Head.ZoomFactor, 9);
        Assert.Equal("FF01005DFFFF5C", _rig.Send(SimulatedHeadRig.PelcoD("00550000")));
        Assert.Equal("FF01006303E84F", _rig.Send(SimulatedHeadRig.PelcoD("00610000"))); // 10.00 times
    }

    /// <summary>TF-0002's own example: X5 of X184 is 1781.</summary>
    [Fact]
    public void A_zoom_position_is_the_magnification_in_parts_of_the_highest()
    {
        var rig = new SimulatedHeadRig(WireProtocol.PelcoD, options: HeadOptions.Default with { Zoom = (1, 184) });
        rig.Send(SimulatedHeadRig.PelcoD("004F06F5"));
        rig.Run(6);
        Assert.Equal(5, rig.Head.ZoomFactor, 2);
        Assert.Equal(SimulatedHeadRig.PelcoD("005D06F5"), rig.Send(SimulatedHeadRig.PelcoD("00550000")));
    }

    [Fact]
    public void Without_power_it_neither_hears_nor_moves()
    {
        Assert.True(_rig.Control("power off").GetProperty("ok").GetBoolean());
        Assert.Equal("", _rig.Send(SimulatedHeadRig.PelcoD("00023F00") + SimulatedHeadRig.PelcoD("00510000")));
        _rig.Run(0.5);
        Assert.False(_rig.Head.IsMoving);
        Assert.False(_rig.State().GetProperty("power").GetBoolean());
        _rig.Control("power on");
        Assert.Equal("FF01005900005A", _rig.Send(SimulatedHeadRig.PelcoD("00510000")));
    }

    [Fact]
    public void Presets_are_set_called_and_cleared()
    {
        _rig.Send(SimulatedHeadRig.PelcoD("004B04B0"));
        _rig.Run(3);
        _rig.Send(SimulatedHeadRig.PelcoD("00030005"));
        _rig.Send(SimulatedHeadRig.PelcoD("004B0000"));
        _rig.Run(3);
        _rig.Send(SimulatedHeadRig.PelcoD("00070005"));
        _rig.Run(3);
        Assert.Equal(12, _rig.Head.Pan.Position);
        _rig.Send(SimulatedHeadRig.PelcoD("00070022")); // the protocol's own: pan to zero
        _rig.Run(3);
        Assert.Equal(0, _rig.Head.Pan.Position);
        _rig.Send(SimulatedHeadRig.PelcoD("00050005"));
        _rig.Send(SimulatedHeadRig.PelcoD("00070005"));
        Assert.Equal(1, _rig.State().GetProperty("refused").GetInt32());
        Assert.False(_rig.Head.IsMoving);
    }

    [Fact]
    public void A_bad_checksum_is_counted_and_the_next_message_is_found()
    {
        _rig.Send("FF0100023F0099" + SimulatedHeadRig.PelcoD("00510000"));
        var state = _rig.State();
        Assert.Equal((1, 1), (state.GetProperty("badChecksums").GetInt32(), state.GetProperty("commands").GetInt32()));
        Assert.Equal("FF010051000052", state.GetProperty("lastCommand").GetString());
        Assert.False(_rig.Head.IsMoving);
    }

    [Fact]
    public void A_message_may_come_in_pieces_but_not_after_a_long_silence()
    {
        _rig.Send("FF010051");
        Assert.Equal("FF01005900005A", _rig.Send("000052"));
        _rig.Send("FF0100");
        _rig.Run(1);
        Assert.Equal("FF01005900005A", _rig.Send(SimulatedHeadRig.PelcoD("00510000")));
        Assert.Equal(0, _rig.State().GetProperty("badChecksums").GetInt32());
    }

    [Fact]
    public void Another_address_is_not_meant()
    {
        Assert.Equal("", _rig.Send(SimulatedHeadRig.PelcoD("00023F00", address: 2)));
        _rig.Run(0.2);
        Assert.False(_rig.Head.IsMoving);
    }

    [Fact]
    public void Some_models_confirm_each_command()
    {
        var rig = new SimulatedHeadRig(WireProtocol.PelcoD, generalReply: true);
        Assert.Equal("FF010042", rig.Send(SimulatedHeadRig.PelcoD("00023F00"))); // the command's own sum, and no alarm
        Assert.Equal("FF01005900005A", rig.Send(SimulatedHeadRig.PelcoD("00510000")));
    }

    [Fact]
    public void Faults_come_and_go()
    {
        Assert.True(_rig.Control("fault noreply").GetProperty("ok").GetBoolean());
        Assert.Equal("", _rig.Send(SimulatedHeadRig.PelcoD("00510000")));
        _rig.Control("fault stuck-pan");
        _rig.Send(SimulatedHeadRig.PelcoD("000A3F3F"));
        _rig.Run(0.5);
        Assert.True(_rig.Head.Pan.Position == 0 && _rig.Head.Tilt.Position > 5);
        _rig.Control("fault off");
        _rig.Control("fault garbage");
        var garbage = _rig.Send(SimulatedHeadRig.PelcoD("00510000"));
        Assert.Equal(14, garbage.Length);
        Assert.False(garbage.StartsWith("FF010059", StringComparison.Ordinal));
        Assert.Contains("stuck-pan", _rig.Control("fault rust").GetProperty("error").GetString(), StringComparison.Ordinal);
    }
}
