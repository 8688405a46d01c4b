using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Ptz;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Ptz;

/// <summary>What ends a motion whatever else happens: each axis by its own deadline, a driver that fails, a stick that is held.</summary>
public class PtzDeadManTests
{
    private readonly PtzRig _rig = Servos();

    [Fact]
    public void Over_a_broker_each_axis_keeps_its_own_timeout()
    {
        Assert.Null(_rig.Head.ContinuousMove(PtzRig.Remote, new(Pan: 0.1), TimeSpan.FromMilliseconds(200), null, _rig.Now));
        Assert.Null(_rig.Head.AbsoluteMove(PtzRig.Remote, new(Zoom: 1), 0.1, null, _rig.Now));
        Assert.Null(_rig.Head.ContinuousMove(PtzRig.Remote, new(Tilt: 0.05), TimeSpan.FromSeconds(10), null, _rig.Now));
        _rig.Run(180);
        Assert.Equal([true, true, true], Moving());
        _rig.Run(80);
        Assert.Equal([false, true, true], Moving());
        _rig.Run(3000);
        Assert.Equal([false, true, true], Moving());
    }

    [Fact]
    public void A_driven_axis_is_kept_going_by_being_driven_and_by_nothing_else()
    {
        _rig.Drive(0.1);
        for (var i = 0; i < 5; i++)
        {
            _rig.Head.ContinuousMove(PtzRig.Ann, new(Tilt: 0.1), null, null, _rig.Now);
            _rig.Head.Hear(PtzRig.Ann, _rig.Now);
            _rig.Run(100);
        }

        Assert.Equal([false, true, false], Moving());
        Assert.Contains(_rig.Told, told => told.Reason == PtzChange.DeadMan && told.Status.Axes[1].IsMoving);
    }

    [Fact]
    public void A_travel_goes_on_while_its_operator_drives_another_axis()
    {
        _rig.Head.AbsoluteMove(PtzRig.Ann, new(Zoom: 1), 0.1, null, _rig.Now);
        for (var i = 0; i < 10; i++)
        {
            _rig.Drive(0.1);
            _rig.Run(100);
        }

        Assert.Equal([true, false, true], Moving());
        _rig.Run(440);
        Assert.Equal([false, false, false], Moving());
    }

    [Fact]
    public void A_head_that_finds_its_own_way_stops_the_axis_whose_time_is_up_and_goes_on_with_the_other()
    {
        var (rig, head) = (new PtzRig(new("cam0", "visca:/dev/ttyUSB0?position=query")), new ViscaHead());
        rig.Port.Answer = head.Handle;
        rig.Port.Open();
        rig.Run(1000);
        rig.Head.ContinuousMove(PtzRig.Remote, new(Pan: 0.1), TimeSpan.FromMilliseconds(200), null, rig.Now);
        rig.Head.AbsoluteMove(PtzRig.Remote, new(Zoom: 0.9), 0.1, null, rig.Now);
        rig.Run(180, () => head.Advance(0.02));
        Assert.NotEqual(0, head.PanSpeed);
        rig.Run(60, () => head.Advance(0.02));
        Assert.Equal(0, head.PanSpeed);
        Assert.NotEqual(0, head.ZoomSpeed);
    }

    [Fact]
    public void A_command_counts_from_when_it_arrived()
    {
        var late = PtzRig.Ann with { HeardAt = _rig.Now };
        _rig.Skip(200);
        _rig.Head.ContinuousMove(late, new(Pan: 0.1), null, null, _rig.Now);
        _rig.Run(80);
        Assert.True(_rig.Status.IsMoving);
        _rig.Run(100);
        Assert.False(_rig.Status.IsMoving);
        _rig.Head.ContinuousMove(PtzRig.Remote with { HeardAt = _rig.Now - TimeSpan.FromSeconds(1) }, new(Pan: 0.1), TimeSpan.FromSeconds(1), null, _rig.Now);
        var before = _rig.Position(PtzAxis.Pan);
        _rig.Run(100);
        Assert.Equal(before, _rig.Position(PtzAxis.Pan));
    }

    [Fact]
    public void A_driver_that_fails_does_not_switch_the_dead_man_off()
    {
        var (driver, head, now) = Broken();
        head.ContinuousMove(PtzRig.Ann, new(Pan: 1), null, null, now);
        head.Tick(now += TimeSpan.FromMilliseconds(20));
        driver.IsBroken = true;
        driver.Stops = 0;
        for (var i = 0; i < 20; i++)
            Assert.Throws<InvalidOperationException>(() => head.Tick(now += TimeSpan.FromMilliseconds(20)));
        Assert.True(driver.Stops > 0);
        Assert.False(head.Status(now).IsMoving);
    }

    [Fact]
    public void A_stop_that_a_driver_failed_to_take_is_handed_to_it_again()
    {
        var (driver, head, now) = Broken();
        head.ContinuousMove(PtzRig.Ann, new(Pan: 1), null, null, now);
        head.Tick(now += TimeSpan.FromMilliseconds(20));
        driver.RefusesStops = true;
        Assert.Throws<InvalidOperationException>(() => head.MakeSafe("a test", now));
        Assert.False(head.Status(now).IsMoving);
        Assert.Null(head.Status(now).Holder);
        Assert.Throws<InvalidOperationException>(() => head.Tick(now += TimeSpan.FromMilliseconds(20)));
        driver.RefusesStops = false;
        driver.Stops = 0;
        head.Tick(now += TimeSpan.FromMilliseconds(20));
        head.Tick(now += TimeSpan.FromMilliseconds(20));
        Assert.Equal(1, driver.Stops);
    }

    [Fact]
    public void Whoever_holds_a_stick_while_the_head_is_made_safe_lets_go_first()
    {
        Hold(0.1, 500);
        _rig.Head.MakeSafe("a test", _rig.Now);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(PtzRefusalKind.LetGo, _rig.Drive(0.1)?.Kind);
            _rig.Run(100);
            Assert.False(_rig.Status.IsMoving);
        }

        Assert.Null(_rig.Head.AbsoluteMove(PtzRig.Ann, new(Tilt: 0.5), 1, null, _rig.Now));
        Assert.Null(_rig.Drive(0)); // centred
        Assert.Null(_rig.Drive(0.1));
    }

    [Fact]
    public void A_stop_or_silence_is_letting_go_and_others_are_free_to_move_it()
    {
        Hold(0.1, 300);
        _rig.Head.MakeSafe("a test", _rig.Now);
        Assert.Equal(PtzRefusalKind.LetGo, _rig.Drive(0.1)?.Kind);
        Assert.Null(_rig.Drive(-0.1, PtzRig.Bob));
        _rig.Head.Release(PtzRig.Bob, _rig.Now);
        Assert.Equal(PtzRefusalKind.LetGo, _rig.Drive(0.1)?.Kind);
        _rig.Head.Stop(PtzRig.Ann, Enum.GetValues<PtzAxis>(), null, _rig.Now);
        Assert.Null(_rig.Drive(0.1));
        Hold(0.1, 300);
        _rig.Head.MakeSafe("a test", _rig.Now);
        _rig.Run(100);
        Assert.Equal(PtzRefusalKind.LetGo, _rig.Drive(0.1)?.Kind);
        _rig.Run(300);
        Assert.Null(_rig.Drive(0.1));
    }

    [Fact]
    public void A_stick_is_held_although_the_dead_man_was_faster_than_the_news_that_the_head_is_safe()
    {
        Hold(0.1, 300);
        var held = _rig.Now;
        _rig.Skip(400); // the loop hung, and the guard stepped in
        _rig.Run(20);
        _rig.Head.MakeSafe("a test", _rig.Now);
        for (var at = held + TimeSpan.FromMilliseconds(100); at < _rig.Now; at += TimeSpan.FromMilliseconds(100))
            Assert.Equal(PtzRefusalKind.LetGo, _rig.Drive(0.1, PtzRig.Ann with { HeardAt = at })?.Kind);
    }

    private static PtzRig Servos()
    {
        var rig = new PtzRig(new("cam0", "pwm:/sys/class/pwm/pwmchip0"));
        foreach (var port in rig.Ports)
            port.Open();
        rig.Run(40);
        return rig;
    }

    private static (BrokenDriver Driver, PtzHead Head, Instant Now) Broken()
    {
        var options = new PtzOptions("cam0", "pelco-d:/dev/ttyUSB0");
        var driver = new BrokenDriver();
        var head = new PtzHead(options, PtzDrivers.Limits(options), driver, new(PresetRecords.Empty, _ => { }));
        var now = new Instant(1);
        head.Tick(now);
        return (driver, head, now);
    }

    private IEnumerable<bool> Moving() => _rig.Status.Axes.Select(axis => axis.IsMoving);

    private void Hold(double pan, int milliseconds)
    {
        for (var i = 0; i < milliseconds; i += 100)
        {
            Assert.Null(_rig.Drive(pan));
            _rig.Run(100);
        }
    }

    private sealed class BrokenDriver : IPtzDriver
    {
        public bool IsBroken { get; set; }

        public bool RefusesStops { get; set; }

        public int Stops { get; set; }

        public string Name => "broken";

        public PtzDriverTraits Traits { get; } = new(PtzDriverKind.Serial, ByVelocity: true);

        public bool IsReady => true;

        public DeviceFault? Fault => null;

        public void Attach(IPtzDriverObserver observer)
        {
        }

        public void Tick(Instant now)
        {
            if (IsBroken)
                throw new InvalidOperationException("a bug");
        }

        public void Follow(in PtzVector demand, bool isUrgent, Instant now)
        {
        }

        public bool TryGoTo(in PtzVector targets, double speed, Instant now) => false;

        public double Applied(PtzAxis axis) => 0;

        public void Stop(Instant now)
        {
            if (RefusesStops)
                throw new InvalidOperationException("a bug");
            Stops++;
        }
    }
}
