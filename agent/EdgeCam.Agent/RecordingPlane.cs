using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Recording;
using EdgeCam.Agent.Streaming;

namespace EdgeCam.Agent;

/// <summary>Recordings and snapshots, put together: what records, what methods ask of it, and what HTTP gives of it.</summary>
internal sealed class RecordingPlane : IPictureFiles, IDisposable
{
    private readonly RecordingService _service;
    private readonly Snapshots _snapshots;
    private readonly Func<IReadOnlyList<LiveStream>> _streams;
    private readonly RecordingMetrics _metrics;

    /// <param name="streams">The cameras' main streams; asked once all is made.</param>
    /// <param name="publish">Takes the JSON of <c>event/recording</c>.</param>
    public RecordingPlane(
        AgentOptions options, Func<IReadOnlyList<LiveStream>> streams, Action<byte[]> publish, DropCounters drops, ProgressBoard board, TimeProvider time, ILoggerFactory logs)
    {
        _streams = streams;
        _snapshots = new(static (group, pictures) => JpegSnapshot.TakeAsync(group, pictures), static () => MonotonicClock.Now, time);
        var log = logs.CreateLogger<RecordingService>();
        var folder = options.Recording.Folder ?? Path.Combine(options.Device.StateFolder, "recordings");
        _service = new(options.Recording, new(folder, options.Recording.Limits, time, log), streams, publish, drops, board, time, log);
        _metrics = new(_service);
        Methods = [.. RecordingMethods.Create(_service), .. SnapshotMethods.Create(SnapshotAsync)];
    }

    public IEnumerable<ControlMethod> Methods { get; }

    public Task RunAsync(CancellationToken stop) => _service.RunAsync(stop);

    public FileContent? OpenRecording(string id, out bool isBusy) => _service.Store.TryRead(id, out isBusy) is { } reader
        ? new($"{reader.Segment.Id}.mp4", $"{reader.Segment.Id}-{reader.Length}", reader.Length, reader.ReadAsync, reader)
        : null;

    public async Task<SnapshotAnswer> TakeSnapshotAsync(string camera)
    {
        if (Find(camera) is not { } stream)
            return new(null, 404, $"there is no camera {camera}");
        var result = await _snapshots.TakeAsync(stream);
        return result.Jpeg is { } jpeg ? new(jpeg) : new(null, 503, $"{result.Problem} ({result.Remedy})");
    }

    public void Dispose() => _metrics.Dispose();

    private async Task<(byte[]? Jpeg, ControlError? Error)> SnapshotAsync(string camera)
    {
        if (Find(camera) is not { } stream)
            return (null, ControlError.NotFound("that camera"));
        var result = await _snapshots.TakeAsync(stream);
        return (result.Jpeg, result.Jpeg is null ? ControlError.Unavailable(result.Problem, result.Remedy) : null);
    }

    private LiveStream? Find(string camera) => _streams().FirstOrDefault(stream => stream.Name == camera);
}
