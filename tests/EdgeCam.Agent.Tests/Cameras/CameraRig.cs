using System.Diagnostics;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>Runs a camera source against a sink that writes down what it is told, and checks at the end that all pictures were given back.</summary>
internal sealed class CameraRig : IAccessUnitSink, ILogger, IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // the machine may be busy; nothing waits longer than it must

    private readonly AccessUnitPool _pool = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ICameraSource _source;
    private readonly Lock _guard = new();
    private readonly List<Picture> _pictures = [];
    private readonly List<(CameraState State, string Detail)> _states = [];
    private readonly List<StreamInfo> _infos = [];
    private readonly List<int> _logged = [];
    private readonly List<string> _lines = [];
    private readonly Action<AccessUnit>? _onUnit;
    private readonly Task _running;

    /// <param name="substream">Where the substream's pictures go, if the source has one.</param>
    /// <param name="create">Makes the source in another way than a configuration would have it.</param>
    /// <param name="onUnit">Called with each picture by the camera's thread.</param>
    public CameraRig(
        CameraOptions options, IAccessUnitSink? substream = null, RegionOfInterest? region = null, Progress? progress = null, Func<CameraRig, AccessUnitPool, ICameraSource>? create = null,
        Action<AccessUnit>? onUnit = null, Agent.Cameras.V4l2.IV4l2System? system = null)
    {
        _onUnit = onUnit;
        _source = create?.Invoke(this, _pool) ?? CameraSources.Create(options, _pool, Now, Drops, this, region, progress, system: system);
        var beside = substream is not null ? _source.Substream!.RunAsync(substream, _stop.Token) : Task.CompletedTask;
        _running = Task.WhenAll(_source.RunAsync(this, _stop.Token), beside);
    }

    /// <summary>Called with each picture by the camera's thread.</summary>
    public Action? OnPicture { get; set; }

    public DropCounters Drops { get; } = new();

    public ICameraSource Source => _source;

    /// <summary>The simulated camera as it lies beside the tests.</summary>
    public static string Sims => Path.Combine(AppContext.BaseDirectory, "edgecam-sims");

    public static FileInfo ShippedClip
    {
        get
        {
            var root = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(root, "EdgeCam.sln")))
                root = Path.GetDirectoryName(root)!;
            return new(Path.Combine(root, "deploy", "clip", "panorama.h264"));
        }
    }

    public IReadOnlyList<Picture> Pictures => Locked(() => _pictures.ToArray());

    public IReadOnlyList<(CameraState State, string Detail)> States => Locked(() => _states.ToArray());

    public IReadOnlyList<StreamInfo> Infos => Locked(() => _infos.ToArray());

    /// <summary>The ids of what was logged.</summary>
    public IReadOnlyList<int> Logged => Locked(() => _logged.ToArray());

    /// <summary>What was logged.</summary>
    public IReadOnlyList<string> Lines => Locked(() => _lines.ToArray());

    /// <summary>A small picture, so that a test costs little.</summary>
    public static CameraOptions Simulated(params string[] extra) =>
        new("cam0", "rpicam:0", Width: 320, Height: 240, Bitrate: 400_000, KeyFrameInterval: 15, Command: [Sims, "camera"], ExtraArguments: extra);

    public static Instant Now() => new(Stopwatch.GetElapsedTime(0).Ticks);

    public void OnAccessUnit(AccessUnit unit)
    {
        OnPicture?.Invoke();
        _onUnit?.Invoke(unit);
        byte[] types = [.. unit.NalUnits.ToArray().Select(nal => (byte)(unit.Block[nal.Offset] & 0x1F))];
        Locked(() =>
        {
            _pictures.Add(new(unit.Number, unit.CaptureTime, Now(), unit.IsIdr, types, unit.Length));
            return 0;
        });
    }

    public void OnStreamInfo(StreamInfo info) => Locked(() =>
    {
        _infos.Add(info);
        return 0;
    });

    public void OnStateChanged(CameraState state, string detail) => Locked(() =>
    {
        _states.Add((state, detail));
        return 0;
    });

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Locked(() =>
    {
        _logged.Add(eventId.Id);
        _lines.Add(formatter(state, exception));
        return 0;
    });

    public Task WaitForLine(string part) => WaitFor(() => Lines.Any(line => line.Contains(part, StringComparison.Ordinal)), $"a line with '{part}'");

    public async Task WaitForPictures(int count) => await WaitFor(() => Pictures.Count >= count, $"{count} pictures");

    /// <returns>What was said with it.</returns>
    public async Task<string> WaitForState(CameraState state, int times = 1)
    {
        await WaitFor(() => States.Count(told => told.State == state) >= times, $"{state} {times} times");
        return States.Last(told => told.State == state).Detail;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(Patience);
        _stop.Dispose();
        Drops.Dispose();
        Assert.Equal(0, _pool.Outstanding);
    }

    private async Task WaitFor(Func<bool> condition, string what)
    {
        var since = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.False(_running.IsCompleted, $"the source ended while {what} were awaited");
            Assert.True(Stopwatch.GetElapsedTime(since) < Patience, $"no {what}; got {Pictures.Count} pictures and {string.Join(", ", States)}");
            await Task.Delay(10);
        }
    }

    private T Locked<T>(Func<T> action)
    {
        lock (_guard)
            return action();
    }

    internal readonly record struct Picture(long Number, Instant CaptureTime, Instant ArrivedAt, bool IsIdr, byte[] NalTypes, int Length);
}
