using EdgeCam.Sims.World;

namespace EdgeCam.Agent.Tests.Sims;

public sealed class SimulatedAxisTests
{
    [Fact]
    public void It_speeds_up_by_its_acceleration_and_then_keeps_its_speed()
    {
        var axis = new Axis(-170, 170, acceleration: 200);
        axis.Drive(60);
        axis.Advance(0.15);
        Assert.Equal(30, axis.Velocity, 6);
        Assert.Equal(2.25, axis.Position, 6); // a t^2 / 2
        axis.Advance(0.85);
        Assert.Equal(60, axis.Velocity, 6);
        Assert.Equal(9 + (0.7 * 60), axis.Position, 6);
    }

    [Fact]
    public void It_halts_at_its_mechanical_end_and_comes_back()
    {
        var axis = new Axis(-30, 90, acceleration: 200);
        axis.Drive(60);
        axis.Advance(10);
        Assert.True(axis.IsAtMax);
        Assert.False(axis.IsMoving);
        Assert.Equal((90, 0), (axis.Position, axis.Velocity));
        axis.Drive(-60);
        Assert.True(axis.IsMoving);
        axis.Advance(1);
        Assert.InRange(axis.Position, 38, 40);
    }

    [Theory]
    [InlineData(35.5, 60)]
    [InlineData(-170, 60)]
    [InlineData(0.05, 60)]
    [InlineData(12, 1.5)]
    public void It_lands_exactly_on_a_position_without_passing_it(double target, double speed)
    {
        var axis = new Axis(-170, 170, acceleration: 200);
        axis.GoTo(target, speed);
        for (var i = 0; i < 20_000 && axis.IsTravelling; i++)
        {
            axis.Advance(0.001);
            Assert.True(Math.Abs(axis.Position) <= Math.Abs(target) + 0.0002, $"passed it by {axis.Position - target}");
            Assert.True(Math.Abs(axis.Velocity) <= speed + 1e-9);
        }

        Assert.Equal(target, axis.Position);
        Assert.False(axis.IsMoving);
    }

    [Fact]
    public void A_stop_brakes_by_its_acceleration()
    {
        var axis = new Axis(-170, 170, acceleration: 200);
        axis.Drive(60);
        axis.Advance(1);
        var at = axis.Position;
        axis.Stop();
        axis.Advance(1);
        Assert.False(axis.IsMoving);
        Assert.Equal(9, axis.Position - at, 6); // v^2 / 2a
    }

    [Fact]
    public void Backlash_is_lost_between_motor_and_camera_at_each_turn()
    {
        var axis = new Axis(-170, 170, acceleration: 200, backlash: 2);
        axis.GoTo(20, 60);
        axis.Advance(5);
        Assert.Equal((20, 19), (axis.Position, axis.Output));
        axis.GoTo(18.5, 60);
        axis.Advance(5);
        Assert.Equal((18.5, 19), (axis.Position, axis.Output));
        axis.GoTo(10, 60);
        axis.Advance(5);
        Assert.Equal((10, 11), (axis.Position, axis.Output));
    }

    [Fact]
    public void A_jammed_gear_does_not_turn()
    {
        var axis = new Axis(-170, 170, acceleration: 200) { Stuck = true };
        axis.GoTo(20, 60);
        axis.Advance(5);
        Assert.Equal((0, false, true), (axis.Position, axis.IsMoving, axis.IsTravelling));
        axis.Stuck = false;
        axis.Advance(5);
        Assert.Equal(20, axis.Position);
    }

    [Fact]
    public void How_time_is_cut_makes_no_difference()
    {
        Axis whole = new(-170, 170, 200), pieces = new(-170, 170, 200);
        whole.GoTo(77, 45);
        pieces.GoTo(77, 45);
        whole.Advance(1);
        for (var i = 0; i < 300; i++)
            pieces.Advance(1 / 300.0);
        Assert.Equal(whole.Position, pieces.Position, 0.06); // at most a step of a millisecond
    }
}
