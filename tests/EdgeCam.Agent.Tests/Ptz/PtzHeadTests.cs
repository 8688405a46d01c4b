using EdgeCam.Agent.Devices.Ptz;

namespace EdgeCam.Agent.Tests.Ptz;

/// <summary>Who moves a head and for how long, with a servo head: what it is told is where it is.</summary>
public class PtzHeadTests
{
    private readonly PtzRig _rig = Servos();

    [Fact]
    public void A_move_goes_on_while_it_is_repeated_and_stands_within_half_a_second_of_the_last_message()
    {
        for (var i = 0; i < 12; i++)
        {
            Assert.Null(_rig.Drive(0.2));
            _rig.Run(100);
        }

        Assert.True(_rig.Status.IsMoving);
        var last = _rig.Now;
        _rig.Drive(1);
        _rig.RunUntil(() => !_rig.Status.IsMoving, 1000);
        Assert.InRange((_rig.Now - last).TotalMilliseconds, 300, 440);
        Assert.Contains(_rig.Told, told => told.Reason == PtzChange.DeadMan);
        Assert.Equal(PtzChange.Stopped, _rig.Told[^1].Reason);
    }

    [Fact]
    public void A_word_keeps_a_travel_going_but_only_the_caller_s_own()
    {
        _rig.Head.AbsoluteMove(PtzRig.Ann, new(Pan: 0.9), 0.1, null, _rig.Now);
        Repeat(2000, () => _rig.Head.Hear(PtzRig.Ann, _rig.Now));
        Assert.True(_rig.Status.IsMoving);
        Repeat(500, () => _rig.Head.Hear(PtzRig.Bob, _rig.Now));
        Assert.False(_rig.Status.IsMoving);
    }

    [Fact]
    public void A_silent_caller_s_move_to_a_target_ends_before_it()
    {
        _rig.Head.AbsoluteMove(PtzRig.Ann, new(Pan: 0.9), 1, null, _rig.Now);
        _rig.Run(500);
        Assert.False(_rig.Status.IsMoving);
        Assert.InRange(_rig.Position(PtzAxis.Pan), 0.05, 0.5);
    }

    [Fact]
    public void A_caller_who_leaves_stops_what_it_moves_and_gives_control_back()
    {
        _rig.Drive(1);
        _rig.Run(200);
        var left = _rig.Now;
        _rig.Head.HandleCallerGone(PtzRig.Bob.Id, _rig.Now);
        Assert.NotNull(_rig.Status.Holder);
        _rig.Head.HandleCallerGone(PtzRig.Ann.Id, _rig.Now);
        Assert.Null(_rig.Status.Holder);
        _rig.RunUntil(() => !_rig.Status.IsMoving);
        Assert.InRange((_rig.Now - left).TotalMilliseconds, 0, 100);
    }

    [Fact]
    public void Over_a_broker_a_move_needs_an_end_and_has_it()
    {
        Assert.Equal(PtzRefusalKind.BadRequest, _rig.Head.ContinuousMove(PtzRig.Remote, new(Pan: 1), null, null, _rig.Now)?.Kind);
        Assert.Equal(PtzRefusalKind.BadRequest, _rig.Head.ContinuousMove(PtzRig.Remote, new(Pan: 1), TimeSpan.FromSeconds(11), null, _rig.Now)?.Kind);
        Assert.Null(_rig.Head.ContinuousMove(PtzRig.Remote, new(Pan: 0.05), TimeSpan.FromSeconds(1), null, _rig.Now));
        _rig.Run(900);
        Assert.True(_rig.Status.IsMoving);
        _rig.Run(240);
        Assert.False(_rig.Status.IsMoving);
        Assert.DoesNotContain(_rig.Told, told => told.Reason == PtzChange.DeadMan);

        _rig.Head.AbsoluteMove(PtzRig.Remote, new(Pan: 1), 0.01, null, _rig.Now);
        _rig.Run(9900);
        Assert.True(_rig.Status.IsMoving);
        _rig.Run(300);
        Assert.False(_rig.Status.IsMoving);
    }

    [Fact]
    public void A_timeout_ends_a_move_whose_caller_is_there()
    {
        _rig.Head.ContinuousMove(PtzRig.Ann, new(Pan: 0.1), TimeSpan.FromMilliseconds(200), null, _rig.Now);
        _rig.Run(180);
        Assert.True(_rig.Status.IsMoving);
        _rig.Run(80);
        Assert.False(_rig.Status.IsMoving);
        Assert.DoesNotContain(_rig.Told, told => told.Reason == PtzChange.DeadMan);
    }

    [Fact]
    public void Of_two_operators_one_moves_it_and_the_other_may_stop_it()
    {
        _rig.Drive(0.5);
        _rig.Run(100);
        var held = _rig.Drive(-0.5, PtzRig.Bob);
        Assert.Equal((PtzRefusalKind.Held, "Ann"), (held!.Kind, held.Holder));
        Assert.InRange(held.ExpiresIn.TotalSeconds, 9.8, 10);
        _rig.Run(60);
        Assert.True(_rig.Position(PtzAxis.Pan) > 0);
        Assert.Null(_rig.Head.Stop(PtzRig.Bob, Enum.GetValues<PtzAxis>(), null, _rig.Now));
        _rig.Run(100);
        Assert.False(_rig.Status.IsMoving);
        Assert.Equal("Ann", _rig.Status.Holder?.Name); // a stop takes nothing
    }

    [Fact]
    public void Control_is_free_ten_seconds_after_the_last_command()
    {
        _rig.Drive(0);
        _rig.Run(9900);
        Assert.Equal("ann", _rig.Status.Holder?.Id);
        _rig.Told.Clear();
        _rig.Run(200);
        Assert.Null(_rig.Status.Holder);
        Assert.Equal(PtzChange.Lease, Assert.Single(_rig.Told).Reason);
        Assert.Null(_rig.Drive(0.5, PtzRig.Bob));
    }

    [Fact]
    public void Control_does_not_lapse_under_a_motion()
    {
        _rig.Head.AbsoluteMove(PtzRig.Ann, new(Pan: 1), 0.05, null, _rig.Now);
        Repeat(15_000, () => _rig.Head.Hear(PtzRig.Ann, _rig.Now));
        Assert.True(_rig.Status.IsMoving);
        Assert.Equal("ann", _rig.Status.Holder?.Id);
    }

    [Fact]
    public void By_force_control_is_taken_from_a_head_that_has_stood_for_two_seconds()
    {
        _rig.Drive(0.5);
        _rig.Run(100);
        Assert.Equal(PtzRefusalKind.Held, _rig.Head.Acquire(PtzRig.Bob, isForced: true, _rig.Now)?.Kind);
        _rig.Run(1500);
        Assert.Equal(PtzRefusalKind.Held, _rig.Head.Acquire(PtzRig.Bob, isForced: true, _rig.Now)?.Kind);
        _rig.Run(1500);
        Assert.Equal(PtzRefusalKind.Held, _rig.Head.Acquire(PtzRig.Bob, isForced: false, _rig.Now)?.Kind);
        Assert.Null(_rig.Head.Acquire(PtzRig.Bob, isForced: true, _rig.Now));
        Assert.Equal("bob", _rig.Status.Holder?.Id);
    }

    [Fact]
    public void Who_may_manage_takes_control_at_once_and_the_motion_ends()
    {
        _rig.Drive(0.5);
        _rig.Run(100);
        Assert.Null(_rig.Head.Acquire(PtzRig.Chief, isForced: true, _rig.Now));
        _rig.Run(100);
        Assert.False(_rig.Status.IsMoving);
        Assert.Equal(PtzRefusalKind.Held, _rig.Drive(0.5)?.Kind);
        _rig.Head.Release(PtzRig.Chief, _rig.Now);
        Assert.Null(_rig.Drive(0.5));
    }

    [Fact]
    public void Of_a_flood_out_of_order_the_newest_counts()
    {
        var random = new Random(3);
        long[] numbers = [.. Enumerable.Range(1, 500).Select(number => (long)number)];
        random.Shuffle(numbers);
        foreach (var number in numbers)
            _rig.Drive(number == 500 ? -0.5 : 0.5, sequence: number);
        _rig.Run(200);
        Assert.True(_rig.Position(PtzAxis.Pan) < 0);
    }

    [Fact]
    public void A_move_older_than_a_stop_moves_nothing()
    {
        _rig.Drive(0.5, sequence: 10);
        _rig.Head.Stop(PtzRig.Ann, Enum.GetValues<PtzAxis>(), 12, _rig.Now);
        Assert.Null(_rig.Drive(0.5, sequence: 11));
        _rig.Run(200);
        Assert.Equal(0, _rig.Position(PtzAxis.Pan), 3);
        Assert.Null(_rig.Head.AbsoluteMove(PtzRig.Ann, new(Pan: 1), 1, 12, _rig.Now));
        _rig.Run(200);
        Assert.False(_rig.Status.IsMoving);
    }

    [Fact]
    public void Over_a_broker_nobody_is_bound_to_the_numbers_of_an_earlier_life()
    {
        Assert.Null(_rig.Drive(0.1, PtzRig.Remote, sequence: 1000));
        Assert.Null(_rig.Drive(-0.5, PtzRig.Remote, sequence: 1));
        _rig.Run(200);
        Assert.True(_rig.Position(PtzAxis.Pan) < 0);
    }

    [Fact]
    public void A_stop_is_obeyed_however_late_it_comes()
    {
        _rig.Drive(0.5, sequence: 10);
        _rig.Run(100);
        _rig.Head.Stop(PtzRig.Ann, Enum.GetValues<PtzAxis>(), 9, _rig.Now);
        _rig.Run(100);
        Assert.False(_rig.Status.IsMoving);
    }

    [Fact]
    public void One_axis_stops_while_the_other_goes_on()
    {
        _rig.Head.ContinuousMove(PtzRig.Ann, new(0.3, 0.3), null, null, _rig.Now);
        _rig.Run(100);
        _rig.Head.Stop(PtzRig.Ann, [PtzAxis.Tilt], null, _rig.Now);
        _rig.Run(100);
        Assert.Equal([true, false], _rig.Status.Axes.Take(2).Select(axis => axis.IsMoving));
    }

    [Fact]
    public void Positions_beyond_the_soft_ends_are_refused_and_displacements_cut_off()
    {
        var rig = Servos(new(SoftMinimum: -45, SoftMaximum: 45));
        Assert.Equal(PtzRefusalKind.OutOfRange, rig.Head.AbsoluteMove(PtzRig.Ann, new(Pan: 0.6), 1, null, rig.Now)?.Kind);
        Assert.Null(rig.Head.RelativeMove(PtzRig.Ann, new(Pan: 2), 1, null, rig.Now));
        rig.RunUntil(() =>
        {
            rig.Head.Hear(PtzRig.Ann, rig.Now);
            return rig.Status.Axes[0].AtEnd == AxisEnd.Maximum && !rig.Status.IsMoving;
        });
        Assert.Equal(0.5, rig.Position(PtzAxis.Pan), 4);
        Assert.Equal(PtzChange.End, rig.Told[^1].Reason);
        Assert.Equal(PtzRefusalKind.OutOfRange, rig.Head.RelativeMove(PtzRig.Ann, new(Pan: 0.1), 1, null, rig.Now)?.Kind);
        Assert.Null(rig.Head.AbsoluteMove(PtzRig.Ann, new(Pan: 0.5), 1, null, rig.Now));
    }

    [Fact]
    public void Other_soft_ends_and_times_are_taken_and_the_head_stands_for_it()
    {
        var rig = Servos(new(SoftMinimum: -45, SoftMaximum: 45));
        Assert.Null(rig.Head.AbsoluteMove(PtzRig.Ann, new(Pan: 0.5), 1, null, rig.Now));
        rig.Run(60);
        Assert.True(rig.Status.IsMoving);

        rig.Head.Change(new("cam0", "pwm:/sys/class/pwm/pwmchip0", LeaseSeconds: 100, StopAfterMilliseconds: 100, Pan: new(SoftMinimum: -27, SoftMaximum: 27), Zoom: new(Enabled: false)), rig.Now);

        rig.Run(200);
        Assert.False(rig.Status.IsMoving);
        Assert.Equal((-0.3, 0.3), (rig.Status.Axes[0].Minimum, rig.Status.Axes[0].Maximum));
        Assert.Equal(PtzRefusalKind.OutOfRange, rig.Head.AbsoluteMove(PtzRig.Ann, new(Pan: 0.5), 1, null, rig.Now)?.Kind);
        Assert.Null(rig.Head.ContinuousMove(PtzRig.Ann, new(Pan: 0.1), null, null, rig.Now));
        Assert.InRange(rig.Status.Holder!.Value.ExpiresIn, TimeSpan.FromSeconds(99), TimeSpan.FromSeconds(100));
        rig.Run(240); // said nothing for that long
        Assert.False(rig.Status.IsMoving);
    }

    [Fact]
    public void What_is_no_number_or_no_axis_moves_nothing()
    {
        var rig = Servos(new(Enabled: false));
        foreach (var velocity in (double[])[double.NaN, double.PositiveInfinity])
            Assert.Equal(PtzRefusalKind.BadRequest, rig.Head.ContinuousMove(PtzRig.Ann, new(Tilt: velocity), null, null, rig.Now)?.Kind);
        Assert.Equal(PtzRefusalKind.BadRequest, rig.Drive(1)?.Kind);
        Assert.Equal(PtzRefusalKind.BadRequest, rig.Head.AbsoluteMove(PtzRig.Ann, default, 1, null, rig.Now)?.Kind);
        Assert.Equal(PtzRefusalKind.OutOfRange, rig.Head.AbsoluteMove(PtzRig.Ann, new(Tilt: 1e300), 1, null, rig.Now)?.Kind);
        Assert.Null(rig.Head.ContinuousMove(PtzRig.Ann, new(Tilt: 1e300), null, null, rig.Now)); // as fast as it goes
        rig.Run(200);
        Assert.InRange(rig.Position(PtzAxis.Tilt), 0, 0.3);
        Assert.Null(rig.Status.Holder is { Id: "ann" } ? null : "nobody holds it");
    }

    [Fact]
    public void Home_is_where_it_was_set()
    {
        GoTo(0.4);
        Assert.Null(_rig.Head.SetHome(_rig.Now));
        Assert.Equal(0.4, _rig.Saved?.Home?.Pan);
        GoTo(-0.4);
        Assert.Null(_rig.Head.GoHome(PtzRig.Ann, 1, _rig.Now));
        Arrive();
        Assert.Equal(0.4, _rig.Position(PtzAxis.Pan), 4);
    }

    [Fact]
    public void A_head_without_a_home_goes_straight_ahead_or_as_near_as_it_can_and_wide()
    {
        var rig = new PtzRig(new("cam0", "pwm:/sys/class/pwm/pwmchip0", Pan: new(Minimum: -90, Maximum: 30), Tilt: new(SoftMinimum: 9), Zoom: new(SoftMinimum: 2.8)));
        foreach (var port in rig.Ports)
            port.Open();
        rig.Run(40);
        rig.Head.AbsoluteMove(PtzRig.Remote, new(-0.5, 0.9, 0.9), 1, null, rig.Now);
        rig.RunUntil(() => !rig.Status.IsMoving);
        Assert.Null(rig.Head.GoHome(PtzRig.Remote, 1, rig.Now));
        rig.RunUntil(() => !rig.Status.IsMoving);
        Assert.Equal([0.5, 0.2, 0.2], rig.Status.Axes.Select(axis => Math.Round(axis.Position!.Value, 3)));
    }

    [Fact]
    public void When_control_may_be_taken_viewers_are_told_once()
    {
        _rig.Drive(0.2);
        _rig.Head.Stop(PtzRig.Ann, Enum.GetValues<PtzAxis>(), null, _rig.Now);
        _rig.Run(100);
        var rested = _rig.Now;
        _rig.Told.Clear();
        _rig.Run(6000);
        var (at, status, reason) = Assert.Single(_rig.Told);
        Assert.Equal((PtzChange.Lease, "ann"), (reason, status.Holder?.Id));
        Assert.True(status.StillFor >= PtzLease.Idle);
        Assert.InRange((at - rested).TotalMilliseconds, 1840, 2000);
    }

    [Fact]
    public void Viewers_are_told_ten_times_a_second_while_it_moves_and_at_once_when_it_starts()
    {
        _rig.Told.Clear();
        _rig.Drive(0.2);
        var start = _rig.Now;
        Repeat(2000, () => _rig.Drive(0.2));
        Assert.InRange((_rig.Told[0].At - start).TotalMilliseconds, 0, 20);
        Assert.InRange(_rig.Told.Count, 18, 22);
    }

    [Fact]
    public void After_a_hiccup_of_the_loop_nothing_jumps()
    {
        _rig.Head.ContinuousMove(PtzRig.Remote, new(Pan: 0.5), TimeSpan.FromSeconds(10), null, _rig.Now);
        _rig.Run(500);
        var before = _rig.Position(PtzAxis.Pan);
        _rig.Skip(5000);
        _rig.Run(20);
        Assert.InRange(_rig.Position(PtzAxis.Pan) - before, 0, 0.05);
    }

    [Fact]
    public void Made_safe_it_stands_and_nobody_holds_it()
    {
        _rig.Drive(1);
        _rig.Run(200);
        _rig.Head.MakeSafe("a test", _rig.Now);
        var there = _rig.Position(PtzAxis.Pan);
        Assert.False(_rig.Status.IsMoving);
        _rig.Run(100);
        Assert.Equal(there, _rig.Position(PtzAxis.Pan));
        Assert.Null(_rig.Status.Holder);
    }

    private static PtzRig Servos(PtzAxisOptions? pan = null)
    {
        var rig = new PtzRig(new("cam0", "pwm:/sys/class/pwm/pwmchip0", Pan: pan, Zoom: new(Enabled: false)));
        foreach (var port in rig.Ports)
            port.Open();
        rig.Run(40);
        return rig;
    }

    private void GoTo(double pan)
    {
        Assert.Null(_rig.Head.AbsoluteMove(PtzRig.Ann, new(pan, 0), 1, null, _rig.Now));
        Arrive();
        Assert.Equal(pan, _rig.Position(PtzAxis.Pan), 4);
    }

    private void Arrive() => _rig.RunUntil(() =>
    {
        _rig.Head.Hear(PtzRig.Ann, _rig.Now);
        return !_rig.Status.IsMoving;
    });

    private void Repeat(int milliseconds, Action each)
    {
        for (var i = 0; i < milliseconds; i += 100)
        {
            each();
            _rig.Run(100);
        }
    }
}
