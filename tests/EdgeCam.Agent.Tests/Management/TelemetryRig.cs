using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Management;

/// <summary>A device whose figures a test sets, in virtual time.</summary>
internal sealed class TelemetryRig
{
    public TelemetryRig(TelemetryOptions? options = null)
    {
        Options = options ?? new();
        Sources = new(
            () => Cameras, () => Streams, () => Describe?.Invoke() ?? Task.FromResult<IReadOnlyList<ViewerReport>>(Viewers), () => Viewers.Count, () => Board, () => "connected", () => Drops, () => Outputs);
        Builder = new(Device, Options, Sources, new CpuMeter(Time, "/nowhere", static () => TimeSpan.Zero), Time);
    }

    public TelemetryOptions Options { get; set; }

    public ManualTime Time { get; } = new(ManualTime.SetClock);

    public List<CameraReport> Cameras { get; set; } = [new("cam0", "live", 1280, 720)];

    public List<StreamFigures> Streams { get; set; } = [new("cam0", 0, 0, 2_000_000)];

    public List<ViewerReport> Viewers { get; set; } = [];

    /// <summary>Answers late, or never.</summary>
    public Func<Task<IReadOnlyList<ViewerReport>>>? Describe { get; set; }

    public BoardSample Board { get; set; } = new(new(51.5, Throttled: false), new(32_000_000_000, 20_000_000_000), new("wlan0", -56), 4_000_000_000, 3_000_000_000, 0.4);

    public List<OutputReport>? Outputs { get; set; }

    public List<(Stage, DropReason, long)> Drops { get; } = [];

    public DeviceIdentity Device { get; } = new("dev", "Porch", "0011223344556677", "1.2.3", ManualTime.SetClock);

    public TelemetrySources Sources { get; }

    public TelemetryBuilder Builder { get; }

    public static ViewerReport Viewer(string key, long bytes = 0, string address = "192.0.2.7:5000") =>
        new(key, "cam0", "main", "direct", address, TimeSpan.FromMilliseconds(42), 0.013, 3_000_000, TimeSpan.FromMilliseconds(7), bytes, 100, 3, 50, 1);
}
