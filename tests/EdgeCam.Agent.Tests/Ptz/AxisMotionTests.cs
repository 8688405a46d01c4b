using EdgeCam.Agent.Devices.Ptz;

namespace EdgeCam.Agent.Tests.Ptz;

public class AxisMotionTests
{
    private const double Slack = 1e-6;

    private static readonly AxisLimits s_pan = new(PtzAxis.Pan, -170, 170, -100, 120, 60, 240);

    [Fact]
    public void Whatever_it_is_told_it_keeps_to_speed_acceleration_and_soft_ends()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var motion = new AxisMotion(s_pan);
            for (var i = 0; i < 2000; i++)
            {
                if (random.Next(25) == 0)
                    Retarget(motion, random);
                var seconds = random.Next(10) == 0 ? random.NextDouble() * 0.1 : 0.02;
                var (position, velocity) = (motion.Position, motion.Velocity);
                motion.Advance(seconds);
                var steepest = s_pan.StopRate; // a stop may be steeper than a move
                Assert.InRange(Math.Abs(motion.Velocity), 0, s_pan.MaxSpeed + Slack);
                Assert.InRange(Math.Abs(motion.Velocity - velocity), 0, (steepest * seconds) + Slack);
                Assert.InRange(Math.Abs(motion.Position - position), 0, (s_pan.MaxSpeed * seconds) + Slack);
                Assert.InRange(motion.Position, s_pan.SoftMinimum - Slack, s_pan.SoftMaximum + Slack);
            }
        }
    }

    [Fact]
    public void Without_a_stop_the_acceleration_is_that_of_the_axis()
    {
        var random = new Random(7);
        var motion = new AxisMotion(s_pan);
        for (var i = 0; i < 20_000; i++)
        {
            if (random.Next(25) == 0)
                motion.Drive((random.NextDouble() - 0.5) * 3 * s_pan.MaxSpeed);
            else if (random.Next(25) == 0)
                motion.GoTo((random.NextDouble() - 0.5) * 500, random.NextDouble() * 80);
            var velocity = motion.Velocity;
            motion.Advance(0.02);
            Assert.InRange(Math.Abs(motion.Velocity - velocity), 0, (s_pan.Acceleration * 0.02) + Slack);
        }
    }

    [Fact]
    public void A_move_ends_exactly_at_its_target_and_about_as_fast_as_the_limits_allow()
    {
        var random = new Random(11);
        for (var i = 0; i < 500; i++)
        {
            var motion = new AxisMotion(s_pan);
            var (from, target) = ((random.NextDouble() * 220) - 100, (random.NextDouble() * 220) - 100);
            motion.Correct(from);
            motion.GoTo(target, s_pan.MaxSpeed);
            var steps = Steps(motion, 0.02);
            Assert.Equal(target, motion.Position);
            Assert.Equal(0, motion.Velocity);
            var distance = Math.Abs(target - from);
            var ramp = s_pan.MaxSpeed / s_pan.Acceleration;
            var least = distance >= s_pan.MaxSpeed * ramp ? (distance / s_pan.MaxSpeed) + ramp : 2 * Math.Sqrt(distance / s_pan.Acceleration);
            Assert.InRange(steps * 0.02, least - 0.0001, least + 0.12);
        }
    }

    [Theory]
    [InlineData(0.6)]
    [InlineData(0.001)]
    [InlineData(39.9)]
    public void A_slow_move_arrives_too(double speed)
    {
        var motion = new AxisMotion(s_pan);
        motion.GoTo(speed * 3, speed);
        Steps(motion, 0.02);
        Assert.Equal(speed * 3, motion.Position);
    }

    [Fact]
    public void A_stop_from_top_speed_takes_at_most_a_hundred_milliseconds_and_is_twice_as_steep()
    {
        var motion = new AxisMotion(s_pan);
        motion.Drive(s_pan.MaxSpeed);
        for (var i = 0; i < 50; i++)
            motion.Advance(0.02);
        Assert.Equal(s_pan.MaxSpeed, motion.Velocity, 6);
        var from = motion.Position;
        motion.Halt();
        Assert.InRange(Steps(motion, 0.02), 1, 5);
        Assert.InRange(motion.Position - from, 0, s_pan.MaxSpeed * 0.1 / 2);
        Assert.True(s_pan.StopRate >= 2 * s_pan.Acceleration);
    }

    [Fact]
    public void A_gentle_brake_does_not_soften_a_stop_under_way()
    {
        var motion = new AxisMotion(s_pan);
        motion.Drive(s_pan.MaxSpeed);
        for (var i = 0; i < 50; i++)
            motion.Advance(0.02);
        motion.Halt();
        motion.Advance(0.02);
        motion.Brake();
        Assert.InRange(Steps(motion, 0.02), 0, 4);
    }

    [Fact]
    public void It_slows_down_into_the_soft_end_and_stands_there()
    {
        var motion = new AxisMotion(s_pan);
        motion.Drive(s_pan.MaxSpeed);
        Steps(motion, 0.02);
        Assert.Equal(s_pan.SoftMaximum, motion.Position);
        motion.Drive(s_pan.MaxSpeed);
        motion.Advance(0.02);
        Assert.Equal(s_pan.SoftMaximum, motion.Position);
        Assert.False(motion.IsMoving);
    }

    [Fact]
    public void Reckoned_it_is_driven_on_past_a_mechanical_end_but_goes_to_targets_within_and_keeps_soft_ends()
    {
        var motion = new AxisMotion(s_pan with { SoftMaximum = s_pan.Maximum }, isReckoned: true);
        motion.Drive(s_pan.MaxSpeed);
        for (var i = 0; i < 1000; i++)
        {
            motion.Advance(0.02);
            motion.Correct(Math.Min(motion.Position, s_pan.Maximum));
        }

        Assert.Equal(s_pan.MaxSpeed, motion.Velocity, 6);
        motion.GoTo(1000, s_pan.MaxSpeed);
        Steps(motion, 0.02);
        Assert.Equal(s_pan.Maximum, motion.Position);
        motion.Drive(-s_pan.MaxSpeed);
        Steps(motion, 0.02);
        Assert.Equal(s_pan.SoftMinimum, motion.Position);
    }

    [Fact]
    public void From_beyond_a_soft_end_it_moves_inwards_only()
    {
        var motion = new AxisMotion(s_pan);
        motion.Correct(150);
        motion.Drive(30);
        motion.Advance(0.02);
        Assert.Equal(150, motion.Position);
        motion.Drive(-30);
        motion.Advance(0.1);
        Assert.True(motion.Position < 150);
    }

    [Fact]
    public void Normalised_positions_are_those_of_ONVIF()
    {
        var zoom = new AxisLimits(PtzAxis.Zoom, 1, 10, 1, 10, 3, 12);
        Assert.Equal((-1, 1, 0), (s_pan.Normalise(-170), s_pan.Normalise(170), s_pan.Normalise(0)));
        Assert.Equal((0, 1, 0.5), (zoom.Normalise(1), zoom.Normalise(10), zoom.Normalise(5.5)));
        for (var position = -1.0; position <= 1; position += 0.25)
            Assert.Equal(position, s_pan.Normalise(s_pan.ToUnits(position)), 9);
        Assert.Equal((170, 9), (s_pan.ToDistance(1), zoom.ToDistance(1)));
    }

    private static void Retarget(AxisMotion motion, Random random)
    {
        switch (random.Next(5))
        {
            case 0:
                motion.GoTo((random.NextDouble() - 0.5) * 500, random.NextDouble() * 80);
                break;
            case 1:
                motion.Drive((random.NextDouble() - 0.5) * 3 * s_pan.MaxSpeed);
                break;
            case 2:
                motion.Drive(s_pan.MaxSpeed * (random.Next(2) == 0 ? 1 : -1));
                break;
            case 3:
                motion.Brake();
                break;
            default:
                motion.Halt();
                break;
        }
    }

    private static int Steps(AxisMotion motion, double seconds)
    {
        var steps = 0;
        for (; motion.IsMoving; steps++)
        {
            Assert.True(steps < 100_000, "It never arrives.");
            motion.Advance(seconds);
        }

        return steps;
    }
}
