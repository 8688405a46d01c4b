using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Recording;
using EdgeCam.Agent.Streaming;
using EdgeCam.Agent.Tests.Control;

namespace EdgeCam.Agent.Tests.Recording;

/// <summary>The namespace <c>recording</c>, and <c>camera.snapshot</c>.</summary>
public sealed class RecordingMethodsTests : IDisposable
{
    private readonly RecordingRig _rig = new();
    private readonly LiveStream _stream = new("cam0", static () => MonotonicClock.Now);
    private readonly LiveStream _other = new("cam1", static () => MonotonicClock.Now);
    private readonly LiveStream _third = new("cam2", static () => MonotonicClock.Now);
    private readonly RecordingStore _store;
    private readonly RecordingService _service;
    private readonly List<string> _events = [];
    private readonly ControlRig _control;
    private JpegResult _snapshot = new(null, "the camera gives no picture now", "Try again");

    public RecordingMethodsTests()
    {
        _store = _rig.Store(new(4_000_000_000L, 500_000_000L));
        var options = new RecordingOptions(Cameras: [new("cam1", "off"), new("cam2", "continuous")]);
        _service = new(options, _store, () => [_stream, _other, _third], json => _events.Add(Encoding.UTF8.GetString(json)), _rig.Drops, new(TimeProvider.System), _rig.Time, _rig.Log);
        _control = new([
            .. RecordingMethods.Create(_service),
            .. SnapshotMethods.Create(_ => Task.FromResult((_snapshot.Jpeg, _snapshot.Jpeg is null ? ControlError.Unavailable(_snapshot.Problem, _snapshot.Remedy) : null))),
        ]);
    }

    public void Dispose()
    {
        foreach (var stream in new[] { _stream, _third })
            stream.OnStateChanged(CameraState.Lost, "the test is over");
        Assert.Equal(0, _rig.Outstanding);
        _control.Dispose();
        _rig.Dispose();
    }

    [Fact]
    public async Task What_is_started_and_stopped_is_listed_read_in_pieces_and_deleted()
    {
        Give(_stream, 90);
        var started = await CallAsync("recording.start", """{"camera":"cam0","seconds":600,"label":"a fox"}""");
        Assert.Equal(("cam0", "onRequest"), (started.GetProperty("camera").GetString(), started.GetProperty("mode").GetString()));
        var stopped = await CallAsync("recording.stop", """{"camera":"cam0"}""");
        Assert.Equal("idle", stopped.GetProperty("state").GetString());

        var recording = Assert.Single((await CallAsync("recording.list")).GetProperty("recordings").EnumerateArray().ToList());
        Assert.Equal("a fox", recording.GetProperty("label").GetString());
        Assert.Equal(30, recording.GetProperty("pictures").GetInt32());
        var (id, size) = (recording.GetProperty("id").GetString()!, recording.GetProperty("bytes").GetInt64());
        Assert.Equal(id, stopped.GetProperty("id").GetString());
        using var all = new MemoryStream();
        while (true)
        {
            var piece = await CallAsync("recording.read", $$"""{"id":"{{id}}","offset":{{all.Length}},"length":30000}""");
            Assert.Equal(size, piece.GetProperty("size").GetInt64());
            all.Write(piece.GetProperty("data").GetBytesFromBase64());
            if (piece.GetProperty("last").GetBoolean())
                break;
        }

        Assert.Equal(File.ReadAllBytes(Assert.Single(_rig.Files)), all.ToArray());
        Assert.Contains("Out of range", await RefusedAsync("recording.read", $$"""{"id":"{{id}}","offset":{{size + 1}}}"""), StringComparison.Ordinal);
        await CallAsync("recording.delete", $$"""{"id":"{{id}}"}""");
        Assert.Empty(_rig.Files);
        Assert.Contains("Not found", await RefusedAsync("recording.read", $$"""{"id":"{{id}}"}"""), StringComparison.Ordinal);
        Assert.Contains("Not found", await RefusedAsync("recording.delete", $$"""{"id":"../../etc/passwd"}"""), StringComparison.Ordinal);

        Assert.Equal(2, _events.Count);
        Assert.StartsWith($$"""{"v":1,"at":{{_rig.Time.GetUtcNow().ToUnixTimeMilliseconds()}},"kind":"started","camera":"cam0","id":"{{id}}"}""", _events[0], StringComparison.Ordinal);
        Assert.Contains("\"stopped\"", _events[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_being_written_is_read_but_not_deleted()
    {
        Give(_stream, 90, 0);
        _service.Find("cam0")!.Start(null, "");
        var next = 90;
        await Support.Wait.UntilAsync(
            () =>
            {
                Give(_stream, 10, next);
                next += 10;
                return _store.List(null, null, null, null, 1) is [{ Bytes: > 0 }];
            },
            "a fragment is on the disk");
        var id = _store.List(null, null, null, null, 1)[0].Id;
        Assert.True((await CallAsync("recording.list")).GetProperty("recordings")[0].GetProperty("open").GetBoolean());
        Assert.True((await CallAsync("recording.read", $$"""{"id":"{{id}}"}""")).GetProperty("size").GetInt64() > 0);
        Assert.Contains("being written", await RefusedAsync("recording.delete", $$"""{"id":"{{id}}"}"""), StringComparison.Ordinal);
        await CallAsync("recording.stop", """{"camera":"cam0"}""");
    }

    [Fact]
    public async Task The_mode_decides_what_may_be_asked()
    {
        Assert.Contains("not to be recorded", await RefusedAsync("recording.start", """{"camera":"cam1"}"""), StringComparison.Ordinal);
        Assert.Contains("all the time", await RefusedAsync("recording.start", """{"camera":"cam2"}"""), StringComparison.Ordinal);
        Assert.Contains("all the time", await RefusedAsync("recording.stop", """{"camera":"cam2"}"""), StringComparison.Ordinal);
        Assert.Contains("Not found", await RefusedAsync("recording.start", """{"camera":"cam9"}"""), StringComparison.Ordinal);
        Assert.Contains("camera is missing", await RefusedAsync("recording.start", "{}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_camera_in_mode_continuous_is_recorded_from_the_start_to_the_end()
    {
        using var stop = new CancellationTokenSource();
        var running = _service.RunAsync(stop.Token);
        Give(_third, 60);
        await Support.Wait.UntilAsync(() => _service.Find("cam2")!.Status.State == RecorderState.Waiting, "its recorder is there");
        var status = await CallAsync("recording.status");
        Assert.Equal(["idle", "idle", "waiting"], status.GetProperty("cameras").EnumerateArray().Select(static camera => camera.GetProperty("state").GetString()));
        Assert.Equal((4_000_000_000, 500_000_000), (status.GetProperty("maxBytes").GetInt64(), status.GetProperty("minFreeBytes").GetInt64()));
        Assert.Equal(20_000, status.GetProperty("maxRecordings").GetInt32());
        using var other = _rig.Beside();
        _store.Open(); // as the service does in this moment
        Assert.Throws<IOException>(other.Open); // while it may record
        await stop.CancelAsync();
        await running;
        Assert.Equal(60u, Assert.Single(_store.List("cam2", null, null, null, 10)).Pictures);
        other.Open();
    }

    [Fact]
    public async Task One_in_mode_continuous_that_a_fault_has_ended_begins_anew_by_itself()
    {
        var faults = 0;
        var stream = new LiveStream("cam2", static () => MonotonicClock.Now);
        var service = new RecordingService(
            new(RecordingService.Continuous), _store, () => [stream], Publish, _rig.Drops, new(_rig.Time), _rig.Time, _rig.Log);
        using var stop = new CancellationTokenSource();
        var running = service.RunAsync(stop.Token);
        Give(stream, 60);
        await Support.Wait.UntilAsync(() => service.Find("cam2")!.Status.State == RecorderState.Idle && _rig.Log.Count("fault of edgecam") == 1, "the bug has ended it");
        await Support.Wait.UntilAsync(
            () =>
            {
                _rig.Time.Advance(TimeSpan.FromSeconds(1));
                Give(stream, 1); // the group before may be too long ago by now
                return service.Find("cam2")!.Status.State == RecorderState.Recording;
            },
            "it records again");
        await stop.CancelAsync();
        await running;
        Assert.Equal(2, _rig.Store().Opened().Size.Segments);
        stream.OnStateChanged(CameraState.Lost, "the test is over");

        void Publish(byte[] json)
        {
            if (faults++ == 0)
                throw new InvalidOperationException("a bug");
        }
    }

    [Fact]
    public async Task Ended_as_soon_as_it_has_begun_it_has_closed_what_was_left_open()
    {
        using var rig = new RecordingRig();
        var dying = rig.Recorder(rig.Store());
        rig.Feed(dying, 0, 130);
        var service = new RecordingService(new(), rig.Store(), () => [], static _ => { }, rig.Drops, new(TimeProvider.System), rig.Time, rig.Log);
        await service.RunAsync(new(canceled: true));
        Assert.Equal("mfra", new Mp4File(Assert.Single(rig.Files)).Boxes[^1].Type);
    }

    [Fact]
    public async Task A_list_goes_on_where_it_ended()
    {
        for (var i = 0; i < 5; i++)
            _rig.Write(_store);
        var first = await CallAsync("recording.list", """{"limit":3}""");
        Assert.Equal(3, first.GetProperty("recordings").GetArrayLength());
        var second = await CallAsync("recording.list", $$"""{"limit":3,"cursor":{{first.GetProperty("next")}}}""");
        Assert.Equal(2, second.GetProperty("recordings").GetArrayLength());
        Assert.False(second.TryGetProperty("next", out _));
    }

    [Fact]
    public async Task Two_of_one_number_are_on_one_page()
    {
        for (var i = 0; i < 3; i++)
            _rig.Write(_store);
        Directory.CreateDirectory(Path.Combine(_rig.Folder, "cam1"));
        foreach (var file in _rig.Files)
            File.Copy(file, file.Replace("cam0", "cam1", StringComparison.Ordinal));
        _store.Dispose();
        using var store = _rig.Beside().Opened();
        var control = new ControlRig([.. RecordingMethods.Create(new(new(), store, () => [], static _ => { }, _rig.Drops, new(TimeProvider.System), _rig.Time, _rig.Log))]);
        List<string> all = [];
        for (string? cursor = ""; cursor is not null;)
        {
            var response = await control.Dispatcher.HandleAsync(
                Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":1,"method":"recording.list","params":{ {{cursor}}"limit":3} }"""), ControlRig.Alice);
            var page = JsonElement.Parse(response!).GetProperty("result");
            all.AddRange(page.GetProperty("recordings").EnumerateArray().Select(static recording => recording.GetProperty("id").GetString()!));
            cursor = page.TryGetProperty("next", out var next) ? $"\"cursor\":{next}," : null;
        }

        control.Dispose();
        Assert.Equal((6, 6), (all.Count, all.Distinct().Count()));
    }

    [Fact]
    public async Task A_snapshot_comes_in_pieces_that_a_message_may_have()
    {
        Assert.Contains("no picture now", await RefusedAsync("camera.snapshot", """{"camera":"cam0"}"""), StringComparison.Ordinal);
        Assert.Contains("camera is missing", await RefusedAsync("camera.snapshot"), StringComparison.Ordinal);
        var jpeg = new byte[70_000];
        new Random(1).NextBytes(jpeg);
        _snapshot = new(jpeg);
        var piece = await CallAsync("camera.snapshot", """{"camera":"cam0"}""");
        var id = piece.GetProperty("id").GetString();
        List<byte> all = [.. piece.GetProperty("data").GetBytesFromBase64()];
        while (!piece.GetProperty("last").GetBoolean())
        {
            piece = await CallAsync("camera.snapshot", $$"""{"id":"{{id}}","offset":{{all.Count}}}""");
            all.AddRange(piece.GetProperty("data").GetBytesFromBase64());
        }

        Assert.Equal(jpeg, all);
        for (var i = 0; i < 4; i++)
            await CallAsync("camera.snapshot", """{"camera":"cam0"}""");
        Assert.Contains("Not found", await RefusedAsync("camera.snapshot", $$"""{"id":"{{id}}"}"""), StringComparison.Ordinal); // four newer ones
    }

    private async Task<JsonElement> AskAsync(string method, string? parameters)
    {
        var given = parameters is null ? "" : $",\"params\":{parameters}";
        var response = await _control.Dispatcher.HandleAsync(Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}"{{given}}}"""), ControlRig.Alice);
        Assert.True(response!.Length <= ControlDispatcher.MaxMessage);
        return JsonElement.Parse(response);
    }

    private async Task<JsonElement> CallAsync(string method, string? parameters = null)
    {
        var response = await AskAsync(method, parameters);
        return response.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException(response.ToString());
    }

    private async Task<string> RefusedAsync(string method, string? parameters = null) => (await AskAsync(method, parameters)).GetProperty("error").GetProperty("message").GetString()!;

    private void Give(LiveStream stream, int count, int from = 0)
    {
        for (var i = from; i < from + count; i++)
        {
            using var unit = _rig.Picture(i);
            unit.CaptureTime = MonotonicClock.Now + TimeSpan.FromTicks(i * TimeSpan.TicksPerSecond / 30);
            stream.OnAccessUnit(unit);
        }
    }
}
