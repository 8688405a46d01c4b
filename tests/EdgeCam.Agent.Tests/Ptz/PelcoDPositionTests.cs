using EdgeCam.Agent.Devices.Ptz;
using EdgeCam.Agent.Devices.Ptz.PelcoD;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Ptz;

/// <summary>A Pelco-D head that tells where it is.</summary>
public class PelcoDPositionTests
{
    private readonly PelcoDHead _head = new() { Pan = 34, Tilt = 30 };
    private readonly PtzRig _rig = new(new("cam0", "pelco-d:/dev/ttyUSB0?address=1&baud=9600&position=query"));

    public PelcoDPositionTests()
    {
        _rig.Port.Answer = _head.Handle;
        _rig.Port.Open();
    }

    [Fact]
    public void It_is_ready_once_it_has_told_all_positions()
    {
        Assert.False(_rig.Status.IsReady);
        Assert.Null(_rig.Status.Axes[0].Position);
        Run(500);
        Assert.True(_rig.Status.IsReady);
        Assert.False(_rig.Status.IsEstimated);
        Assert.Equal((0.2, 0, 0), (_rig.Position(PtzAxis.Pan), _rig.Position(PtzAxis.Tilt), _rig.Position(PtzAxis.Zoom)));
    }

    [Fact]
    public void It_is_asked_each_two_seconds_at_rest_and_often_while_it_moves()
    {
        Run(3000);
        _rig.Port.Written.Clear();
        Run(6000);
        Assert.Equal(9, _rig.Port.Written.Count);
        _rig.Port.Written.Clear();
        Hold(0.3, 1000);
        Assert.InRange(_rig.Port.Written.Count(write => write.Data[3] == PelcoDFrame.QueryPan), 4, 6);
    }

    [Fact]
    public void A_position_is_handed_over_and_reached()
    {
        Run(500);
        _rig.Head.AbsoluteMove(PtzRig.Ann, new(-0.5, 0.5), 1, null, _rig.Now);
        Run(100);
        Assert.Contains("FF01004B6B6C23", _rig.Port.Hex); // -85 degrees are 27500 hundredths, clockwise from 0
        Assert.Contains("FF01004D7530F3", _rig.Port.Hex); // 60 degrees up are 30000, downwards from the horizontal
        PelcoDDriverTests.Arrive(_rig, _head);
        Assert.Equal(-85, _head.Pan, 1);
        Assert.Equal(60, _head.Tilt, 1);
        Assert.Equal(-0.5, _rig.Position(PtzAxis.Pan), 2);
    }

    [Fact]
    public void A_stop_on_the_way_stops_it()
    {
        Run(500);
        _rig.Head.AbsoluteMove(PtzRig.Ann, new(-0.5, 0.5), 1, null, _rig.Now);
        Run(200);
        Assert.True(_head.IsMoving);
        _rig.Head.Stop(PtzRig.Bob, [PtzAxis.Pan], null, _rig.Now); // one axis: the other is led there
        Assert.False(_head.IsMoving);
        PelcoDDriverTests.Arrive(_rig, _head);
        Run(1500); // it is asked once more
        Assert.True(_head.Pan > 0);
        Assert.Equal(60, _head.Tilt, 0);
        _rig.Head.AbsoluteMove(PtzRig.Ann, new(-0.5, 0.5), 1, null, _rig.Now);
        Run(320);
        Assert.False(_head.IsMoving); // nobody was heard
    }

    [Fact]
    public void A_joystick_takes_over_from_a_move_to_a_position()
    {
        Run(500);
        _rig.Head.AbsoluteMove(PtzRig.Ann, new(-0.5), 1, null, _rig.Now);
        Run(200);
        Hold(0.5, 500);
        Assert.Contains(_rig.Port.Hex.TakeLast(15), hex => hex.StartsWith("FF010002", StringComparison.Ordinal));
        _rig.Head.Stop(PtzRig.Ann, Enum.GetValues<PtzAxis>(), null, _rig.Now);
        Assert.False(_head.IsMoving);
    }

    [Fact]
    public void It_stops_before_the_soft_end_by_what_it_tells()
    {
        var rig = new PtzRig(new("cam0", "pelco-d:/dev/ttyUSB0?address=1&baud=9600&position=query", Pan: new(SoftMaximum: 90)));
        var head = new PelcoDHead { Pan = 0 };
        rig.Port.Answer = head.Handle;
        rig.Port.Open();
        rig.Run(500);
        for (var i = 0; i < 200; i++)
        {
            if (i % 5 == 0)
                rig.Drive(1);
            rig.Run(20, () => head.Advance(0.02));
        }

        Assert.InRange(head.Pan, 88, 91);
    }

    [Fact]
    public void Three_questions_in_vain_are_a_fault_that_ends_with_an_answer()
    {
        Run(500);
        _head.IsSilent = true;
        Run(10_000);
        Assert.Contains("does not answer", _rig.Status.Fault?.What, StringComparison.Ordinal);
        Assert.NotEmpty(_rig.Status.Fault!.Remedy);
        Assert.Equal(PtzRefusalKind.Unavailable, _rig.Drive(1)?.Kind);
        _head.IsSilent = false;
        Run(3000);
        Assert.Null(_rig.Status.Fault);
        Assert.Null(_rig.Drive(1));
    }

    [Fact]
    public void A_head_that_hears_but_does_not_answer_is_told_to_stop()
    {
        Run(500);
        _head.IsSilent = true;
        while (_rig.Status.Fault is null && _rig.Now < new Instant(1) + TimeSpan.FromSeconds(20))
            Hold(0.05, 100);
        Assert.NotNull(_rig.Status.Fault);
        Run(100);
        Assert.False(_head.IsMoving);
    }

    [Fact]
    public void Two_questions_in_vain_are_none()
    {
        Run(3000);
        var lost = 0;
        _rig.Port.Answer = frame => (frame[3] & 1) != 0 && lost++ < 2 ? null : _head.Handle(frame);
        Run(6000);
        Assert.True(lost > 2);
        Assert.True(_rig.Status.IsReady);
        Assert.DoesNotContain(_rig.Told, told => told.Reason == PtzChange.Fault);
    }

    [Fact]
    public void An_axis_that_does_not_move_is_a_fault_until_it_does()
    {
        Run(500);
        _head.IsStuck = true;
        var start = _rig.Now;
        while (_rig.Status.Fault is null && (_rig.Now - start).TotalSeconds < 10)
            Hold(0.5, 100);
        Assert.InRange((_rig.Now - start).TotalSeconds, 2, 3);
        Assert.Equal("pan does not move", _rig.Status.Fault?.What);
        Assert.False(_rig.Status.IsMoving);
        Assert.False(_head.IsMoving);
        _head.IsStuck = false;
        Hold(0.5, 1000);
        Assert.Null(_rig.Status.Fault);
    }

    [Fact]
    public void A_stuck_head_that_was_sent_to_a_position_is_noticed_too()
    {
        Run(500);
        _head.IsStuck = true;
        _rig.Head.AbsoluteMove(PtzRig.Ann, new(Tilt: 0.5), 1, null, _rig.Now);
        for (var i = 0; i < 30; i++)
        {
            _rig.Head.Hear(PtzRig.Ann, _rig.Now);
            Run(100);
        }

        Assert.Equal("tilt does not move", _rig.Status.Fault?.What);
    }

    [Fact]
    public void Against_its_end_a_head_does_not_count_as_stuck()
    {
        Run(500);
        _head.Pan = 170;
        Run(2500);
        Hold(1, 4000);
        Assert.Null(_rig.Status.Fault);
        Assert.Equal(AxisEnd.Maximum, _rig.Status.Axes[0].AtEnd);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Garbage_is_passed_over_and_what_is_whole_is_found(int seed)
    {
        var random = new Random(seed);
        var replies = new PelcoDReplies(1);
        var answer = _head.Handle(PelcoDFrame.Query(1, PtzAxis.Pan))!;
        var found = 0;
        for (var i = 0; i < 5000; i++)
        {
            var noise = new byte[random.Next(12)];
            random.NextBytes(noise);
            if (random.Next(4) == 0)
                noise.AsSpan().Fill(0xFF);
            replies.Append(noise, (_, _) => { });
            replies.Append(new byte[PelcoDFrame.Length], (_, _) => { }); // no FF in it: whatever noise had begun ends here
            var pieces = random.Next(1, 7);
            replies.Append(answer.AsSpan(0, pieces), (_, _) => { });
            replies.Append(answer.AsSpan(pieces), (axis, raw) => found += axis == PtzAxis.Pan && raw == 3400 ? 1 : 0);
        }

        Assert.Equal(5000, found);
    }

    [Fact]
    public void The_answer_of_another_head_is_not_this_one_s()
    {
        var replies = new PelcoDReplies(2);
        replies.Append(_head.Handle(PelcoDFrame.Query(1, PtzAxis.Pan)), (_, _) => Assert.Fail("It is another's."));
    }

    [Fact]
    public void A_head_that_talks_nonsense_is_one_that_does_not_answer()
    {
        Run(500);
        var random = new Random(4);
        _rig.Port.Answer = frame =>
        {
            var noise = new byte[7];
            random.NextBytes(noise);
            return (frame[3] & 1) != 0 ? noise : null;
        };
        Run(10_000);
        Assert.NotNull(_rig.Status.Fault);
    }

    private void Run(int milliseconds) => _rig.Run(milliseconds, () => _head.Advance(0.02));

    private void Hold(double pan, int milliseconds)
    {
        for (var i = 0; i < milliseconds; i += 20)
        {
            if (i % 100 == 0)
                _rig.Drive(pan);
            Run(20);
        }
    }
}
