using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Management.Update;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Update;

/// <summary>The agent's part, with the helper's in turn: orders, states, events, and starts in each of them.</summary>
public sealed class UpdateServiceTests : IDisposable
{
    private const string Url = "https://updates.example/archive?token=s3cret";

    private static readonly BrokerCondition s_connected = new(true, 1, null);
    private static readonly byte[] s_archive = UpdateSystem.Archive("1.1.0");

    private readonly UpdateSystem _system = new();
    private readonly ManualTime _time = new(ManualTime.SetClock);
    private readonly List<UpdateEvent> _events = [];
    private UpdateHealth _health = new(s_connected, [new("cam0", "live", 640, 480), new("cam1", "lost", 640, 480)]);
    private bool _areSettingsTried;
    private Func<string, Action<long>, CancellationToken, Task<UpdateRefusal?>> _fetch;

    public UpdateServiceTests() => _fetch = async (file, had, stop) =>
    {
        File.WriteAllBytes(file, s_archive);
        had(s_archive.Length / 4); // not told: it is too soon
        await Task.Delay(TimeSpan.FromSeconds(2), _time, stop);
        had(s_archive.Length / 2);
        had(s_archive.Length / 4 * 3);
        await Task.Delay(TimeSpan.FromSeconds(2), _time, stop);
        had(s_archive.Length);
        return null;
    };

    public void Dispose() => _system.Dispose();

    [Fact]
    public async Task An_order_goes_all_the_way_and_each_step_is_told()
    {
        await using (var old = Start())
        {
            Assert.Null(old.Service.Install(Url, _system.Manifest("1.1.0", s_archive)));
            await old.UntilAsync(() => File.Exists(_system.Paths.Request));
            Assert.Equal(["downloading", "downloading", "downloading", "staged"], States);
            Assert.Equal(new int?[] { 0, (int)(s_archive.Length / 2 * 100L / s_archive.Length), 100 }, _events.Take(3).Select(static told => told.Percent));
            _system.Apply();
            await old.UntilAsync(() => States[^1] == "trial");
        }

        Assert.Equal(["cam0"], _system.Trial!.Cameras); // what was lost before need not come back
        _system.Trials().CountStart();
        await using (var next = Start("1.1.0"))
        {
            await next.UntilAsync(() => File.Exists(_system.Paths.Healthy));
            _system.Apply();
            await next.UntilAsync(() => States[^1] == "confirmed");
            var report = next.Service.Report();
            Assert.Equal(("1.1.0", "idle", "package", "confirmed"), (report.Version, report.State, report.Previous, report.LastResult!.State));
            Assert.Single(report.Keys);
        }

        Assert.All(_events, static told => Assert.Equal("1.1.0", told.Version));
        Assert.Single(_events.Select(static told => told.Id).Distinct());
    }

    [Fact]
    public async Task One_that_is_rolled_back_is_told_by_the_old_version_with_its_reason()
    {
        await StageAsync();
        _system.Apply();
        for (var start = 0; start < 4; start++)
            _system.Trials().CountStart();

        await using var old = Start();
        await old.UntilAsync(() => States[^1] == "rolledBack");

        Assert.Equal(UpdateReasons.DidNotStart, _events[^1].Reason);
        Assert.NotEmpty(_events[^1].Detail!);
        Assert.Null(old.Service.Install(Url, _system.Manifest("1.1.0", s_archive))); // by hand, at any time
    }

    [Fact]
    public async Task The_helpers_refusal_is_told()
    {
        await StageAsync();
        File.WriteAllBytes(_system.Paths.Archive, new byte[s_archive.Length]); // the card has gone bad
        _system.Apply();

        await using var service = Start();
        await service.UntilAsync(() => States[^1] == "refused");

        Assert.Equal(UpdateReasons.WrongHash, _events[^1].Reason);
        Assert.Equal(UpdateReasons.WrongHash, service.Service.Report().LastResult!.Reason);
    }

    [Theory]
    [InlineData(UpdateReasons.OlderVersion, "0.9.0")]
    [InlineData(UpdateReasons.SameVersion, "1.0.0")]
    [InlineData(UpdateReasons.WrongDeviceClass, "1.1.0")]
    [InlineData(UpdateReasons.WrongSignature, "1.1.0")]
    [InlineData(UpdateReasons.BadUrl, "1.1.0")]
    [InlineData(UpdateReasons.NoKeys, "1.1.0")]
    [InlineData(UpdateReasons.NoHelper, "1.1.0")]
    public async Task What_can_be_seen_at_once_is_refused_at_once(string reason, string version)
    {
        var manifest = _system.Manifest(version, s_archive, payload =>
        {
            if (reason == UpdateReasons.WrongDeviceClass)
                payload["deviceClass"] = "linux-arm";
        });
        if (reason == UpdateReasons.WrongSignature)
            manifest = manifest[..^8] + "AAAAAAAA";
        if (reason == UpdateReasons.NoKeys)
            File.Delete(Path.Combine(_system.Paths.Keys, "one.pem"));
        if (reason == UpdateReasons.NoHelper)
            Directory.Delete(_system.Paths.Helper, recursive: true);
        await using var service = Start();

        var refusal = service.Service.Install(reason == UpdateReasons.BadUrl ? "file:///x" : Url, manifest);

        Assert.Equal(reason, refusal!.Reason);
        Assert.Equal("idle", service.Service.Report().State);
        if (reason is UpdateReasons.NoKeys or UpdateReasons.NoHelper)
            Assert.NotEmpty(service.Service.Report().Problems!);
        Assert.Empty(_events);
    }

    [Fact]
    public async Task The_same_order_twice_is_one_and_another_waits()
    {
        _fetch = static (_, _, stop) => Task.Delay(Timeout.Infinite, stop).ContinueWith(static _ => (UpdateRefusal?)null, TaskScheduler.Default);
        await using var service = Start();
        var manifest = _system.Manifest("1.1.0", s_archive);

        Assert.Null(service.Service.Install(Url, manifest));
        Assert.Null(service.Service.Install(Url, manifest));
        Assert.Equal(UpdateReasons.Busy, service.Service.Install(Url, _system.Manifest("1.2.0", s_archive))!.Reason);
    }

    [Fact]
    public async Task A_download_can_be_cancelled_and_leaves_nothing()
    {
        _fetch = async (file, _, stop) =>
        {
            await File.WriteAllBytesAsync(file, s_archive[..10], stop);
            await Task.Delay(Timeout.Infinite, stop);
            return null;
        };
        await using var service = Start();
        Assert.Equal(UpdateReasons.TooLate, service.Service.Cancel()!.Reason);
        service.Service.Install(Url, _system.Manifest("1.1.0", s_archive));
        await service.UntilAsync(() => File.Exists(_system.Paths.Download));

        Assert.Null(service.Service.Cancel());

        await service.UntilAsync(() => !File.Exists(_system.Paths.Download));
        Assert.Equal(("refused", UpdateReasons.Cancelled), (States[^1], _events[^1].Reason));
        Assert.Equal("idle", service.Service.Report().State);
    }

    [Fact]
    public async Task What_lies_ready_can_be_cancelled_until_it_is_taken()
    {
        await StageAsync();
        await using var service = Start();
        Assert.Null(service.Service.Cancel());
        Assert.False(File.Exists(_system.Paths.Request));
        _system.Apply();
        Assert.Equal("edgecam 1.0.0", _system.Running);

        _events.Clear();
        Assert.Null(service.Service.Install(Url, _system.Manifest("1.1.0", s_archive)));
        await service.UntilAsync(() => File.Exists(_system.Paths.Request));
        _system.Actions = _system.Actions with { AskVersion = static _ => throw new CrashException() };
        Assert.Throws<CrashException>(_system.Helper().Run);
        Assert.Equal(UpdateReasons.TooLate, service.Service.Cancel()!.Reason);
    }

    [Fact]
    public async Task Where_nobody_takes_it_that_is_told()
    {
        await using var service = Start();
        service.Service.Install(Url, _system.Manifest("1.1.0", s_archive));
        await service.UntilAsync(() => File.Exists(_system.Paths.Request));

        _time.Advance(UpdateService.HelperPatience + TimeSpan.FromSeconds(2));

        await service.UntilAsync(() => States[^1] == "refused");
        Assert.Equal(UpdateReasons.HelperSilent, _events[^1].Reason);
        Assert.False(File.Exists(_system.Paths.Request));
    }

    /// <summary>SIGKILL, or the power, in the middle of each of the agent's own states.</summary>
    [Fact]
    public async Task A_start_goes_on_from_wherever_the_last_run_ended()
    {
        _fetch = async (file, _, stop) =>
        {
            File.WriteAllBytes(file + ".new", s_archive[..10]);
            File.Move(file + ".new", file);
            await Task.Delay(Timeout.Infinite, stop);
            return null;
        };
        await using (var killed = Start())
        {
            killed.Service.Install(Url, _system.Manifest("1.1.0", s_archive));
            await killed.UntilAsync(() => File.Exists(_system.Paths.Download));
        }

        // It is asked to go on with what is there.
        var isContinued = false;
        _fetch = (file, _, _) =>
        {
            isContinued |= File.ReadAllBytes(file).Length == 10;
            File.WriteAllBytes(file, s_archive);
            return Task.FromResult<UpdateRefusal?>(null);
        };
        await StageAsync(isOrdered: true);
        Assert.True(isContinued);

        // Between what lies ready and the request for it.
        File.Delete(_system.Paths.Request);
        await StageAsync(isOrdered: true);

        // Between the download and what lies ready.
        File.Delete(_system.Paths.Request);
        UpdateFile.Write(_system.Paths.Job, UpdateFile.Read(_system.Paths.Job, UpdateJson.Default.UpdateMemory)! is { Job: { } job } memory ? memory with { Job = job with { State = "downloading" } } : null!, UpdateJson.Default.UpdateMemory, isOpen: false);
        _fetch = (file, _, _) => Task.FromResult(File.ReadAllBytes(file).Length == s_archive.Length ? null : new UpdateRefusal("gone", "", ""));
        await StageAsync(isOrdered: true);
        _system.Apply();
        Assert.Equal("edgecam 1.1.0", _system.Running);

        // A file that is none: nothing is under way, and the trial's own way back is not concerned.
        File.WriteAllText(_system.Paths.Job, "{ half of");
        await using var anew = Start();
        Assert.Equal("idle", anew.Service.Report().State);
    }

    [Fact]
    public async Task While_settings_are_on_trial_none_is_ordered_and_what_was_downloaded_waits()
    {
        _areSettingsTried = true;
        await using var service = Start();
        var refused = service.Service.Install(Url, _system.Manifest("1.1.0", s_archive))!;
        Assert.Equal((UpdateReasons.Busy, "settings are on trial"), (refused.Reason, refused.Problem));
        Assert.Contains("event/config", refused.Remedy, StringComparison.Ordinal);

        _areSettingsTried = false;
        Assert.Null(service.Service.Install(Url, _system.Manifest("1.1.0", s_archive)));
        var isDone = false;
        _fetch = (file, _, _) =>
        {
            File.WriteAllBytes(file, s_archive);
            isDone = _areSettingsTried = true; // they were set meanwhile
            return Task.FromResult<UpdateRefusal?>(null);
        };
        await service.UntilAsync(() => isDone);
        var since = _time.GetTimestamp();
        await service.UntilAsync(() => _time.GetElapsedTime(since) > TimeSpan.FromSeconds(30));
        Assert.Equal(("downloading", false), (service.Service.Report().State, File.Exists(_system.Paths.Request)));
        _areSettingsTried = false;
        await service.UntilAsync(() => File.Exists(_system.Paths.Request));
    }

    [Fact]
    public async Task An_order_that_waits_for_settings_on_trial_can_be_cancelled()
    {
        await using var service = Start();
        _fetch = (file, _, _) =>
        {
            File.WriteAllBytes(file, s_archive);
            _areSettingsTried = true;
            return Task.FromResult<UpdateRefusal?>(null);
        };
        Assert.Null(service.Service.Install(Url, _system.Manifest("1.1.0", s_archive)));
        await service.UntilAsync(() => _areSettingsTried);
        Assert.Null(service.Service.Cancel());
        await service.UntilAsync(() => !File.Exists(_system.Paths.Download));
        _areSettingsTried = false;
        Assert.Equal(("idle", false), (service.Service.Report().State, File.Exists(_system.Paths.Request)));
    }

    [Fact]
    public async Task Nothing_else_is_done_from_when_it_is_laid_ready_until_it_has_proved_itself()
    {
        var done = 0;
        await using (var old = Start())
        {
            Assert.True(old.Service.TryApart(() => done++));
            Assert.Null(old.Service.Install(Url, _system.Manifest("1.1.0", s_archive)));
            Assert.True(old.Service.TryApart(() => done++)); // a download hinders nobody
            await old.UntilAsync(() => File.Exists(_system.Paths.Request));
            Assert.False(old.Service.TryApart(() => done++));
            _system.Apply();
            await old.UntilAsync(() => States[^1] == "trial");
            Assert.False(old.Service.TryApart(() => done++));
        }

        await using var next = Start("1.1.0");
        Assert.False(next.Service.TryApart(() => done++));
        await next.UntilAsync(() => File.Exists(_system.Paths.Healthy));
        _system.Apply();
        await next.UntilAsync(() => States[^1] == "confirmed");
        Assert.True(next.Service.TryApart(() => done++));
        Assert.Equal(3, done);
    }

    [Fact]
    public async Task Healthy_is_who_has_broker_and_cameras_for_ten_seconds_on_end()
    {
        await StageAsync();
        _system.Apply();
        _health = _health with { Broker = new(false, 1, "Connection refused") };
        await using var next = Start("1.1.0");
        string? Waiting() => UpdateFile.Read(_system.Paths.Waiting, UpdateJson.Default.UpdateSign)?.Waiting;
        await next.UntilAsync(() => Waiting() == "there is no connection to the broker: Connection refused");
        Assert.Equal(UpdateReasons.Busy, next.Service.Install(Url, _system.Manifest("1.2.0", s_archive))!.Reason);

        _health = new(s_connected, [new("cam0", "lost", 640, 480, "No picture for 5 s")]);
        await next.UntilAsync(() => Waiting() == "camera cam0 is lost: No picture for 5 s");

        var watch = new UpdateTrialWatch(_system.Paths, _system.Trial!, () => _health, _time, NullLogger.Instance);
        foreach (var (isConnected, seconds, isHealthy) in new[] { (true, 0, false), (true, 9, false), (false, 0, false), (true, 5, false), (true, 9, false), (true, 1, true) })
        {
            _time.Advance(TimeSpan.FromSeconds(seconds));
            _health = new(s_connected with { IsConnected = isConnected }, [new("cam0", "live", 640, 480)]);
            watch.Look();
            Assert.Equal(isHealthy, watch.IsHealthy);
        }
    }

    [Fact]
    public async Task Nothing_that_is_told_holds_the_address_with_what_may_be_secret_in_it()
    {
        _fetch = static (_, _, _) => Task.FromResult<UpdateRefusal?>(new(UpdateReasons.DownloadRefused, "the server answers 404", "Look."));
        await using var service = Start();
        service.Service.Install(Url, _system.Manifest("1.1.0", s_archive));
        await service.UntilAsync(() => States is [.., "refused"]);

        Assert.DoesNotContain("s3cret", System.Text.Json.JsonSerializer.Serialize(service.Service.Report(), UpdateJson.Default.UpdateReport) + string.Join(' ', _events), StringComparison.Ordinal);
    }

    private string[] States
    {
        get
        {
            lock (_events)
                return [.. _events.Select(static told => told.State)];
        }
    }

    private async Task StageAsync(bool isOrdered = false)
    {
        await using var service = Start();
        if (!isOrdered)
            Assert.Null(service.Service.Install(Url, _system.Manifest("1.1.0", s_archive)));
        await service.UntilAsync(() => File.Exists(_system.Paths.Request));
    }

    private RunningService Start(string version = UpdateSystem.Packaged) => new(
        new(
            new(_system.Paths, UpdateVersion.TryParse(version), UpdateSystem.Class, _system.Paths.AgentState), (_, _, file, had, stop) => _fetch(file, had, stop), () => _health,
            told =>
            {
                lock (_events)
                    _events.Add(told);
            },
            _time, NullLogger.Instance, new Progress("update", _time), () => _areSettingsTried),
        _time);

    private sealed class RunningService : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly ManualTime _time;
        private readonly Task _running;

        public RunningService(UpdateService service, ManualTime time)
        {
            (Service, _time) = (service, time);
            _running = service.RunAsync(_stop.Token);
        }

        public UpdateService Service { get; }

        /// <summary>Lets virtual seconds pass until it is so.</summary>
        public Task UntilAsync(Func<bool> condition) => Wait.UntilAsync(
            () =>
            {
                if (condition())
                    return true;
                _time.Advance(TimeSpan.FromSeconds(1));
                return condition();
            },
            "what the service was to do");

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
        }
    }
}
