using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Measuring;

/// <summary>A clock that shows a time before the program was built cannot be right.</summary>
public sealed class DeviceClockTests
{
    [Fact]
    public void It_is_set_from_the_day_of_the_build_on()
    {
        var time = new ManualTime();
        Assert.Equal("unset", DeviceClock.Report(time).State);

        time.JumpWallClock(DeviceClock.BuiltAt - DateTimeOffset.UnixEpoch - TimeSpan.FromSeconds(1));
        Assert.False(DeviceClock.IsSet(time));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(DeviceClock.IsSet(time));
        Assert.Equal("set", DeviceClock.Report(time).State);
        Assert.True(DeviceClock.IsSet(TimeProvider.System), $"this machine's clock is before {DeviceClock.BuiltAt:yyyy-MM-dd}, or the build's epoch is in its future");
    }

    [Fact]
    public void The_offset_changes_by_jumps_only()
    {
        var time = new ManualTime();
        var offset = DeviceClock.Offset(time);

        time.Advance(TimeSpan.FromHours(3));
        Assert.Equal(offset, DeviceClock.Offset(time));
        time.JumpWallClock(TimeSpan.FromDays(-1));
        Assert.Equal(offset - TimeSpan.FromDays(1), DeviceClock.Offset(time));
    }

    [Fact]
    public void The_kernel_is_asked_without_changing_anything()
    {
        var before = TimeProvider.System.GetUtcNow();

        _ = DeviceClock.Report(TimeProvider.System).Synchronized; // true, false, or null where the call is not allowed

        Assert.InRange(TimeProvider.System.GetUtcNow() - before, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }
}
