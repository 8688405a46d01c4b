using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Cameras.V4l2;

/// <summary>The source with a camera in virtual time, and what it tells its sink.</summary>
internal sealed class V4l2Rig(FakeCamera? camera = null) : IAccessUnitSink, IDisposable
{
    private readonly AccessUnitPool _pool = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(double At, int Bytes)> _sizes = [];
    private Instant _begun;

    public FakeCamera Camera { get; } = camera ?? new();

    public DropCounters Drops { get; } = new();

    public LogLines<V4l2Rig> Log { get; } = new();

    public V4l2Source? Source { get; private set; }

    /// <summary>Seconds from the beginning, and what was told then.</summary>
    public List<(double At, CameraState State, string Detail)> States { get; } = [];

    /// <summary>Seconds from the beginning: when it was given, and when it was captured.</summary>
    public List<(double At, double CapturedAt, bool IsIdr, byte[] NalTypes, long Number)> Pictures { get; } = [];

    public List<StreamInfo> Infos { get; } = [];

    public Action<CameraState>? OnState { get; set; }

    /// <summary>All pictures, as a decoder takes them.</summary>
    public List<byte> Stream { get; } = [];

    public IEnumerable<CameraState> StateNames => States.Select(told => told.State);

    /// <summary>Runs the source for so long, and checks that it left nothing open or lent.</summary>
    public async Task Run(double seconds, CameraOptions? options = null)
    {
        _begun = Camera.Now;
        Source = new(options ?? Options(), _pool, () => Camera.Now, Drops, Log, new(static () => 0.999, V4l2Source.LongestWait), Camera);
        Camera.At((_begun - FakeCamera.Beginning).TotalSeconds + seconds, _stop.Cancel);
        await Source.RunAsync(this, _stop.Token).WaitAsync(CameraRig.Patience);
        Assert.Equal(0, Camera.Open);
        Assert.Equal(0, _pool.Outstanding);
        Assert.True(Camera.LongestWait <= TimeSpan.FromSeconds(0.5), $"it waited {Camera.LongestWait}");
    }

    public static CameraOptions Options() => new("cam0", "v4l2:/dev/video20", FakeCamera.Width, FakeCamera.Height, 25, KeyFrameInterval: 25);

    /// <summary>When the first picture came after that moment.</summary>
    public double FirstPictureAfter(double seconds) => Pictures.First(picture => picture.At > seconds).At - seconds;

    /// <summary>Of the pictures that came between two moments.</summary>
    public long BitsBetween(double from, double to) => _sizes.Where(size => size.At > from && size.At <= to).Sum(size => size.Bytes * 8L);

    public void OnAccessUnit(AccessUnit unit)
    {
        _sizes.Add((Elapsed, unit.Length));
        foreach (var nal in unit.NalUnits)
            Stream.AddRange([0, 0, 0, 1, .. unit.Block.Slice(nal.Offset, nal.Length)]);
        byte[] types = [.. unit.NalUnits.ToArray().Select(nal => (byte)(unit.Block[nal.Offset] & 0x1F))];
        Pictures.Add((Elapsed, (unit.CaptureTime - _begun).TotalSeconds, unit.IsIdr, types, unit.Number));
    }

    public void OnStreamInfo(StreamInfo info) => Infos.Add(info);

    public void OnStateChanged(CameraState state, string detail)
    {
        States.Add((Elapsed, state, detail));
        OnState?.Invoke(state);
    }

    public void Dispose()
    {
        _stop.Dispose();
        Drops.Dispose();
    }

    private double Elapsed => (Camera.Now - _begun).TotalSeconds;
}
