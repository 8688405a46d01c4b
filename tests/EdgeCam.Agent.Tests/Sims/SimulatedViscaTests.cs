using EdgeCam.Sims.Ptz;

namespace EdgeCam.Agent.Tests.Sims;

public sealed class SimulatedViscaTests
{
    private readonly SimulatedHeadRig _rig = new(WireProtocol.Both);

    [Fact]
    public void A_broadcast_gives_the_address_and_clears()
    {
        Assert.Equal("883002FF", _rig.Send("88 30 01 FF"));
        Assert.Equal("88010001FF", _rig.Send("88 01 00 01 FF"));
        Assert.Equal("9050FF", _rig.Send("81 01 00 01 FF"));
        Assert.Equal("883004FF", _rig.Send("88 30 03 FF")); // third of a chain
        Assert.Equal("", _rig.Send("81 09 04 47 FF"));
        Assert.Equal("B05000000000FF", _rig.Send("83 09 04 47 FF"));
    }

    [Theory]
    [InlineData("02 03", 1, 0)]
    [InlineData("01 03", -1, 0)]
    [InlineData("03 01", 0, 1)]
    [InlineData("03 02", 0, -1)]
    [InlineData("01 02", -1, -1)]
    [InlineData("03 03", 0, 0)]
    public void A_drive_is_acknowledged_and_completed_at_once(string direction, int pan, int tilt)
    {
        Assert.Equal("9041FF 9051FF", _rig.Send($"81 01 06 01 18 17 {direction} FF"));
        _rig.Run(0.5);
        Assert.Equal((60 * pan, 60 * tilt), (_rig.Head.Pan.Velocity, _rig.Head.Tilt.Velocity), Close);
    }

    [Fact]
    public void A_move_to_a_position_is_completed_when_the_head_is_there()
    {
        Assert.Equal("9041FF", _rig.Send("81 01 06 02 18 17 00 00 08 05 0F 0F 07 0B FF")); // 133 steps right, 133 down
        Assert.Equal("", _rig.Run(0.2));
        Assert.Equal("9051FF", _rig.Run(2));
        Assert.Equal((9.975, -9.975), (_rig.Head.Pan.Position, _rig.Head.Tilt.Position), Close);
        Assert.Equal("9050000008050F0F070BFF", _rig.Send("81 09 06 12 FF"));
        Assert.Equal("9041FF", _rig.Send("81 01 06 03 18 17 0F 0F 07 0B 00 00 00 00 FF")); // 133 back
        Assert.Equal("9051FF", _rig.Run(2));
        Assert.Equal(0, _rig.Head.Pan.Position, 9);
    }

    [Fact]
    public void A_stop_completes_the_move_that_it_breaks_off()
    {
        _rig.Send("81 01 06 02 18 17 00 08 0D 0B 00 00 00 00 FF");
        _rig.Run(0.5);
        Assert.Equal("9042FF 9052FF", _rig.Send("81 01 06 01 18 17 03 03 FF"));
        Assert.Equal("9051FF", _rig.Run(0.5));
        Assert.False(_rig.Head.IsMoving);
    }

    [Fact]
    public void Two_sockets_serve_two_moves_and_a_newer_one_takes_the_place_of_its_like()
    {
        Assert.Equal("9041FF", _rig.Send("81 01 06 02 18 17 00 08 0D 0B 00 00 00 00 FF"));
        Assert.Equal("9042FF", _rig.Send("81 01 04 47 04 00 00 00 FF"));
        Assert.Equal("906204FF", _rig.Send("81 22 FF")); // the zoom's socket is cancelled
        Assert.Equal("906205FF", _rig.Send("81 22 FF"));
        Assert.Equal("9051FF 9042FF", _rig.Send("81 01 06 04 FF")); // home
        Assert.Equal("9052FF", _rig.Run(3));
    }

    [Theory]
    [InlineData("81 01 06 01 18 17 03 03 FF")]
    [InlineData("81 01 04 07 00 FF")]
    [InlineData("81 01 06 04 FF")]
    [InlineData("81 01 04 00 03 FF")]
    public void While_both_sockets_wait_no_command_is_taken(string packet)
    {
        _rig.Send("81 01 06 02 18 17 00 08 0D 0B 00 00 00 00 FF");
        _rig.Send("81 01 04 47 04 00 00 00 FF");
        Assert.Equal("906003FF", _rig.Send(packet));
        Assert.Equal("905000000000FF", _rig.Send("81 09 04 47 FF")); // though questions are answered
        _rig.Send("81 21 FF");
        Assert.StartsWith("9041FF", _rig.Send(packet), StringComparison.Ordinal);
    }

    [Fact]
    public void Power_is_told_to_the_network()
    {
        _rig.Send("81 01 06 02 18 17 00 08 0D 0B 00 00 00 00 FF");
        _rig.Control("power off");
        Assert.Equal("", _rig.Send("81 09 04 47 FF"));
        Assert.Equal("", _rig.Run(1));
        Assert.False(_rig.Head.IsMoving);
        _rig.Control("power on");
        Assert.Equal("9038FF", _rig.Run(0.1));
        Assert.Equal("905000000000FF", _rig.Send("81 09 04 47 FF"));
    }

    [Fact]
    public void Zoom_runs_at_a_speed_and_to_a_position()
    {
        Assert.Equal("9041FF 9051FF", _rig.Send("81 01 04 07 27 FF"));
        _rig.Run(1);
        Assert.Equal(0.25, _rig.Head.Zoom.Velocity, 6); // end to end in four seconds
        Assert.Equal("9041FF 9051FF", _rig.Send("81 01 04 07 03 FF"));
        _rig.Run(0.5);
        Assert.Equal(-0.125, _rig.Head.Zoom.Velocity, 6);
        _rig.Send("81 01 04 07 00 FF");
        _rig.Run(1);
        Assert.Equal("9041FF", _rig.Send("81 01 04 47 04 00 00 00 FF"));
        Assert.Equal("9051FF", _rig.Run(6));
        Assert.Equal("905004000000FF", _rig.Send("81 09 04 47 FF"));
    }

    [Fact]
    public void Presets_are_set_recalled_and_reset()
    {
        Assert.Equal("906041FF", _rig.Send("81 01 04 3F 02 05 FF")); // nothing there yet
        Assert.Equal("9041FF 9051FF", _rig.Send("81 01 04 3F 01 05 FF"));
        _rig.Send("81 01 06 01 18 17 02 01 FF");
        _rig.Run(1);
        Assert.Equal("9041FF", _rig.Send("81 01 04 3F 02 05 FF"));
        Assert.Equal("9051FF", _rig.Run(3));
        Assert.Equal((0, 0), (_rig.Head.Pan.Position, _rig.Head.Tilt.Position));
    }

    [Theory]
    [InlineData("81 01 06 01 19 17 03 03 FF")] // speeds end at 0x18
    [InlineData("81 01 06 02 18 17 00 09 00 00 00 00 00 00 FF")] // beyond 170 degrees
    [InlineData("81 01 04 47 05 00 00 00 FF")]
    [InlineData("81 01 04 38 02 FF")] // focus is left out
    [InlineData("81 09 7E 7E FF")]
    [InlineData("81 55 FF")]
    public void What_it_does_not_know_is_a_syntax_error(string packet) => Assert.Equal("906002FF", _rig.Send(packet));

    [Fact]
    public void A_camera_that_is_off_cannot_execute()
    {
        Assert.Equal("9041FF 9051FF", _rig.Send("81 01 04 00 03 FF"));
        Assert.Equal("906041FF", _rig.Send("81 01 06 04 FF"));
        Assert.Equal("905003FF", _rig.Send("81 09 04 00 FF"));
        _rig.Send("81 01 04 00 02 FF");
        Assert.Equal("9041FF", _rig.Send("81 01 06 04 FF"));
    }

    [Fact]
    public void Both_languages_are_told_apart_on_one_line()
    {
        var answers = _rig.Send("81 09 04 47 FF" + SimulatedHeadRig.PelcoD("00510000") + "8109061 2FF");
        Assert.Equal("905000000000FF FF01005900005A 90500000000000000000FF", answers);
    }

    private static bool Close((double, double) expected, (double, double) actual) =>
        Math.Abs(expected.Item1 - actual.Item1) < 1e-6 && Math.Abs(expected.Item2 - actual.Item2) < 1e-6;
}
