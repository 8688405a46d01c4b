using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Management;

namespace EdgeCam.Agent.Tests.Management;

/// <summary>The line that <c>systemctl status</c> shows.</summary>
public sealed class ServiceReportTests
{
    private static readonly CameraReport s_live = new("cam0", "live", 1280, 720);
    private static readonly CameraReport s_starting = new("cam1", "starting", 1280, 720);
    private static readonly CameraReport s_lost = new("cam1", "lost", 1280, 720, "No picture for 3 s; the camera's process is restarted.");

    [Fact]
    public void All_is_well()
    {
        Assert.Equal("2 of 2 cameras live, 3 viewers, broker connected", Text(new([s_live, s_live], 3, "connected")));
        Assert.Equal("1 of 1 camera live, 1 viewer", Text(new([s_live], 1, "off")));
    }

    [Fact]
    public void What_is_missing_is_named_with_its_reason()
    {
        Assert.Equal(
            "1 of 2 cameras live, 0 viewers, no broker (Connection refused), trying again; cam1 lost: No picture for 3 s; the camera's process is restarted, trying again",
            Text(new([s_live, s_lost], 0, "disconnected", "Connection refused")));
        Assert.Equal(
            "starting: 0 of 1 camera live, 0 viewers, broker disconnected; waiting for the first picture of cam1 and the broker's answer",
            Text(new([s_starting], 0, "disconnected"), isReady: false));
    }

    [Fact]
    public void A_clock_that_is_not_set_is_said_once()
    {
        Assert.Equal(
            "1 of 1 camera live, 0 viewers, the broker waits until the clock is set (1970-01-01)", Text(new([s_live], 0, "waiting", UnsetClock: DateTimeOffset.UnixEpoch)));
        Assert.Equal(
            "1 of 1 camera live, 0 viewers, broker connected; the clock is not set (1970-01-01): waiting for time",
            Text(new([s_live], 0, "connected", UnsetClock: DateTimeOffset.UnixEpoch)));
    }

    [Fact]
    public void A_loop_that_hangs_comes_first() => Assert.StartsWith(
        "no sign of life from camera cam0, viewers; 1 of 1 camera live",
        new ServiceReport([s_live], 0, "off").ToText(isReady: true, [new("camera cam0", TimeSpan.FromSeconds(1)), new("viewers", TimeSpan.Zero)]), StringComparison.Ordinal);

    [Fact]
    public void Nothing_that_somebody_else_wrote_begins_a_line_of_its_own()
    {
        var text = Text(new([s_lost with { Detail = "gone\nREADY=1\nMAINPID=1" + new string('x', 5000) }], 0, "disconnected", "no\r\nanswer"));

        Assert.DoesNotContain(text, char.IsControl);
        Assert.InRange(text.Length, 1, 500);
    }

    [Theory]
    [InlineData("connected", null, 0)]
    [InlineData("off", null, 0)]
    [InlineData("waiting", null, 0)]
    [InlineData("disconnected", "Connection refused", 0)]
    [InlineData("disconnected", null, 1)]
    public void A_broker_is_tried_when_it_has_answered_or_not(string broker, string? problem, int untried)
    {
        Assert.Equal(untried, new ServiceReport([s_live, s_lost], 0, broker, problem).Untried().Count);
        Assert.Equal(untried + 1, new ServiceReport([s_live, s_starting], 0, broker, problem).Untried().Count);
    }

    private static string Text(ServiceReport report, bool isReady = true) => report.ToText(isReady, []);
}
