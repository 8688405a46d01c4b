using System.Diagnostics;
using System.Globalization;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Recording;

/// <summary>
/// Records a camera while it is asked to, on a thread of its own: a disk that takes its time holds up nobody else. While it does not record it has neither
/// thread nor pictures.
/// </summary>
/// <param name="tell">As of <see cref="SegmentRecorder"/>, and <c>stopped</c>.</param>
internal sealed class RecorderLoop(
    LiveStream stream, RecordingStore store, TimeSpan segmentLength, long segmentBytes, TimeProvider time, DropCounters drops, Action<string, SegmentId?, string?> tell, Progress progress,
    ILogger log)
{
    /// <summary>A disk that does not answer for so long is told of as failed.</summary>
    public static readonly TimeSpan DiskPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_promise = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private volatile Run? _run;

    public string Camera => stream.Name;

    /// <summary>How it does; from any thread.</summary>
    public RecorderStatus Status
    {
        get
        {
            if (_run is not { IsOver: false } run)
                return new(RecorderState.Idle, _run?.Status.Detail ?? "", _run?.Status.Segment);
            var since = Volatile.Read(ref run.DiskSince);
            return since != 0 && Stopwatch.GetElapsedTime(since) is var span && span > DiskPatience
                ? run.Status with { State = RecorderState.Failed, Detail = string.Create(CultureInfo.InvariantCulture, $"the disk has not answered for {span.TotalSeconds:F0} s: see what the kernel says of it (dmesg)") }
                : run.Status;
        }
    }

    /// <summary>When it ends by itself; null: never, or it does not record.</summary>
    public TimeSpan? Left => _run is { IsOver: false } run && run.Until != Instant.Never ? run.Until - MonotonicClock.Now : null;

    /// <summary>Begins, with the pictures since the latest IDR picture in front; or, where it records, goes on for so long from now.</summary>
    /// <param name="length">Null: until it is stopped.</param>
    public void Start(TimeSpan? length, string label)
    {
        var until = length is { } span ? MonotonicClock.Now + span : Instant.Never;
        lock (_gate)
        {
            if (_run is { IsOver: false, IsStopping: false } run)
            {
                run.Until = until;
                return;
            }

            var before = _run;
            _run = run = new(label, new(drops)) { Until = until };
            var thread = new Thread(() => Work(run, before)) { Name = $"record {stream.Name}", IsBackground = true };
            thread.Start();
        }
    }

    /// <summary>Ends it, and comes back when all is on the disk.</summary>
    public Task StopAsync()
    {
        if (_run is not { } run)
            return Task.CompletedTask;
        run.IsStopping = true;
        run.Queue.Wake();
        return run.Ended.Task;
    }

    private void Work(Run run, Run? before)
    {
        before?.Ended.Task.Wait(); // it brings its last pictures to the disk
        if (!Try(() => Record(run)))
            Try(() => run.Recorder?.Abandon());
        progress.Rest();
        run.IsOver = true;
        tell("stopped", run.Status.Segment, null);
        run.Ended.SetResult();
    }

    private void Record(Run run)
    {
        using var queue = run.Queue;
        var recorder = new SegmentRecorder(
            stream.Name, store, segmentLength, segmentBytes, run.Label, static () => MonotonicClock.Now, time, drops, tell, log, isBusy => SetBusy(run, isBusy));
        run.Recorder = recorder;
        stream.Subscribe(queue);
        try
        {
            TakeLatest(recorder);
            while (!IsDone(run))
                TakeNext(recorder, queue, s_turn);
        }
        finally
        {
            stream.Unsubscribe(queue);
        }

        while (TakeNext(recorder, queue, TimeSpan.Zero))
            progress.Within(s_promise);
        recorder.Finish(null);
    }

    private bool Try(Action work)
    {
        try
        {
            work();
            return true;
        }
#pragma warning disable CA1031 // our own bug costs the recording, never the camera
        catch (Exception bug)
#pragma warning restore CA1031
        {
            log.RecorderFaulted(stream.Name, bug);
            drops.Count(Stage.Record, DropReason.Fault);
            return false;
        }
    }

    /// <summary>Asked to go on longer in this moment, it does: or another one begins after it.</summary>
    private bool IsDone(Run run)
    {
        if (run.IsStopping || MonotonicClock.Now < run.Until)
            return run.IsStopping;
        lock (_gate)
            return run.IsStopping = MonotonicClock.Now >= run.Until;
    }

    /// <summary>Where key frames are so far apart that the latest group is not kept, it need not wait for the next one that comes by itself.</summary>
    private void TakeLatest(SegmentRecorder recorder)
    {
        List<AccessUnit> latest = [];
        stream.CopyLatestTo(latest);
        if (latest.Count == 0)
            stream.RequestKeyFrame();
        try
        {
            latest.ForEach(recorder.Take);
        }
        finally
        {
            latest.ForEach(static unit => unit.Dispose());
        }
    }

    private bool TakeNext(SegmentRecorder recorder, PictureQueue queue, TimeSpan patience)
    {
        progress.Within(s_promise);
        using var unit = queue.Take(patience);
        if (unit is null)
            recorder.HandleIdle();
        else
            recorder.Take(unit);
        return unit is not null;
    }

    /// <summary>A disk that hangs is no reason to end the agent: what it holds up is told by <see cref="Status"/>.</summary>
    private void SetBusy(Run run, bool isBusy)
    {
        Volatile.Write(ref run.DiskSince, isBusy ? Stopwatch.GetTimestamp() : 0);
        if (isBusy)
            progress.Rest();
        else
            progress.Within(s_promise);
    }

    /// <summary>From a start to its stop.</summary>
    private sealed class Run(string label, PictureQueue queue)
    {
        public long DiskSince;

        private long _until;
        private volatile bool _isStopping;
        private volatile bool _isOver;
        private volatile SegmentRecorder? _recorder;

        public string Label => label;

        public PictureQueue Queue => queue;

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public SegmentRecorder? Recorder
        {
            get => _recorder;
            set => _recorder = value;
        }

        public RecorderStatus Status => _recorder?.Status ?? new(RecorderState.Waiting);

        public Instant Until
        {
            get => new(Volatile.Read(ref _until));
            set => Volatile.Write(ref _until, value.Ticks);
        }

        public bool IsStopping
        {
            get => _isStopping;
            set => _isStopping = value;
        }

        public bool IsOver
        {
            get => _isOver;
            set => _isOver = value;
        }
    }
}
