using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Ptz;
using EdgeCam.Agent.Devices.Ptz.PelcoD;

namespace EdgeCam.Agent.Tests.Ptz;

/// <summary>
/// Bytes as the published command tables have them: Pelco's "D" protocol (TF-0002) as printed, among others, in the manuals of the DVDO C7-1
/// (pages 56, 57) and the AViPAS AV-2020 (page 30): FF, address, 00, 02 right / 04 left / 08 up / 10 down / 20 tele / 40 wide, pan speed, tilt
/// speed, sum; queries 51, 53 and 55, answered by 59, 5B and 5D.
/// </summary>
public class PelcoDDriverTests
{
    private const string Stop = "FF010000000001";

    [Fact]
    public void Messages_are_those_of_the_table()
    {
        Assert.Equal("FF010002200023", Convert.ToHexString(PelcoDFrame.Motion(1, 0x20, 0, 0)));
        Assert.Equal("FF010004200025", Convert.ToHexString(PelcoDFrame.Motion(1, -0x20, 0, 0)));
        Assert.Equal("FF010008003F48", Convert.ToHexString(PelcoDFrame.Motion(1, 0, 0x3F, 0)));
        Assert.Equal("FF010010003F50", Convert.ToHexString(PelcoDFrame.Motion(1, 0, -0x3F, 0)));
        Assert.Equal("FF01000C10203D", Convert.ToHexString(PelcoDFrame.Motion(1, -0x10, 0x20, 0)));
        Assert.Equal("FF010020000021", Convert.ToHexString(PelcoDFrame.Motion(1, 0, 0, 1)));
        Assert.Equal("FF010040000041", Convert.ToHexString(PelcoDFrame.Motion(1, 0, 0, -1)));
        Assert.Equal(Stop, Convert.ToHexString(PelcoDFrame.Stop(1)));
        Assert.Equal("FF010051000052", Convert.ToHexString(PelcoDFrame.Query(1, PtzAxis.Pan)));
        Assert.Equal("FF010053000054", Convert.ToHexString(PelcoDFrame.Query(1, PtzAxis.Tilt)));
        Assert.Equal("FF010055000056", Convert.ToHexString(PelcoDFrame.Query(1, PtzAxis.Zoom)));
        Assert.Equal("FF01004B232897", Convert.ToHexString(PelcoDFrame.SetPosition(1, PtzAxis.Pan, 9000)));
        Assert.Equal("FF01004D000A58", Convert.ToHexString(PelcoDFrame.SetPosition(1, PtzAxis.Tilt, 10)));
        Assert.Equal("FF01004FFFFF4E", Convert.ToHexString(PelcoDFrame.SetPosition(1, PtzAxis.Zoom, 65535)));
        Assert.Equal("FF010025000329", Convert.ToHexString(PelcoDFrame.SetZoomSpeed(1, 3)));
    }

    /// <summary>TF-0002 on 4F and 5D: magnification / zoom limit * 65535; its example is X5 of X184.</summary>
    [Fact]
    public void A_zoom_position_is_the_magnification_in_parts_of_the_highest()
    {
        var scale = new PelcoDScale(new(PtzAxis.Zoom, 1, 184, 1, 184, 3, 12), isTiltUpwards: false);
        Assert.Equal(1781, scale.ToRaw(5));
        Assert.Equal(5, scale.ToUnits(1781), 2);
        Assert.Equal((356, 65535), (scale.ToRaw(1), scale.ToRaw(184)));
        var inverted = new PelcoDScale(new(PtzAxis.Zoom, 1, 184, 1, 184, 3, 12, IsInverted: true), isTiltUpwards: false);
        Assert.Equal((65535, 356), (inverted.ToRaw(1), inverted.ToRaw(184)));
        Assert.Equal(5, inverted.ToUnits(inverted.ToRaw(5)), 2);
    }

    [Fact]
    public void Where_the_position_is_reckoned_a_velocity_leads_on_past_the_mechanical_end_and_not_past_a_soft_one()
    {
        var rig = PtzRig.PelcoD();
        Hold(rig, 1, 10_000); // by the estimate it was there after three seconds
        Assert.Equal(0x02, rig.Port.Written[^1].Data[3]);
        Assert.True(rig.Status.IsMoving);
        Assert.Equal(1, rig.Position(PtzAxis.Pan));
        Hold(rig, -1, 1000); // and inwards from there
        Assert.InRange(rig.Position(PtzAxis.Pan), 0.6, 0.85);

        var soft = PtzRig.PelcoD(pan: new(SoftMaximum: 90));
        Hold(soft, 1, 10_000);
        Assert.False(soft.Status.IsMoving);
        Assert.Equal(90 / 170.0, soft.Position(PtzAxis.Pan), 2);
    }

    [Fact]
    public void The_line_begins_with_a_stop_and_the_guard_has_three()
    {
        var rig = new PtzRig(new("cam0", "pelco-d:/dev/ttyUSB0?address=1&baud=2400"));
        Assert.Equal("serial:/dev/ttyUSB0?baud=2400", rig.Port.Plan.Uri);
        Assert.Equal([Stop], rig.Port.Plan.Start.Select(Convert.ToHexString));
        Assert.Equal([Stop, Stop, Stop], rig.Port.Plan.Safe.Select(Convert.ToHexString));
        Assert.Equal(PtzRefusalKind.Unavailable, rig.Drive(1)?.Kind);
        rig.Port.Open();
        rig.Run(20);
        Assert.Equal(Stop, rig.Port.Hex.First());
        Assert.Null(rig.Drive(1));
    }

    [Fact]
    public void A_speed_is_sent_when_it_changes_and_again_each_half_second()
    {
        var rig = PtzRig.PelcoD();
        Hold(rig, 32 / 63.0, 2000);
        Assert.Equal("FF010002200023", rig.Port.Hex.Last());
        var constant = rig.Port.Written.SkipWhile(write => Convert.ToHexString(write.Data) != "FF010002200023").ToList();
        Assert.All(constant, write => Assert.Equal("FF010002200023", Convert.ToHexString(write.Data)));
        Assert.All(constant.Zip(constant.Skip(1)), pair => Assert.InRange((pair.Second.At - pair.First.At).TotalMilliseconds, 490, 520));
    }

    [Theory]
    [InlineData(2400)]
    [InlineData(9600)]
    public void A_slow_line_is_never_given_more_than_it_carries(int baud)
    {
        var rig = new PtzRig(new("cam0", $"pelco-d:/dev/ttyUSB0?address=1&baud={baud}"));
        rig.Port.Open();
        rig.Run(500);
        rig.Port.Written.Clear();
        var random = new Random(5);
        for (var i = 0; i < 100; i++)
            Hold(rig, (random.NextDouble() * 2) - 1, 20);
        var free = rig.Port.Written[0].At;
        foreach (var (at, data) in rig.Port.Written.Where(write => write.Data[3] != 0)) // a stop waits for nothing
        {
            Assert.True(at >= free - TimeSpan.FromMilliseconds(1), "It was written while the line was busy.");
            free = at + TimeSpan.FromSeconds(data.Length * 10.0 / baud);
        }
    }

    [Fact]
    public void A_motion_ends_with_three_stops_forty_milliseconds_apart()
    {
        var rig = PtzRig.PelcoD();
        Hold(rig, 1, 100);
        rig.Port.Written.Clear();
        var now = rig.Now;
        rig.Head.Stop(PtzRig.Ann, Enum.GetValues<PtzAxis>(), null, rig.Now);
        rig.Run(1000);
        Assert.Equal([Stop, Stop, Stop], rig.Port.Hex);
        Assert.Equal([0, 40, 80], rig.Port.Written.Select(write => (write.At - now).TotalMilliseconds));
    }

    [Fact]
    public void The_stop_of_a_dead_man_is_on_the_line_320_milliseconds_after_the_last_message()
    {
        var rig = PtzRig.PelcoD();
        Hold(rig, 1, 1000);
        var last = rig.Now - TimeSpan.FromMilliseconds(100);
        rig.RunUntil(() => rig.Port.Hex.Last() == Stop, 1000);
        Assert.InRange((rig.Now - last).TotalMilliseconds, 300, 320);
        Assert.Equal(PtzChange.DeadMan, rig.Told[^1].Reason);
    }

    [Fact]
    public void Whoever_asks_for_stops_a_thousand_times_gets_three()
    {
        var rig = PtzRig.PelcoD();
        Hold(rig, 1, 100);
        rig.Port.Written.Clear();
        for (var i = 0; i < 1000; i++)
            rig.Head.Stop(PtzRig.Bob, Enum.GetValues<PtzAxis>(), null, rig.Now);
        rig.Run(200);
        Assert.Equal(3, rig.Port.Written.Count);
    }

    [Fact]
    public void A_stop_of_one_axis_goes_at_once_and_leaves_the_other()
    {
        var rig = PtzRig.PelcoD();
        rig.Head.ContinuousMove(PtzRig.Ann, new(1, 1), null, null, rig.Now);
        rig.Run(280);
        rig.Port.Written.Clear();
        rig.Head.Stop(PtzRig.Ann, [PtzAxis.Pan], null, rig.Now);
        Assert.Equal("FF010008003F48", Assert.Single(rig.Port.Hex));
    }

    [Fact]
    public void An_inverted_axis_turns_the_other_way_round()
    {
        var rig = PtzRig.PelcoD(pan: new(Invert: true));
        Hold(rig, 1, 500);
        Assert.Equal(0x04, rig.Port.Written[^1].Data[3]);
        Assert.True(rig.Position(PtzAxis.Pan) > 0);
    }

    [Fact]
    public void The_zoom_has_four_speeds()
    {
        var rig = PtzRig.PelcoD();
        rig.Head.ContinuousMove(PtzRig.Ann, new(Zoom: 0.5), null, null, rig.Now);
        rig.Run(280);
        Assert.Equal("FF010020000021", rig.Port.Hex.Last());
        Assert.Contains("FF010025000127", rig.Port.Hex);
    }

    [Fact]
    public void A_head_that_tells_nothing_is_led_by_reckoning()
    {
        var rig = PtzRig.PelcoD();
        var head = new PelcoDHead();
        rig.Port.Answer = head.Handle;
        rig.Head.AbsoluteMove(PtzRig.Ann, new(Pan: 0.5, Tilt: 0.25), 1, null, rig.Now);
        Arrive(rig, head);
        Assert.True(rig.Status.IsEstimated);
        Assert.Equal(0.5, rig.Position(PtzAxis.Pan), 2);
        Assert.InRange(head.Pan, 85 - 2, 85 + 2);
        Assert.InRange(head.Tilt, 45 - 2, 45 + 2);
    }

    [Fact]
    public void Reckoned_positions_stay_close_to_the_truth_over_many_moves()
    {
        var rig = PtzRig.PelcoD();
        var head = new PelcoDHead();
        rig.Port.Answer = head.Handle;
        var random = new Random(9);
        for (var i = 0; i < 50; i++)
        {
            var position = (random.NextDouble() * 1.6) - 0.8;
            rig.Head.AbsoluteMove(PtzRig.Ann, new(Pan: position), 0.2 + (random.NextDouble() * 0.8), null, rig.Now);
            Arrive(rig, head);
            Assert.InRange(rig.Position(PtzAxis.Pan), position - 0.003, position + 0.003);
        }

        Assert.InRange(head.Pan, (rig.Position(PtzAxis.Pan) * 170) - 5, (rig.Position(PtzAxis.Pan) * 170) + 5);
    }

    [Fact]
    public void A_port_that_fails_is_named_and_the_head_is_back_with_a_stop_once_it_opens_again()
    {
        var rig = PtzRig.PelcoD();
        Hold(rig, 1, 200);
        rig.Port.Fail(new("/dev/ttyUSB0 is gone", "Plug it in"));
        rig.Run(40);
        Assert.Equal("/dev/ttyUSB0 is gone", rig.Status.Fault?.What);
        Assert.False(rig.Status.IsMoving);
        Assert.Equal(PtzChange.Fault, rig.Told[^1].Reason);
        Assert.Equal("Plug it in", rig.Drive(1)?.Remedy);
        rig.Port.Written.Clear();
        rig.Port.Open();
        rig.Run(40);
        Assert.Equal(Stop, rig.Port.Hex.First());
        Assert.Null(rig.Status.Fault);
        Assert.Null(rig.Drive(1));
    }

    internal static void Hold(PtzRig rig, double pan, int milliseconds)
    {
        for (var i = 0; i < milliseconds; i += 20)
        {
            if (i % 100 == 0)
                rig.Drive(pan);
            rig.Run(20);
        }
    }

    internal static void Arrive(PtzRig rig, PelcoDHead head) => rig.RunUntil(() =>
    {
        head.Advance(0.02);
        rig.Head.Hear(PtzRig.Ann, rig.Now);
        return !rig.Status.IsMoving;
    });
}
