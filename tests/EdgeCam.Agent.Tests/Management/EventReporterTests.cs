using System.Text;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Management;

/// <summary>What begins and ends, each told once.</summary>
public sealed class EventReporterTests : IDisposable
{
    private readonly ManualTime _time = new(ManualTime.SetClock);
    private readonly List<string> _said = [];
    private readonly DropCounters _drops = new();
    private List<CameraReport> _cameras = [new("cam0", "starting", 1280, 720)];

    public void Dispose() => _drops.Dispose();

    [Fact]
    public void A_camera_that_fails_and_comes_back_is_told_of_once_each()
    {
        var reporter = Reporter();
        void Look(string state, string? detail = null)
        {
            _cameras = [new("cam0", state, 1280, 720, detail)];
            reporter.Look();
            reporter.Look();
        }

        Look("starting");
        Look("live");
        Assert.Empty(_said); // the first start is no event
        Look("lost", "No picture for 5 s");
        Look("starting");
        Look("lost", "no device");
        Look("live");
        Look("refused", "B-frames");

        var at = $"\"at\":{ManualTime.SetClock.ToUnixTimeMilliseconds()}";
        Assert.Equal(
            [
                $$"""camera {"v":1,{{at}},"kind":"lost","camera":"cam0","detail":"No picture for 5 s"}""",
                $$"""camera {"v":1,{{at}},"kind":"back","camera":"cam0"}""",
                $$"""camera {"v":1,{{at}},"kind":"refused","camera":"cam0","detail":"B-frames"}""",
            ],
            _said);
    }

    [Fact]
    public void Viewers_come_and_go_without_name_or_address()
    {
        var reporter = Reporter();

        reporter.Tell(new("alice/session-0001", "cam0"));
        reporter.Tell(new("alice/session-0001", "cam0", "consentExpired", TimeSpan.FromSeconds(75)));

        Assert.EndsWith("\"kind\":\"connected\",\"camera\":\"cam0\",\"viewer\":\"short\"}", _said[0], StringComparison.Ordinal);
        Assert.EndsWith("\"kind\":\"ended\",\"camera\":\"cam0\",\"viewer\":\"short\",\"reason\":\"consentExpired\",\"seconds\":75}", _said[1], StringComparison.Ordinal);
        Assert.StartsWith("viewer ", _said[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_connects_again_and_again_fills_no_broker()
    {
        var reporter = Reporter();
        for (var i = 0; i < 100; i++)
            reporter.Tell(new($"{i}", "cam0"));
        Assert.Equal(30, _said.Count);
        Assert.Equal(70, _drops[Stage.Signaling, DropReason.RateLimited]);

        _time.Advance(TimeSpan.FromSeconds(3));
        for (var i = 0; i < 100; i++)
            reporter.Tell(new($"{i}", "cam0"));
        Assert.Equal(33, _said.Count);
    }

    private EventReporter Reporter() => new(() => _cameras, static _ => "short", (kind, json) => _said.Add($"{kind} {Encoding.UTF8.GetString(json)}"), _drops, _time);
}
