using System.Globalization;
using EdgeCam.Agent.Security;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>What operators want of a head. Each is null where it was done, or has been superseded.</summary>
internal sealed partial class PtzHead
{
    private const double LeastSpeed = 0.01; // of the top speed: slower would never arrive

    /// <param name="velocity">Normalised, -1 to 1.</param>
    /// <param name="timeout">It ends after so long, whatever is heard; needed where nobody sees the caller.</param>
    public PtzRefusal? ContinuousMove(PtzCaller caller, PtzVector velocity, TimeSpan? timeout, long? sequence, Instant now)
    {
        if (!caller.IsPresent && (timeout is null || timeout > PtzDeadMan.Longest))
            return PtzRefusal.Bad($"timeout is needed, at most {PtzDeadMan.Longest.TotalMilliseconds} ms: over a broker nobody sees you go");
        if (!IsNew(caller, sequence))
            return null;
        var axes = Axes.Where(axis => velocity[axis] is not null);
        var isStandstill = !velocity.IsEmpty && axes.All(axis => velocity[axis] == 0);
        if (isStandstill)
            _deadMan.LetGo(caller.Id);
        else if (!_deadMan.MayDrive(caller.Id, HeardAt(caller, now)))
            return PtzRefusal.LetGo;
        if (Refuse(caller, velocity, now) is { } refusal)
            return refusal;
        LeadTravels(now);
        foreach (var axis in axes)
        {
            Know(axis);
            _planner[axis].Drive(Math.Clamp(velocity[axis]!.Value, -1, 1) * _planner.Limits(axis).MaxSpeed);
        }

        _deadMan.Begin(caller, axes, isTravel: false, timeout, HeardAt(caller, now));
        if (isStandstill)
            _deadMan.LetGo(caller.Id);
        return null;
    }

    /// <param name="position">Normalised.</param>
    /// <param name="speed">A fraction of the top speed.</param>
    public PtzRefusal? AbsoluteMove(PtzCaller caller, PtzVector position, double speed, long? sequence, Instant now)
    {
        if (!IsNew(caller, sequence))
            return null;
        if (FindMissing(position) is { } missing)
            return missing;
        foreach (var axis in Axes)
        {
            if (position[axis] is not { } wanted)
                continue;
            var limits = _planner.Limits(axis);
            var slack = Rounding(limits); // what a status said is a position that may be gone to
            if (!(wanted >= limits.Normalise(limits.SoftMinimum) - slack && wanted <= limits.Normalise(limits.SoftMaximum) + slack))
            {
                return PtzRefusal.OutOfRange(string.Create(
                    CultureInfo.InvariantCulture, $"{PtzNames.Of(axis)} goes from {limits.Normalise(limits.SoftMinimum):0.##} to {limits.Normalise(limits.SoftMaximum):0.##}"));
            }
        }

        return GoTo(caller, position, speed, now);
    }

    /// <param name="displacement">Normalised; cut off at the ends.</param>
    public PtzRefusal? RelativeMove(PtzCaller caller, PtzVector displacement, double speed, long? sequence, Instant now)
    {
        if (!IsNew(caller, sequence))
            return null;
        if (FindMissing(displacement) is { } missing)
            return missing;
        var position = default(PtzVector);
        foreach (var axis in Axes)
        {
            if (displacement[axis] is not { } wanted)
                continue;
            var (limits, present) = (_planner.Limits(axis), Track(axis).Position);
            var target = limits.Clamp(present + limits.ToDistance(wanted));
            if (wanted != 0 && limits.EndAt(present) == (wanted > 0 ? AxisEnd.Maximum : AxisEnd.Minimum))
                return PtzRefusal.OutOfRange($"{PtzNames.Of(axis)} is at its end");
            position = position.With(axis, limits.Normalise(target));
        }

        return GoTo(caller, position, speed, now);
    }

    /// <summary>For everybody, whoever holds control, and however late it comes.</summary>
    /// <param name="axes">Those that shall stop.</param>
    public PtzRefusal? Stop(PtzCaller caller, IReadOnlyCollection<PtzAxis> axes, long? sequence, Instant now)
    {
        if (IsNew(caller, sequence))
            _deadMan.LetGo(caller.Id);
        _lease.Extend(caller.Id, now);
        Halt(axes, PtzChange.Stopped, now);
        return null;
    }

    /// <summary>A caller says that it is still there, which keeps its travels going.</summary>
    public void Hear(PtzCaller caller, Instant now) => _deadMan.Hear(caller.Id, HeardAt(caller, now));

    /// <summary>The home that was set, or straight ahead and wide.</summary>
    public PtzRefusal? GoHome(PtzCaller caller, double speed, Instant now) => GoTo(caller, _presets.Home is { } home ? Own(home) : Middle(), speed, now);

    public PtzRefusal? GoToPreset(PtzCaller caller, string token, double speed, Instant now)
    {
        var (preset, refusal) = _presets.Use(token, caller.Access);
        return preset is null ? refusal : GoTo(caller, Own(preset.Position), speed, now);
    }

    public PtzRefusal? SetHome(Instant now)
    {
        if (Here() is not { } here)
            return Unknown();
        _presets.SetHome(here);
        Note(PtzChange.Preset);
        return null;
    }

    public (string? Token, PtzRefusal? Refusal) SetPreset(PtzCaller caller, string name, string? token, AccessScope? scope, string? thumbnail, Instant now)
    {
        if (Here() is not { } here)
            return (null, Unknown());
        var (set, refusal) = _presets.Set(name, token, scope, thumbnail, here, caller.Access);
        if (set is not null)
            Note(PtzChange.Preset);
        return (set, refusal);
    }

    public PtzRefusal? RemovePreset(PtzCaller caller, string token, Instant now)
    {
        var refusal = _presets.Remove(token, caller.Access);
        if (refusal is null)
            Note(PtzChange.Preset);
        return refusal;
    }

    public PtzRefusal? Acquire(PtzCaller caller, bool isForced, Instant now)
    {
        var before = _lease.Holder(now)?.Id;
        if (_lease.Acquire(caller, isForced, StillFor(now), now) is { } refusal)
            return refusal;
        if (_deadMan.Owner is { } owner && owner != caller.Id)
            Halt(PtzChange.Lease, now);
        if (before != caller.Id)
            Note(PtzChange.Lease);
        return null;
    }

    public void Release(PtzCaller caller, Instant now)
    {
        if (_deadMan.Owner == caller.Id)
            Halt(PtzChange.Stopped, now); // who moves it holds it
        if (_lease.Release(caller.Id))
            Note(PtzChange.Lease);
    }

    /// <summary>Over a broker messages keep their order, and whoever starts again there begins to count anew.</summary>
    private bool IsNew(PtzCaller caller, long? sequence) => !caller.IsPresent || _sequences.IsNew(caller.Id, sequence);

    private static Instant HeardAt(PtzCaller caller, Instant now) => Instant.Min(caller.HeardAt ?? now, now);

    private static double Rounding(AxisLimits limits) => 0.0001 + (1e-9 * limits.Range);

    private PtzRefusal? GoTo(PtzCaller caller, PtzVector position, double speed, Instant now)
    {
        if (Refuse(caller, position, now) is { } refusal)
            return refusal;
        var fraction = Math.Clamp(speed, LeastSpeed, 1);
        var (targets, all) = (default(PtzVector), default(PtzVector));
        foreach (var axis in Axes)
        {
            if (position[axis] is { } wanted)
                targets = targets.With(axis, _planner.Limits(axis).Clamp(_planner.Limits(axis).ToUnits(wanted)));
            all = all.With(axis, targets[axis] ?? Track(axis).Target);
        }

        // A head that finds its own way may be told so only where nothing else moves: the next speed would cut it short.
        var isHandedOver = !Axes.Any(axis => all[axis] is null && _planner[axis].IsMoving) && _driver.TryGoTo(all, fraction, now);
        if (!isHandedOver)
            LeadTravels(now);
        foreach (var axis in Axes)
        {
            if (targets[axis] is not { } target)
                continue;
            Know(axis);
            if (isHandedOver)
            {
                _planner[axis].Rest();
                (Track(axis).Target, Track(axis).TargetSpeed) = (target, fraction);
            }
            else
            {
                _planner[axis].GoTo(target, fraction * _planner.Limits(axis).MaxSpeed);
            }
        }

        _deadMan.Begin(caller, Axes.Where(axis => targets[axis] is not null), isTravel: true, timeout: null, HeardAt(caller, now));
        return null;
    }

    /// <summary>Takes control for the caller, or says why it does not get it; a motion of somebody else ends.</summary>
    private PtzRefusal? Refuse(PtzCaller caller, PtzVector wanted, Instant now)
    {
        if (FindMissing(wanted) is { } missing)
            return missing;
        if (!_driver.IsReady)
        {
            return _driver.Fault is { } fault
                ? PtzRefusal.Unavailable(fault.What, fault.Remedy)
                : PtzRefusal.Unavailable("the head is being started", "Try again in a moment");
        }

        var before = _lease.Holder(now)?.Id;
        if (_lease.Use(caller, now) is { } held)
            return held;
        if (before != caller.Id)
            Note(PtzChange.Lease);
        if (_deadMan.Owner is { } owner && owner != caller.Id)
            Halt(PtzChange.Lease, now);
        return null;
    }

    /// <summary>Of a position kept from earlier: the axes that the head has now.</summary>
    private PtzVector Own(PtzVector kept)
    {
        var own = default(PtzVector);
        foreach (var axis in Axes)
            own = own.With(axis, kept[axis]);
        return own;
    }

    private PtzVector Middle()
    {
        var middle = default(PtzVector);
        foreach (var axis in Axes)
            middle = middle.With(axis, _planner.Limits(axis).Normalise(_planner.Limits(axis).Assumed));
        return middle;
    }

    private PtzRefusal? FindMissing(PtzVector wanted)
    {
        if (wanted.IsEmpty)
            return PtzRefusal.Bad("name at least one of pan, tilt and zoom");
        foreach (var axis in Enum.GetValues<PtzAxis>())
        {
            if (wanted[axis] is not { } value)
                continue;
            if (!_planner.Has(axis))
                return PtzRefusal.Bad($"this head has no {PtzNames.Of(axis)}");
            if (!double.IsFinite(value))
                return PtzRefusal.Bad($"{PtzNames.Of(axis)} is a number");
        }

        return null;
    }

    /// <summary>Moves that the head makes by itself end, and go on by planned speeds: it is about to be told speeds for other axes.</summary>
    private void LeadTravels(Instant now)
    {
        var hasTravelled = false;
        foreach (var axis in Axes)
        {
            if (Track(axis) is not { Target: { } target } track)
                continue;
            hasTravelled = true;
            track.Target = null;
            _planner[axis].Correct(track.Position);
            _planner[axis].GoTo(target, track.TargetSpeed * _planner.Limits(axis).MaxSpeed);
        }

        if (hasTravelled)
            StopDriver(now);
    }

    /// <summary>A servo that has had no pulse yet is taken to be where it is assumed: there is no way to ask it.</summary>
    private void Know(PtzAxis axis)
    {
        if (Track(axis).IsKnown)
            return;
        Track(axis).IsKnown = true;
        _planner[axis].Correct(Track(axis).Position);
    }

    /// <summary>Where it is, of the axes of which that is known; null: of none.</summary>
    private PtzVector? Here()
    {
        var here = default(PtzVector);
        foreach (var axis in Axes.Where(axis => Track(axis).IsKnown))
        {
            var limits = _planner.Limits(axis);
            here = here.With(axis, Math.Clamp(Math.Round(limits.Normalise(Track(axis).Position), 6), axis == PtzAxis.Zoom ? 0 : -1, 1));
        }

        return here.IsEmpty ? null : here;
    }

    private static PtzRefusal Unknown() => PtzRefusal.Unavailable("nobody knows yet where the head is", "Move it first");
}
