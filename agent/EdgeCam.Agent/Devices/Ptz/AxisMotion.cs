namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>
/// Plans one axis: a trapezoid of speed that keeps to the axis' top speed and acceleration, ends exactly at its target and may be given another
/// at any time. A velocity is the same as going to the soft end in that direction at that speed, so that end is not passed: the braking
/// distance to the target is left free at each step.
/// </summary>
/// <param name="lag">Seconds from a speed being planned to its being in force; braking begins so much earlier.</param>
/// <param name="tolerance">Units from the target that count as there, for heads that cannot move by less.</param>
/// <param name="isReckoned">The position is an estimate: a velocity leads past a mechanical end, where the head itself stops. Soft ends hold.</param>
internal sealed class AxisMotion(AxisLimits limits, double lag = 0, double tolerance = 0, bool isReckoned = false)
{
    private const double Rounding = 1e-8; // positions are sums of many steps

    private Phase _phase;
    private double _target;
    private double _speed;
    private double _rate;

    public double Position { get; private set; } = limits.Assumed;

    public double Velocity { get; private set; }

    public bool IsMoving => _phase != Phase.Rest;

    private double EndAbove => isReckoned && limits.SoftMaximum >= limits.Maximum ? double.PositiveInfinity : limits.SoftMaximum;

    private double EndBelow => isReckoned && limits.SoftMinimum <= limits.Minimum ? double.NegativeInfinity : limits.SoftMinimum;

    /// <param name="speed">Units in a second.</param>
    public void GoTo(double target, double speed) => Aim(limits.Clamp(target), speed);

    /// <param name="velocity">Units in a second; 0 brakes.</param>
    public void Drive(double velocity)
    {
        var end = velocity > 0 ? EndAbove : EndBelow;
        var isBeyond = velocity > 0 ? Position >= end : Position <= end;
        if (velocity == 0 || (isBeyond && Velocity == 0))
            Brake();
        else
            Aim(isBeyond ? limits.Clamp(Position) : end, Math.Abs(velocity));
    }

    /// <summary>Comes to rest by the normal ramp.</summary>
    public void Brake()
    {
        if (_phase == Phase.Going)
            (_phase, _rate) = (Phase.Braking, limits.Acceleration);
    }

    /// <summary>Comes to rest as steeply as may be.</summary>
    public void Halt()
    {
        if (IsMoving)
            (_phase, _rate) = (Phase.Braking, limits.StopRate);
    }

    /// <summary>Stands, wherever it is: somebody else has stopped it, or moves it from now on.</summary>
    public void Rest() => (Velocity, _phase) = (0, Phase.Rest);

    /// <summary>It is known to be elsewhere; the plan goes on from there.</summary>
    public void Correct(double position) => Position = position;

    public void Advance(double seconds)
    {
        if (seconds <= 0)
            return;
        if (_phase == Phase.Braking)
            Slow(seconds);
        else if (_phase == Phase.Going)
            Approach(seconds);
    }

    private void Aim(double target, double speed) => (_target, _speed, _phase) = (target, Math.Min(speed, limits.MaxSpeed), Phase.Going);

    private void Slow(double seconds)
    {
        var loss = _rate * seconds;
        if (Math.Abs(Velocity) > loss)
        {
            var slower = Velocity - (Math.Sign(Velocity) * loss);
            Position += (Velocity + slower) / 2 * seconds;
            Velocity = slower;
            return;
        }

        Position += Velocity * Math.Abs(Velocity) / (2 * _rate);
        Rest();
    }

    private void Approach(double seconds)
    {
        var acceleration = limits.Acceleration;
        var distance = Math.Abs(_target - Position);
        var direction = _target > Position || (_target == Position && Velocity > 0) ? 1 : -1;
        var speed = direction * Velocity; // towards the target; negative where it still goes the other way
        if (CanFinish(distance, speed, seconds))
        {
            Position = _target;
            Rest();
            return;
        }

        if (speed < 0 && -speed < acceleration * seconds)
        {
            // It turns round within this step.
            Position -= direction * speed * speed / (2 * acceleration);
            Velocity = 0;
            Approach(seconds + (speed / acceleration));
            return;
        }

        // The highest speed from which braking still ends at the target, after this step at the mean of the two speeds.
        var step = acceleration * seconds;
        var free = Math.Max(0, distance - (Math.Max(0, speed) * lag));
        var root = (step * step / 4) + (2 * acceleration * free) - (step * speed);
        var next = root < 0 ? double.NegativeInfinity : Math.Sqrt(root) - (step / 2);
        next = Math.Min(Math.Min(next, _speed), speed + step);
        next = Math.Max(next, speed > 0 ? Math.Max(0, speed - step) : speed - step);
        Position += direction * (speed + next) / 2 * seconds;
        Velocity = direction * next;
    }

    /// <summary>Whether the target can be reached, and stood still at, within this step and the limits.</summary>
    private bool CanFinish(double distance, double speed, double seconds)
    {
        var acceleration = limits.Acceleration;
        if (distance <= tolerance && Math.Abs(speed) <= Math.Max(acceleration * seconds, tolerance / seconds))
            return true;
        var braking = speed * speed / (2 * acceleration);
        if (speed < 0 || distance < braking - Rounding)
            return false;
        var within = seconds * (1 + Rounding);
        var peak = Math.Sqrt((acceleration * distance) + (speed * speed / 2));
        if (peak <= Math.Max(_speed, speed) && ((2 * peak) - speed) / acceleration <= within)
            return true;
        return speed > 0 && (distance / speed) + (speed / (2 * acceleration)) <= within;
    }

    private enum Phase
    {
        Rest,
        Going,
        Braking,
    }
}
