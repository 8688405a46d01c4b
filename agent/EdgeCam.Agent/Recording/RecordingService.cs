using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Streaming;

namespace EdgeCam.Agent.Recording;

/// <summary>Records cameras all the time or when asked to, keeps what limits allow, and gives it back.</summary>
/// <param name="publish">Takes the JSON of an event. Must not wait.</param>
internal sealed class RecordingService(
    RecordingOptions options, RecordingStore store, Func<IReadOnlyList<LiveStream>> streams, Action<byte[]> publish, DropCounters drops, ProgressBoard board, TimeProvider time, ILogger log)
{
    public const string Off = "off";
    public const string Continuous = "continuous";

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_lastPictures = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_lastLook = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private RecorderLoop[]? _recorders;
    private string? _trouble; // with the folder, as it was told last

    public RecordingStore Store => store;

    /// <summary>The recorders of all cameras.</summary>
    public IReadOnlyList<RecorderLoop> Recorders
    {
        get
        {
            lock (_gate)
                return _recorders ??= [.. streams().Select(CreateRecorder)];
        }
    }

    public string ModeOf(string camera) => options.ModeOf(camera);

    /// <summary>Null where there is no such camera.</summary>
    public RecorderLoop? Find(string camera) => Recorders.FirstOrDefault(recorder => recorder.Camera == camera);

    public async Task RunAsync(CancellationToken stop)
    {
        var looking = Task.CompletedTask;
        try
        {
            while (true)
            {
                foreach (var recorder in Recorders.Where(recorder => ModeOf(recorder.Camera) == Continuous))
                    recorder.Start(null, ""); // goes on; or begins anew where a fault of ours has ended it
                looking = Task.Run(LookAfter, CancellationToken.None);
                await looking.WaitAsync(stop);
                await Task.Delay(s_interval, time, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        // A disk that hangs must not keep the agent from ending.
        await Task.WhenAny(EndAsync(looking), Task.Delay(s_lastPictures, CancellationToken.None));
    }

    /// <summary>Leaves the folder to others only when nothing is written there any more, however long that takes.</summary>
    /// <param name="looking">May be closing what the run before left open: that comes first.</param>
    private async Task EndAsync(Task looking)
    {
        await Task.WhenAll(Recorders.Select(static recorder => recorder.StopAsync()));
        await Task.WhenAny(looking, Task.Delay(s_lastLook, CancellationToken.None));
        await Task.Run(store.Dispose);
    }

    private void LookAfter()
    {
        try
        {
            store.Open();
            store.ReadHeads();
            store.Expire();
            _trouble = null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (failure.Message != _trouble)
                log.RecordingsNotRead(failure.Message);
            _trouble = failure.Message;
        }
    }

    private RecorderLoop CreateRecorder(LiveStream stream) => new(
        stream, store, TimeSpan.FromSeconds(options.SegmentSeconds), store.Limits.SegmentBytes(streams().Count), time, drops,
        (kind, id, words) => Tell(stream.Name, kind, id, words), board.Add($"recording of {stream.Name}"), log);

    private void Tell(string camera, string kind, SegmentId? id, string? words)
    {
        if (kind is "full" or "failed")
            log.RecordingHeldUp(camera, kind, words ?? "");
        else
            log.RecordingTold(camera, kind, id is null ? "" : $": {id}");
        var at = DeviceClock.IsSet(time) ? time.GetUtcNow().ToUnixTimeMilliseconds() : (long?)null;
        publish(JsonSerializer.SerializeToUtf8Bytes(new RecordingEvent(1, at, kind, camera, id?.ToString(), words), RecordingJson.Default.RecordingEvent));
    }
}
