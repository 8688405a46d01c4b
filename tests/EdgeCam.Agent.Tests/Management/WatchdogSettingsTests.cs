using EdgeCam.Agent.Management;

namespace EdgeCam.Agent.Tests.Management;

public sealed class WatchdogSettingsTests
{
    [Theory]
    [InlineData("20000000", null, 20_000)]
    [InlineData("20000000", "", 20_000)]
    [InlineData("20000000", "42", 20_000)]
    [InlineData("20000000", "43", null)] // somebody else's
    [InlineData("500000", "42", 500)]
    [InlineData(null, "42", null)]
    [InlineData("", null, null)]
    [InlineData("0", null, null)]
    [InlineData("-1", null, null)]
    [InlineData("soon", null, null)]
    [InlineData("9223372036854775807", null, null)]
    public void It_is_read_as_systemd_means_it(string? microseconds, string? process, int? milliseconds)
    {
        var found = WatchdogSettings.Read(name => name == "WATCHDOG_USEC" ? microseconds : name == "WATCHDOG_PID" ? process : null, 42);

        Assert.Equal(milliseconds, (int?)found?.TotalMilliseconds);
    }
}
