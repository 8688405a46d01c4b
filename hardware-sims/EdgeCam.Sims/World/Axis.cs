namespace EdgeCam.Sims.World;

/// <summary>
/// One driven axis: a motor with a top acceleration between two mechanical ends, and a gear with backlash behind it. It moves at a speed
/// or to a position; time is brought to it.
/// </summary>
internal sealed class Axis(double min, double max, double acceleration, double backlash = 0)
{
    private const double Step = 0.001; // seconds
    private const double Rest = 1e-9;

    private double _wanted; // a velocity, while there is no target
    private double? _target;
    private double _speed;
    private double _left; // of a step, for the next time

    public double Min => min;

    public double Max => max;

    /// <summary>Where the motor is: what an encoder on it tells.</summary>
    public double Position { get; private set; } = Math.Clamp(0, min, max);

    /// <summary>Where the camera is, behind the backlash of the gear.</summary>
    public double Output { get; private set; } = Math.Clamp(0, min, max);

    public double Velocity { get; private set; }

    /// <summary>A gear that is jammed: nothing turns, whatever is asked.</summary>
    public bool Stuck { get; set; }

    public bool IsMoving => Velocity != 0 || (!Stuck && (_target is { } target ? target != Position : WantsAwayFromEnd));

    /// <summary>Whether a move to a position is still under way.</summary>
    public bool IsTravelling => _target is not null;

    public bool IsAtMin => Position <= min;

    public bool IsAtMax => Position >= max;

    private bool WantsAwayFromEnd => (_wanted > 0 && !IsAtMax) || (_wanted < 0 && !IsAtMin);

    /// <summary>Moves at a speed until told otherwise or the end is reached.</summary>
    public void Drive(double velocity) => (_wanted, _target) = (velocity, null);

    public void Stop() => Drive(0);

    /// <summary>Moves to a position, or to the end nearest to it, at most at the given speed.</summary>
    public void GoTo(double position, double speed) => (_target, _speed, _wanted) = (Math.Clamp(position, min, max), Math.Abs(speed), 0);

    public void Advance(double seconds)
    {
        for (_left += seconds; _left >= Step - Rest; _left -= Step)
        {
            if (!IsMoving && _target is null)
            {
                _left = 0;
                return;
            }

            Tick();
        }
    }

    private void Tick()
    {
        if (Stuck)
        {
            Velocity = 0;
            return;
        }

        var (goal, before) = (_wanted, Velocity);
        if (_target is { } target)
        {
            var way = target - Position;
            if (HasArrived(way))
            {
                Land(target);
                return;
            }

            goal = Math.CopySign(Math.Min(_speed, FastestInTo(way)), way);
        }

        Velocity += Math.Clamp(goal - Velocity, -acceleration * Step, acceleration * Step);
        Position += (before + Velocity) / 2 * Step;
        if (Position <= min || Position >= max)
            (Position, Velocity) = (Math.Clamp(Position, min, max), 0);
        Follow();
    }

    /// <summary>As fast as it may be after this step and still come to a halt where it shall: v^2 / 2a is left of the way then.</summary>
    private double FastestInTo(double way)
    {
        var rest = Math.Abs(way) - (Velocity * Math.Sign(way) * Step / 2);
        var half = acceleration * Step / 2;
        return rest <= 0 ? 0 : Math.Sqrt((half * half) + (2 * acceleration * rest)) - half;
    }

    private bool HasArrived(double way) => Math.Abs(way) <= acceleration * Step * Step && Math.Abs(Velocity) <= acceleration * Step * 1.5;

    private void Land(double target)
    {
        (Position, Velocity, _target) = (target, 0, null);
        Follow();
    }

    private void Follow() => Output = Math.Clamp(Math.Clamp(Output, Position - (backlash / 2), Position + (backlash / 2)), min, max);
}
