using System.Net.Sockets;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Hosting.Systemd;

namespace EdgeCam.Agent.Tests.Management;

/// <summary>What systemd is told, and when.</summary>
public sealed class ServiceReporterTests
{
    private static readonly CameraReport s_live = new("cam0", "live", 1280, 720);
    private static readonly CameraReport s_starting = new("cam0", "starting", 1280, 720);

    private readonly ManualTime _time = new();
    private readonly ProgressBoard _board;
    private readonly FakeManager _manager = new();
    private readonly LogLines<ServiceReporter> _log = new();
    private ServiceReport _report = new([s_starting], 0, "disconnected");
    private ServiceReporter? _reporter;

    public ServiceReporterTests() => _board = new(_time);

    [Fact]
    public void It_is_ready_when_the_broker_and_every_camera_have_been_tried()
    {
        Start();
        Assert.Equal(["STATUS=starting: 0 of 1 camera live, 0 viewers, broker disconnected; waiting for the first picture of cam0 and the broker's answer"], _manager.Said);

        _report = new([s_live], 0, "disconnected");
        Pass(2);
        Assert.Equal(0, _manager.Count("READY=1"));

        _report = new([s_live], 0, "disconnected", "Connection refused"); // tried, and in vain
        Pass(1);
        Assert.Contains("READY=1\nSTATUS=1 of 1 camera live, 0 viewers, no broker (Connection refused), trying again", _manager.Said);
        Pass(60);
        Assert.Equal(1, _manager.Count("READY=1"));
    }

    [Fact]
    public void After_20_s_it_is_ready_whatever_is_missing_and_says_what()
    {
        Start();
        Pass(19);
        Assert.Equal(0, _manager.Count("READY=1"));

        Pass(1);
        Assert.Contains("READY=1\nSTATUS=0 of 1 camera live, 0 viewers, broker disconnected; waiting for the first picture of cam0 and the broker's answer", _manager.Said);
    }

    [Fact]
    public void A_sign_of_life_comes_three_times_as_often_as_it_must_while_every_promise_is_kept()
    {
        var camera = _board.Add("camera cam0");
        Start(watchdog: 20);
        Assert.Equal(1, _manager.Count("WATCHDOG=1"));
        Pass(60);
        Assert.InRange(_manager.Count("WATCHDOG=1"), 9, 12);

        camera.Within(TimeSpan.FromSeconds(3));
        Pass(12);
        var before = _manager.Count("WATCHDOG=1");
        Pass(30);
        Assert.Equal(before, _manager.Count("WATCHDOG=1"));
        Assert.Equal(1, _log.Count("No sign of life from the loop \"camera cam0\""));
        Assert.Equal(1, _manager.Count("STATUS=no sign of life from camera cam0"));

        camera.Within(TimeSpan.FromSeconds(20));
        Pass(1);
        Assert.Equal(before + 1, _manager.Count("WATCHDOG=1")); // at once
        Pass(25);
        Assert.Equal(2, _log.Count("No sign of life")); // a second time is said again
    }

    [Fact]
    public void Without_a_watchdog_there_is_no_sign_of_life()
    {
        Start();
        Pass(30);

        Assert.Equal(0, _manager.Count("WATCHDOG=1"));
    }

    [Fact]
    public void A_short_watchdog_is_fed_in_time_and_the_status_changes_once_a_second_all_the_same()
    {
        _report = new([s_live], 0, "off");
        Start(watchdog: 0.3);
        for (var i = 1; i <= 20; i++)
        {
            _report = new([s_live], i, "off");
            Pass(0.1, step: 0.1);
        }

        Assert.InRange(_manager.Count("WATCHDOG=1"), 20, 21);
        Assert.Equal(2, _manager.Count("STATUS=1 of 1")); // in two seconds, beside the one of READY=1
    }

    [Fact]
    public async Task It_says_that_it_stops()
    {
        using var stop = new CancellationTokenSource();
        var running = new ServiceReporter(new(_manager, null), _board, () => _report, _time, _log).RunAsync(stop.Token);
        await stop.CancelAsync();
        await running;

        Assert.Equal("STOPPING=1\nSTATUS=stopping", _manager.Said[^1]);
    }

    [Fact]
    public void A_manager_that_cannot_be_told_costs_a_line_of_log()
    {
        _manager.IsGone = true;
        Start(watchdog: 3);
        Pass(10);

        Assert.Equal(1, _log.Count("cannot be told"));
        _manager.IsGone = false;
        Pass(1);
        Assert.Equal(1, _manager.Count("WATCHDOG=1"));
    }

    private void Start(double? watchdog = null)
    {
        _reporter = new(new(_manager, watchdog is { } seconds ? TimeSpan.FromSeconds(seconds) : null), _board, () => _report, _time, _log);
        _reporter.Look();
    }

    private void Pass(double seconds, double step = 1)
    {
        for (var i = 0; i < (int)Math.Round(seconds / step); i++)
        {
            _time.Advance(TimeSpan.FromSeconds(step));
            _reporter!.Look();
        }
    }

    private sealed class FakeManager : ISystemdNotifier
    {
        public List<string> Said { get; } = [];

        public bool IsGone { get; set; }

        public bool IsEnabled => true;

        public int Count(string start) => Said.Count(state => state.StartsWith(start, StringComparison.Ordinal));

        public void Notify(ServiceState state)
        {
            if (IsGone)
                throw new SocketException((int)SocketError.ConnectionRefused);
            Said.Add(state.ToString());
        }
    }
}
