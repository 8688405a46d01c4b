using EdgeCam.Agent.Devices.Ptz;
using EdgeCam.Agent.Devices.Ptz.Visca;

namespace EdgeCam.Agent.Tests.Ptz;

/// <summary>
/// Bytes as the published command lists have them: Sony SRG-X400 (command list 7/8: 8x 01 06 01 vv ww 02 03 right, 01 03 left, 03 01 up,
/// 03 02 down, 03 03 stop; 01 06 02 vv 00 absolute), Sony EVI-D70 (01 06 02 vv ww absolute, tilt speeds to 17h), Sony EVI-D100 (to 14h), Sony FCB-EH4300 (88 30 01 address set, 88 01 00 01 IF_Clear, 8x 2p cancel, z0 4y acknowledgement,
/// z0 5y completion, z0 6y errors 01 to 05 and 41), DVDO C7-1 (page 56: 8x 09 06 12 answered by y0 50 0w 0w 0w 0w 0z 0z 0z 0z).
/// </summary>
public class ViscaDriverTests
{
    private const string PanTiltStop = "8101060101010303FF";
    private const string ZoomStop = "8101040700FF";

    private readonly ViscaHead _head = new();
    private readonly PtzRig _rig;

    public ViscaDriverTests() => _rig = Open("&position=reckon");

    [Fact]
    public void Packets_are_those_of_the_lists()
    {
        Assert.Equal("8101060118010203FF", Convert.ToHexString(ViscaPacket.PanTiltDrive(1, 0x18, 0)));
        Assert.Equal("8101060118010103FF", Convert.ToHexString(ViscaPacket.PanTiltDrive(1, -0x18, 0)));
        Assert.Equal("8101060101170301FF", Convert.ToHexString(ViscaPacket.PanTiltDrive(1, 0, 0x17)));
        Assert.Equal("8101060101170302FF", Convert.ToHexString(ViscaPacket.PanTiltDrive(1, 0, -0x17)));
        Assert.Equal("8101060110080102FF", Convert.ToHexString(ViscaPacket.PanTiltDrive(1, -0x10, -8)));
        Assert.Equal(PanTiltStop, Convert.ToHexString(ViscaPacket.PanTiltDrive(1, 0, 0)));
        Assert.Equal(ZoomStop, Convert.ToHexString(ViscaPacket.ZoomDrive(1, 0)));
        Assert.Equal("8101040727FF", Convert.ToHexString(ViscaPacket.ZoomDrive(1, 8)));
        Assert.Equal("8101040730FF", Convert.ToHexString(ViscaPacket.ZoomDrive(1, -1)));
        Assert.Equal("8101060218170F0E0F0C00010002FF", Convert.ToHexString(ViscaPacket.PanTiltAbsolute(1, 0x18, 0x17, unchecked((short)0xFEFC), 0x0102)));
        Assert.Equal("8101044704000000FF", Convert.ToHexString(ViscaPacket.ZoomDirect(1, 0x4000)));
        Assert.Equal("8122FF", Convert.ToHexString(ViscaPacket.Cancel(1, 2)));
        Assert.Equal("81090612FF", Convert.ToHexString(ViscaPacket.PanTiltPositionInquiry(1)));
        Assert.Equal("81090447FF", Convert.ToHexString(ViscaPacket.ZoomPositionInquiry(1)));
    }

    [Fact]
    public void The_line_begins_with_stops_and_the_chain_is_counted_and_cleared()
    {
        Assert.Equal("serial:/dev/ttyUSB0?baud=9600", _rig.Port.Plan.Uri);
        Assert.Equal([PanTiltStop, ZoomStop], _rig.Port.Plan.Start.Select(Convert.ToHexString));
        Assert.Equal(3, _rig.Port.Plan.Safe.Count(packet => Convert.ToHexString(packet) == PanTiltStop));
        var hex = _rig.Port.Hex.ToList();
        Assert.Equal([PanTiltStop, ZoomStop], hex.Take(2));
        Assert.InRange(hex.IndexOf("88300" + "1FF"), 1, hex.IndexOf("88010001FF"));
        Assert.True(_rig.Status.IsReady);
    }

    [Fact]
    public void A_head_on_which_nobody_answers_is_not_ready_and_is_when_one_does()
    {
        var rig = new PtzRig(new("cam0", "visca:/dev/ttyUSB0?address=1"));
        rig.Port.Open();
        rig.Run(6000);
        Assert.Equal("the head does not answer", rig.Status.Fault?.What);
        Assert.Equal(PtzRefusalKind.Unavailable, rig.Drive(1)?.Kind);
        rig.Port.Answer = new ViscaHead().Handle;
        rig.Run(8000);
        Assert.Null(rig.Status.Fault);
        Assert.True(rig.Status.IsReady);
    }

    [Fact]
    public void A_speed_is_sent_when_it_changes_and_a_stop_three_times()
    {
        Hold(1, 1000);
        Assert.Equal(1, _rig.Port.Hex.Count(hex => hex == "8101060118010203FF"));
        _rig.Port.Written.Clear();
        _rig.Head.Stop(PtzRig.Ann, Enum.GetValues<PtzAxis>(), null, _rig.Now);
        Assert.Equal([PanTiltStop, ZoomStop], _rig.Port.Hex);
        Assert.False(_head.IsMoving);
        _rig.Run(500);
        Assert.Equal(3, _rig.Port.Hex.Count(hex => hex == PanTiltStop));
    }

    [Fact]
    public void A_command_that_is_not_acknowledged_is_told_again()
    {
        _head.IsDeaf = true;
        _rig.Drive(1);
        _rig.Run(100);
        _head.IsDeaf = false;
        Hold(1, 600);
        Assert.True(_head.IsMoving);
    }

    [Fact]
    public void A_refusal_is_named_and_over_with_the_next_command_that_is_taken()
    {
        _head.Refusal = ViscaError.NotExecutable;
        _rig.Drive(1);
        _rig.Run(100);
        Assert.Contains("not executable", _rig.Status.Fault?.What, StringComparison.Ordinal);
        Assert.False(_rig.Status.IsMoving);
        _head.Refusal = null;
        Assert.Null(_rig.Drive(1));
        _rig.Run(100);
        Assert.Null(_rig.Status.Fault);
        Assert.True(_head.IsMoving);
    }

    [Fact]
    public void A_full_buffer_is_no_fault_and_the_command_comes_again()
    {
        _head.Refusal = ViscaError.BufferFull;
        _rig.Drive(1);
        _rig.Run(60);
        _head.Refusal = null;
        Hold(1, 200);
        Assert.Null(_rig.Status.Fault);
        Assert.True(_head.IsMoving);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ViscaError.BufferFull)]
    [InlineData(ViscaError.NotExecutable)]
    public void A_stop_that_is_not_acknowledged_comes_again_until_it_is(byte? refusal)
    {
        Hold(1, 300);
        (_head.MissesStops, _head.StopRefusal) = (true, refusal);
        _rig.Head.Stop(PtzRig.Ann, Enum.GetValues<PtzAxis>(), null, _rig.Now);
        _rig.Run(1500);
        Assert.True(_head.IsMoving);
        (_head.MissesStops, _head.StopRefusal) = (false, null);
        _rig.Run(140);
        Assert.False(_head.IsMoving);
        Assert.Null(_rig.Status.Fault);
        _rig.Port.Written.Clear();
        _rig.Run(1000);
        Assert.DoesNotContain(PanTiltStop, _rig.Port.Hex);
    }

    [Fact]
    public void A_head_whose_buffer_was_full_stops_when_the_stick_is_centred()
    {
        Hold(0.2, 300);
        _head.Refusal = ViscaError.BufferFull;
        _rig.Drive(1);
        _rig.Run(100);
        _rig.Drive(0);
        _rig.Run(500);
        Assert.False(_rig.Status.IsMoving);
        Assert.Equal(0, _head.PanSpeed);
    }

    [Fact]
    public void A_stop_of_one_motor_comes_again_while_the_other_goes_on()
    {
        _rig.Head.ContinuousMove(PtzRig.Remote, new(Pan: 0.1, Zoom: 0.1), TimeSpan.FromSeconds(10), null, _rig.Now);
        _rig.Run(200);
        _head.MissesStops = true;
        _rig.Head.Stop(PtzRig.Ann, [PtzAxis.Zoom], null, _rig.Now);
        _rig.Run(600);
        Assert.NotEqual(0, _head.ZoomSpeed);
        _head.MissesStops = false;
        _rig.Run(200);
        Assert.Equal(0, _head.ZoomSpeed);
        Assert.NotEqual(0, _head.PanSpeed);
    }

    [Fact]
    public void A_stop_that_is_never_acknowledged_is_a_fault_until_one_is()
    {
        Hold(1, 300);
        _head.StopRefusal = ViscaError.NotExecutable;
        _rig.Head.Stop(PtzRig.Ann, Enum.GetValues<PtzAxis>(), null, _rig.Now);
        _rig.Run(1900);
        Assert.True(_rig.Status.IsReady);
        _rig.Run(200);
        Assert.Equal("the head does not take a stop of pan and tilt", _rig.Status.Fault?.What);
        Assert.Equal(PtzRefusalKind.Unavailable, _rig.Drive(1)?.Kind);
        _rig.Run(20_000);
        Assert.NotNull(_rig.Status.Fault);
        _head.StopRefusal = null;
        _rig.Run(6000);
        Assert.Null(_rig.Status.Fault);
        Assert.True(_rig.Status.IsReady);
        Assert.False(_head.IsMoving);
    }

    [Fact]
    public void A_position_is_handed_over_with_its_speed_and_both_sockets_at_most_are_taken()
    {
        var (rig, head) = Queried();
        Assert.Null(rig.Head.AbsoluteMove(PtzRig.Ann, new(0.5, 0.25, 0.5), 0.5, null, rig.Now));
        rig.Run(100);
        // 85 degrees are 1133 steps of 0.075, 45 degrees 600; half of the zoom is 2000h.
        Assert.Contains("81010602" + "0C0A" + "0004060D" + "00020508" + "FF", rig.Port.Hex);
        Assert.Contains("8101044702000000FF", rig.Port.Hex);
        Arrive(rig, head);
        Assert.Equal(0.5, rig.Position(PtzAxis.Pan), 2);
        Assert.Equal(0.5, rig.Position(PtzAxis.Zoom), 2);
        Assert.InRange(head.MostUnderWay, 1, 2);
    }

    [Fact]
    public void A_stop_cancels_what_is_under_way()
    {
        var (rig, head) = Queried();
        rig.Head.AbsoluteMove(PtzRig.Ann, new(0.9, 0.9, 0.9), 1, null, rig.Now);
        rig.Run(100);
        Assert.True(head.IsMoving);
        rig.Port.Written.Clear();
        rig.Head.Stop(PtzRig.Bob, Enum.GetValues<PtzAxis>(), null, rig.Now);
        Assert.Equal([PanTiltStop, ZoomStop, "8121FF", "8122FF"], rig.Port.Hex);
        Assert.False(head.IsMoving);
    }

    [Fact]
    public void A_joystick_takes_over_although_both_sockets_are_taken()
    {
        var (rig, head) = Queried();
        rig.Head.AbsoluteMove(PtzRig.Ann, new(0.9, 0.9, 0.9), 1, null, rig.Now);
        rig.Run(100);
        for (var i = 0; i < 10; i++)
        {
            rig.Drive(-1);
            rig.Run(100, () => head.Advance(0.02));
        }

        Assert.True(head.PanSpeed < 0);
        Assert.InRange(head.MostUnderWay, 1, 2);
    }

    [Fact]
    public void A_head_that_does_not_know_the_inquiry_says_what_to_change()
    {
        var head = new ViscaHead { KnowsInquiries = false };
        var rig = new PtzRig(new("cam0", "visca:/dev/ttyUSB0"));
        rig.Port.Answer = head.Handle;
        rig.Port.Open();
        rig.Run(2000);
        Assert.Contains("position=reckon", rig.Status.Fault?.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "14", "0A")]
    [InlineData("&tiltSpeeds=20", "14", "0A")]
    [InlineData("&tiltSpeeds=23", "17", "0C")]
    public void Tilt_is_no_faster_than_the_head_has_speeds(string more, string top, string half)
    {
        var rig = Open(more);
        Assert.Null(rig.Head.ContinuousMove(PtzRig.Ann, new(Tilt: 1), null, null, rig.Now));
        rig.Run(280);
        Assert.Equal(top, rig.Port.Hex.Where(hex => hex.StartsWith("81010601", StringComparison.Ordinal)).Max(hex => hex[10..12]));
        rig.Run(2000);
        Assert.Null(rig.Head.AbsoluteMove(PtzRig.Ann, new(0.5, 0.25), 0.5, null, rig.Now));
        rig.Run(100);
        Assert.Contains(rig.Port.Hex, hex => hex.StartsWith($"810106020C{half}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0x90)]
    [InlineData(0xA0)]
    [InlineData(0xF0)]
    public void A_camera_that_gets_power_is_greeted_anew(byte from)
    {
        Hold(1, 300);
        Assert.True(_rig.Status.IsMoving);
        _rig.Port.Written.Clear();
        _rig.Port.Receive(from, 0x38, 0xFF);
        Assert.False(_rig.Status.IsMoving);
        Assert.False(_rig.Status.IsReady);
        _rig.Run(1000);
        var hex = _rig.Port.Hex.ToList();
        Assert.InRange(hex.IndexOf("883001FF"), 0, hex.IndexOf("88010001FF"));
        Assert.Contains(PanTiltStop, hex);
        Assert.True(_rig.Status.IsReady);
        Assert.Null(_rig.Status.Fault);
        Assert.Null(_rig.Drive(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Garbage_is_passed_over_and_what_is_whole_is_found(int seed)
    {
        var random = new Random(seed);
        var replies = new ViscaReplies();
        byte[] answer = [0x90, 0x50, 1, 2, 3, 4, 5, 6, 7, 8, 0xFF];
        var found = 0;
        for (var i = 0; i < 5000; i++)
        {
            var noise = new byte[random.Next(40)];
            random.NextBytes(noise);
            replies.Append(noise, packet => Assert.InRange(packet.Length, 3, 16));
            replies.Append([0xFF], _ => { });
            var pieces = random.Next(1, answer.Length);
            replies.Append(answer.AsSpan(0, pieces), _ => Assert.Fail("It is not whole."));
            replies.Append(answer.AsSpan(pieces), packet => found += packet.SequenceEqual(answer) ? 1 : 0);
        }

        Assert.Equal(5000, found);
    }

    [Fact]
    public void A_head_that_sends_anything_at_all_moves_nothing_by_it_and_breaks_nothing()
    {
        var (rig, _) = Queried();
        var random = new Random(8);
        for (var i = 0; i < 20_000; i++)
        {
            byte[] packet = [0x90, (byte)random.Next(256), .. Enumerable.Range(0, random.Next(14)).Select(_ => (byte)random.Next(255)), 0xFF];
            rig.Port.Receive(packet);
            if (i % 50 == 0)
                rig.Run(20);
        }

        Assert.False(rig.Status.IsMoving);
        Assert.DoesNotContain(rig.Port.Hex.TakeLast(1000), hex => hex.StartsWith("81010601", StringComparison.Ordinal) && hex != PanTiltStop);
    }

    private PtzRig Open(string more)
    {
        var rig = new PtzRig(new("cam0", $"visca:/dev/ttyUSB0?address=1&baud=9600{more}"));
        rig.Port.Answer = _head.Handle;
        rig.Port.Open();
        rig.Run(1000);
        return rig;
    }

    private (PtzRig Rig, ViscaHead Head) Queried()
    {
        var rig = Open(""); // it is asked unless told otherwise
        Assert.True(rig.Status.IsReady);
        return (rig, _head);
    }

    private void Hold(double pan, int milliseconds)
    {
        for (var i = 0; i < milliseconds; i += 100)
        {
            _rig.Drive(pan);
            _rig.Run(100);
        }
    }

    private static void Arrive(PtzRig rig, ViscaHead head) => rig.RunUntil(() =>
    {
        head.Advance(0.02);
        rig.Head.Hear(PtzRig.Ann, rig.Now);
        return !rig.Status.IsMoving;
    });
}
