using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Settings;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Settings;

/// <summary>When settings on trial are confirmed, and when they are given up; in virtual time.</summary>
public sealed class TrialWatchTests
{
    private static readonly BrokerCondition s_connected = new(true, 1, null);
    private static readonly BrokerCondition s_away = new(false, 1, "connection refused");
    private static readonly CameraReport[] s_live = [new("cam0", "live", 1280, 720), new("cam1", "lost", 1280, 720, "no camera")];

    private readonly ManualTime _time = new();

    [Fact]
    public void All_well_for_ten_seconds_is_good()
    {
        var watch = Watch();
        Assert.Equal(10, Until(TrialVerdict.Good, watch, _ => s_connected, _ => s_live));
    }

    [Fact]
    public void A_broker_that_comes_late_begins_the_ten_seconds() =>
        Assert.Equal(70, Until(TrialVerdict.Good, Watch(), second => second < 60 ? s_away : s_connected, _ => s_live));

    [Fact]
    public void A_connection_that_is_made_anew_begins_them_again() =>
        Assert.Equal(18, Until(TrialVerdict.Good, Watch(), second => second < 8 ? s_connected : s_connected with { Connections = 2 }, _ => s_live));

    [Fact]
    public void A_connection_that_never_lasts_is_none() =>
        Assert.Equal(270, Until(TrialVerdict.Bad, Watch(), second => s_connected with { Connections = second / 5 }, _ => s_live));

    [Fact]
    public void Without_a_broker_the_time_runs_out_and_says_why()
    {
        var watch = Watch();
        Assert.Equal(270, Until(TrialVerdict.Bad, watch, _ => s_away, _ => s_live));
        Assert.Equal("there is no connection to the broker: connection refused", watch.Missing);
        Assert.Equal(TimeSpan.Zero, watch.Left);
    }

    [Fact]
    public void A_camera_that_was_live_has_to_be_live_again()
    {
        var watch = Watch();
        Assert.Equal(270, Until(TrialVerdict.Bad, watch, _ => s_connected, _ => [new("cam0", "refused", 0, 0, "no such mode"), s_live[1]]));
        Assert.Equal("camera cam0 is refused: no such mode", watch.Missing);
    }

    [Fact]
    public void All_that_is_missing_is_said()
    {
        var watch = Watch();
        watch.Look(s_away, [new("cam0", "lost", 0, 0)]);
        Assert.Equal("there is no connection to the broker: connection refused; camera cam0 is lost", watch.Missing);
    }

    [Fact]
    public void A_camera_that_was_not_live_or_is_no_more_there_is_not_awaited()
    {
        Assert.Equal(10, Until(TrialVerdict.Good, Watch(), _ => s_connected, _ => [s_live[1]]));
        Assert.Equal(10, Until(TrialVerdict.Good, new(_time, _time.GetTimestamp(), awaitsBroker: false, [], TrialLimits.Usual), _ => s_away, _ => s_live));
    }

    [Fact]
    public void Without_any_broker_the_cameras_alone_count() => Assert.Equal(10, Until(TrialVerdict.Good, Watch(), _ => null, _ => s_live));

    private TrialWatch Watch() => new(_time, _time.GetTimestamp(), awaitsBroker: true, ["cam0"], TrialLimits.Usual);

    /// <summary>The second at which it is so.</summary>
    private int Until(TrialVerdict verdict, TrialWatch watch, Func<int, BrokerCondition?> broker, Func<int, IReadOnlyList<CameraReport>> cameras)
    {
        for (var second = 0; second < 400; second++)
        {
            var now = watch.Look(broker(second), cameras(second));
            if (now != TrialVerdict.Open)
            {
                Assert.Equal(verdict, now);
                return second;
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        return -1;
    }
}
