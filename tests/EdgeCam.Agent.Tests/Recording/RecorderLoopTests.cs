using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Recording;
using EdgeCam.Agent.Streaming;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Recording;

/// <summary>A stream, a recorder's thread and a folder: it begins and ends when asked to, and holds up nobody.</summary>
public sealed class RecorderLoopTests : IDisposable
{
    private readonly RecordingRig _rig = new();
    private readonly LiveStream _stream = new("cam0", static () => MonotonicClock.Now);
    private readonly RecordingStore _store;
    private readonly RecorderLoop _recorder;
    private readonly Progress _progress;
    private readonly List<string> _told = [];
    private readonly Instant _began = MonotonicClock.Now;

    public RecorderLoopTests()
    {
        _store = _rig.Store();
        _progress = new("recording of cam0", _rig.Time);
        _recorder = new(_stream, _store, TimeSpan.FromMinutes(1), long.MaxValue, _rig.Time, _rig.Drops, (kind, _, _) => _told.Add(kind), _progress, _rig.Log);
    }

    public void Dispose()
    {
        _stream.OnStateChanged(CameraState.Lost, "the test is over");
        Assert.Equal(0, _rig.Outstanding);
        _rig.Dispose();
    }

    [Fact]
    public async Task It_begins_with_the_pictures_since_the_latest_IDR_picture_and_misses_none_after()
    {
        Give(0, 90);
        Assert.Equal(RecorderState.Idle, _recorder.Status.State);
        _recorder.Start(null, "fox");
        Give(90, 25);
        await _recorder.StopAsync();

        var segment = Assert.Single(_store.List(null, null, null, null, 10));
        Assert.InRange(segment.Pictures, 30u, 55u); // from picture 60 on, and as many as had come when its thread was there
        var first = new Mp4File(Assert.Single(_rig.Files)).Samples[0].Data;
        Assert.Equal(RecordingRig.NalUnits(60)[^1], first[^RecordingRig.NalUnits(60)[^1].Length..]);
        Assert.Equal(("fox", false), (segment.Label, segment.IsOpen));
        Assert.Equal(RecorderState.Idle, _recorder.Status.State);
        Assert.Equal(segment.Id, _recorder.Status.Segment);
        Assert.Equal(["started", "stopped"], _told);
        _rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(_progress.Overdue());
    }

    [Fact]
    public async Task Without_a_picture_to_begin_with_it_asks_for_a_key_frame()
    {
        var source = new KeyFrameSource(static () => { });
        await _stream.RunAsync(source, CancellationToken.None);
        Give(1, 5); // and the IDR picture before was too long ago
        _recorder.Start(null, "");
        await Wait.UntilAsync(() => source.Requests == 1, "it has asked");
        await _recorder.StopAsync();
    }

    [Fact]
    public async Task A_fault_ends_the_file_that_was_being_written_and_recording_can_begin_anew()
    {
        var recorder = new RecorderLoop(
            _stream, _store, TimeSpan.FromMinutes(1), long.MaxValue, _rig.Time, _rig.Drops, static (kind, _, _) => _ = kind == "started" ? throw new InvalidOperationException("a bug") : 0, _progress, _rig.Log);
        Give(0, 30);
        recorder.Start(null, "");
        await recorder.StopAsync();
        Assert.False(Assert.Single(_store.List(null, null, null, null, 10)).IsOpen);
        Assert.Equal(1, _rig.Log.Count("fault of edgecam"));
        Assert.Equal("mfra", new Mp4File(Assert.Single(_rig.Files)).Boxes[^1].Type);

        _recorder.Start(null, "");
        await _recorder.StopAsync();
        Assert.Equal(2, _store.Size.Segments);
    }

    [Fact]
    public async Task It_ends_by_itself_when_its_time_is_over()
    {
        Give(0, 30);
        _recorder.Start(TimeSpan.FromMilliseconds(50), "");
        await Wait.UntilAsync(() => _recorder.Status.State == RecorderState.Idle, "it has ended");
        Assert.Equal(30u, Assert.Single(_store.List(null, null, null, null, 10)).Pictures);
        Assert.Null(_recorder.Left);

        _recorder.Start(null, "");
        await _recorder.StopAsync(); // and can be asked again
        Assert.Equal(2, _store.Size.Segments);
    }

    [Fact]
    public async Task Asked_again_it_goes_on_in_the_same_file()
    {
        Give(0, 30);
        _recorder.Start(TimeSpan.FromMinutes(1), "");
        _recorder.Start(TimeSpan.FromHours(1), "other");
        Assert.InRange(_recorder.Left!.Value.TotalMinutes, 59, 60);
        await _recorder.StopAsync();
        Assert.Equal(1, _store.Size.Segments);
        await _recorder.StopAsync(); // once more is no mistake
    }

    [Fact]
    public void A_queue_that_nobody_empties_is_bounded_and_begins_anew_with_an_IDR_picture()
    {
        using var queue = new PictureQueue(_rig.Drops);
        _stream.Subscribe(queue);
        Give(0, PictureQueue.MaxPictures + 10); // 600 is an IDR picture
        Assert.Equal((10, 0), (_rig.Drops[Stage.Record, DropReason.QueueFull], _rig.Drops[Stage.Record, DropReason.WaitingForIdr]));
        for (var i = 0; i < 100; i++)
            queue.Take(TimeSpan.Zero)!.Dispose();
        Give(610, 51); // 660 is the next one
        Assert.Equal(50, _rig.Drops[Stage.Record, DropReason.WaitingForIdr]);
        for (var i = 0; i < 500; i++)
            queue.Take(TimeSpan.Zero)!.Dispose();
        using (var next = queue.Take(TimeSpan.Zero))
            Assert.Equal((true, 660), (next!.IsIdr, next.Number));
        Assert.Null(queue.Take(TimeSpan.Zero));
        _stream.Unsubscribe(queue);
    }

    [Fact]
    public async Task A_disk_that_does_not_answer_holds_up_neither_the_camera_nor_the_watchdog()
    {
        using var asked = new ManualResetEventSlim();
        using var answers = new ManualResetEventSlim();
        var hanging = new RecordingStore(_rig.Folder, RecordingRig.Plenty, _rig.Time, _rig.Log, _ =>
        {
            asked.Set();
            answers.Wait();
            return long.MaxValue / 2;
        });
        var recorder = new RecorderLoop(_stream, hanging, TimeSpan.FromMinutes(1), long.MaxValue, _rig.Time, _rig.Drops, static (_, _, _) => { }, _progress, _rig.Log);
        Give(0, 30);
        recorder.Start(null, "");
        var next = 30;
        await Wait.UntilAsync(
            () =>
            {
                Give(next, 10);
                next += 10;
                return asked.IsSet;
            },
            "the disk has something to do");
        Give(next, 2000);
        Assert.Equal(next + 2000, _stream.Pictures);
        Assert.True(_rig.Drops[Stage.Record, DropReason.QueueFull] > 0);
        _rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(_progress.Overdue());
        var stopping = recorder.StopAsync();
        Assert.False(stopping.IsCompleted);
        answers.Set();
        await stopping;
        Assert.NotEmpty(Mp4File.Decode(Assert.Single(_rig.Files)));
    }

    private void Give(int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            using var unit = _rig.Picture(i);
            unit.CaptureTime = _began + TimeSpan.FromTicks(i * TimeSpan.TicksPerSecond / 30);
            _stream.OnAccessUnit(unit);
        }
    }
}
