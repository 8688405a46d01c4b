using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>
/// One head: what moves and who moves it. A motion goes on only as long as its caller is heard; every operator may stop it, one at a time may
/// move it. Touched by the device loop alone.
/// </summary>
/// <remarks>Left out of the ONVIF PTZ service: tours, auxiliary commands, geographic moves, more than one node to a camera.</remarks>
/// <param name="limits">Of the axes that it has.</param>
internal sealed partial class PtzHead : IDevice, IPtzDriverObserver
{
    private const double LongestStep = 0.1; // seconds: after a hiccup of the loop nothing jumps
    private static readonly TimeSpan s_tellEach = TimeSpan.FromMilliseconds(100);

    private readonly IPtzDriver _driver;
    private readonly PtzPlanner _planner;
    private readonly AxisTrack?[] _tracks = new AxisTrack?[3];
    private readonly PtzDeadMan _deadMan;
    private readonly PtzLease _lease;
    private readonly PtzPresets _presets;
    private readonly NewestWins _sequences = new();

    private Instant? _lastTick;
    private Instant _stillSince;
    private Instant _toldAt;
    private DeviceFault? _trouble; // of the head, not of the way to it: it may be tried again
    private PtzChange? _reason;
    private bool _isDue = true;
    private bool _wasMoving;
    private bool _canBeTaken;
    private bool _isStopDue; // the driver could not take it

    public PtzHead(PtzOptions options, IReadOnlyList<AxisLimits> limits, IPtzDriver driver, PtzPresets presets)
    {
        (Camera, _driver, _presets) = (options.Camera, driver, presets);
        _planner = new(limits, driver.Traits);
        foreach (var axis in limits)
            _tracks[(int)axis.Axis] = new(axis);
        _deadMan = new(TimeSpan.FromMilliseconds(options.StopAfterMilliseconds));
        _lease = new(TimeSpan.FromSeconds(options.LeaseSeconds));
        driver.Attach(this);
    }

    /// <summary>Its status is to be told. Called from <see cref="Tick"/>, at most once in each: what happens between is told as one.</summary>
    public event Action<PtzHead, PtzStatus, PtzChange?>? Changed;

    public string Camera { get; }

    public string Name => $"ptz {Camera}";

    public IReadOnlyList<PtzAxis> Axes => _planner.Axes;

    public PtzPresets Presets => _presets;

    private bool IsMoving => Axes.Any(IsAxisMoving);

    public void Tick(Instant now)
    {
        var seconds = _lastTick is { } last ? Math.Clamp((now - last).TotalSeconds, 0, LongestStep) : 0;
        _lastTick = now;
        EndMotions(now); // first: whatever becomes of the driver, no motion outlasts its operator's word
        _driver.Tick(now);
        if (_driver.IsReady)
            Move(seconds, now);
        NoteMotion(now);
        NoteLease(now);
        Tell(now);
    }

    public void HandleCallerGone(string caller, Instant now)
    {
        if (_deadMan.Owner == caller)
            Halt(PtzChange.DeadMan, now);
        _deadMan.LetGo(caller);
        _sequences.Forget(caller);
        if (_lease.Release(caller))
            Note(PtzChange.Lease);
    }

    public void MakeSafe(string reason, Instant now)
    {
        _deadMan.Shut(now);
        _lease.End();
        try
        {
            Halt(PtzChange.Stopped, now);
        }
        finally
        {
            _planner.Rest(); // there may be no further turn for a ramp
            Note(PtzChange.Lease);
        }
    }

    /// <summary>
    /// Takes other settings, and stands still for it: soft ends, accelerations, the lease's time and the dead man's. Axes, mechanical ends and
    /// speeds are the driver's, too, and stay.
    /// </summary>
    public void Change(PtzOptions options, Instant now)
    {
        Halt(PtzChange.Stopped, now);
        foreach (var axis in PtzDrivers.Limits(options))
            _planner.Limits(axis.Axis).Take(axis);
        _deadMan.Patience = TimeSpan.FromMilliseconds(options.StopAfterMilliseconds);
        _lease.Duration = TimeSpan.FromSeconds(options.LeaseSeconds);
        _isDue = true;
    }

    public PtzStatus Status(Instant now)
    {
        var axes = Axes.Select(axis =>
        {
            var (track, limits) = (Track(axis), _planner.Limits(axis));
            return new AxisStatus(
                axis, track.IsKnown ? Math.Round(limits.Normalise(track.Position), 4) : null, IsAxisMoving(axis),
                Math.Round(limits.Normalise(limits.SoftMinimum), 4), Math.Round(limits.Normalise(limits.SoftMaximum), 4), track.IsKnown ? limits.EndAt(track.Position) : null);
        });
        return new(
            Camera, _driver.Name, _driver.IsReady, _driver.Fault ?? _trouble, [.. axes], IsMoving, _driver.Traits is { ByVelocity: true, IsMeasured: false },
            _lease.Holder(now), StillFor(now));
    }

    public void OnReady(Instant now)
    {
        _planner.Rest();
        foreach (var axis in Axes)
        {
            Track(axis).IsKnown |= _driver.Traits.ByVelocity; // reckoned from here on, if nothing else
            _planner[axis].Correct(Track(axis).Position);
        }

        Note(null);
    }

    public void OnPosition(PtzAxis axis, double position, Instant now)
    {
        if (!_planner.Has(axis) || !double.IsFinite(position))
            return;
        var track = Track(axis);
        if (track.Watch.Hear(position, now) && IsAxisMoving(axis))
            _trouble = null;
        track.Position = _driver.Traits.ByVelocity ? position + (_driver.Applied(axis) * _driver.Traits.AgeSeconds) : position;
        _isDue |= !track.IsKnown;
        track.IsKnown = true;
        if (!_planner[axis].IsMoving)
            _planner[axis].Correct(track.Position);
        if (track.HasArrived(now))
            track.Target = null;
    }

    public void OnFault(Instant now)
    {
        Forget();
        Note(PtzChange.Fault);
    }

    public void OnRefused(DeviceFault fault, Instant now)
    {
        _trouble = fault;
        Halt(PtzChange.Fault, now);
        Note(PtzChange.Fault);
    }

    public void OnObeyed(Instant now)
    {
        if (_trouble is null || _driver.Traits.IsMeasured) // where positions are told, they are the proof
            return;
        _trouble = null;
        Note(null);
    }

    private AxisTrack Track(PtzAxis axis) => _tracks[(int)axis]!;

    private bool IsAxisMoving(PtzAxis axis) => _planner[axis].IsMoving || Track(axis).Target is not null;

    private TimeSpan StillFor(Instant now) => IsMoving ? TimeSpan.Zero : now - _stillSince;

    private void Move(double seconds, Instant now)
    {
        var demand = default(PtzVector);
        foreach (var axis in Axes)
        {
            var (motion, track) = (_planner[axis], Track(axis));
            if (_driver.Traits.ByVelocity)
            {
                track.Reckon(_driver.Applied(axis), seconds);
                motion.Correct(track.Position);
                motion.Advance(seconds);
                demand = demand.With(axis, track.Target is null ? motion.Velocity : null);
            }
            else
            {
                motion.Advance(seconds);
                track.Position = motion.Position;
                demand = demand.With(axis, track.IsKnown ? motion.Position : null);
            }
        }

        _driver.Follow(demand, isUrgent: false, now);
        if (_driver.Traits.IsMeasured)
            WatchAxes(now);
    }

    private void WatchAxes(Instant now)
    {
        foreach (var axis in Axes)
        {
            var track = Track(axis);
            if (!track.Watch.IsStuck(_driver.Applied(axis), track.Target is not null, now))
                continue;
            var name = PtzNames.Of(axis);
            _trouble = new($"{name} does not move", $"Look for what holds it, check the head's motor and cable, then move {name} again");
            Halt(PtzChange.Fault, now);
            Note(PtzChange.Fault);
        }
    }

    /// <summary>Everything stands as soon as it can.</summary>
    private void Halt(PtzChange reason, Instant now)
    {
        if (IsMoving)
            Note(reason);
        if (_driver.Traits.ByVelocity)
            _planner.Rest(); // the head has a ramp of its own, and the first word it gets is stop
        else
            _planner.Halt();
        foreach (var axis in Axes)
            Track(axis).Target = null;
        _deadMan.End();
        StopDriver(now);
    }

    /// <summary>Some axes stand as soon as they can; others may go on.</summary>
    private void Halt(IReadOnlyCollection<PtzAxis> axes, PtzChange reason, Instant now)
    {
        if (!_driver.IsReady || Axes.All(axis => axes.Contains(axis) || !IsAxisMoving(axis)))
        {
            Halt(reason, now);
            return;
        }

        if (axes.Any(IsAxisMoving))
            Note(reason);
        LeadTravels(now);
        var demand = default(PtzVector);
        foreach (var axis in Axes.Where(axes.Contains))
        {
            _deadMan.End(axis);
            if (_driver.Traits.ByVelocity)
                _planner[axis].Rest();
            else
                _planner[axis].Halt();
            demand = demand.With(axis, 0);
        }

        if (_driver.Traits.ByVelocity)
            _driver.Follow(demand, isUrgent: true, now);
    }

    private void StopDriver(Instant now)
    {
        _isStopDue = true;
        _driver.Stop(now);
        _isStopDue = false;
    }

    /// <summary>Of axes whose operator has fallen silent, or whose time is up.</summary>
    private void EndMotions(Instant now)
    {
        foreach (var axis in Axes.Where(axis => !IsAxisMoving(axis)))
            _deadMan.End(axis);
        PtzAxis[] over = [.. Axes.Where(axis => _deadMan.IsOver(axis, now))];
        if (over.Length > 0)
            Halt(over, over.Any(axis => _deadMan.IsSilent(axis, now)) ? PtzChange.DeadMan : PtzChange.Stopped, now);
        if (_isStopDue)
            StopDriver(now);
    }

    /// <summary>The driver is not ready: no motion is under way any more.</summary>
    private void Forget()
    {
        _planner.Rest();
        foreach (var axis in Axes)
            Track(axis).Target = null;
        _deadMan.End();
    }

    private void NoteMotion(Instant now)
    {
        var isMoving = IsMoving;
        if (isMoving)
            _stillSince = now;
        if (isMoving && !_wasMoving)
            Note(PtzChange.Moved);
        if (!isMoving && _wasMoving)
        {
            _deadMan.End();
            Note(_reason ?? (Axes.Any(axis => Track(axis).HasMoved && _planner.Limits(axis).EndAt(Track(axis).Position) is not null) ? PtzChange.End : PtzChange.Stopped));
        }

        foreach (var axis in Axes)
            Track(axis).HasMoved = IsAxisMoving(axis);
        _wasMoving = isMoving;
    }

    private void NoteLease(Instant now)
    {
        if (_deadMan.Owner is { } owner && IsMoving)
            _lease.Extend(owner, now); // control does not change hands under a motion
        if (_lease.Expire(now))
            Note(PtzChange.Lease);
        var canBeTaken = _lease.Holder(now) is not null && StillFor(now) >= PtzLease.Idle;
        if (canBeTaken && !_canBeTaken)
            Note(PtzChange.Lease);
        _canBeTaken = canBeTaken;
    }

    private void Note(PtzChange? reason) => (_isDue, _reason) = (true, reason > _reason || _reason is null ? reason : _reason);

    private void Tell(Instant now)
    {
        if (!_isDue && !(IsMoving && now - _toldAt >= s_tellEach))
            return;
        var reason = _reason ?? (_isDue ? null : PtzChange.Moved);
        (_isDue, _reason, _toldAt) = (false, null, now);
        Changed?.Invoke(this, Status(now), reason);
    }
}
