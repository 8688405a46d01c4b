using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Streaming;
using EdgeCam.Agent.Tests.Recording;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Streaming;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>The latest picture as a JPEG, made once for all who ask.</summary>
public sealed class SnapshotTests : IDisposable
{
    private readonly RecordingRig _rig = new();
    private readonly LiveStream _stream;
    private readonly List<(int Bytes, int Pictures)> _decoded = [];
    private readonly Snapshots _snapshots;
    private TaskCompletionSource<JpegResult> _decoding = new();

    public SnapshotTests()
    {
        _stream = new("cam0", () => _rig.Now);
        _snapshots = new(
            (group, pictures) =>
            {
                _decoded.Add((group().Length, pictures));
                return _decoding.Task;
            },
            () => _rig.Now,
            _rig.Time);
    }

    public void Dispose()
    {
        _stream.OnStateChanged(CameraState.Lost, "the test is over");
        Assert.Equal(0, _rig.Outstanding);
        _rig.Dispose();
    }

    [Fact]
    public async Task Whoever_asks_while_one_is_made_gets_the_same_and_it_is_kept_for_a_second()
    {
        Give(0, 5);
        var first = _snapshots.TakeAsync(_stream);
        Give(5, 1);
        var second = _snapshots.TakeAsync(_stream);
        Assert.Equal(5, Assert.Single(_decoded).Pictures);
        _decoding.SetResult(new([1]));
        Assert.Same(await first, await second);
        Assert.Same(await first, await _snapshots.TakeAsync(_stream)); // another picture, but of this second
        Assert.Single(_decoded);

        _rig.Time.Advance(Snapshots.Kept);
        _decoding = new();
        var third = _snapshots.TakeAsync(_stream);
        Assert.Equal([5, 6], _decoded.Select(static decoded => decoded.Pictures));
        _decoding.SetResult(new([2]));
        await third;
        _rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Same(await third, await _snapshots.TakeAsync(_stream)); // still the latest picture
        Assert.Equal(2, _decoded.Count);
    }

    [Fact]
    public async Task A_failure_is_not_kept()
    {
        Give(0, 1);
        _decoding.SetResult(new(null, "ffmpeg is not installed", "apt install ffmpeg"));
        Assert.Null((await _snapshots.TakeAsync(_stream)).Jpeg);
        Assert.Null((await _snapshots.TakeAsync(_stream)).Jpeg);
        Assert.Equal(2, _decoded.Count);
    }

    [Fact]
    public async Task Without_a_picture_it_says_so()
    {
        _stream.OnStateChanged(CameraState.Lost, "the cable is off");
        var result = await _snapshots.TakeAsync(_stream);
        Assert.Contains("the cable is off", result.Problem, StringComparison.Ordinal);
        Assert.Empty(_decoded);
    }

    [Fact]
    public async Task Where_key_frames_are_so_far_apart_that_the_latest_is_not_kept_it_asks_for_one()
    {
        var source = new KeyFrameSource(() => Give(60, 1));
        await _stream.RunAsync(source, CancellationToken.None);
        _stream.OnStateChanged(CameraState.Live, "");
        Give(1, 5);
        _decoding.SetResult(new([1]));
        Assert.NotNull((await _snapshots.TakeAsync(_stream)).Jpeg);
        Assert.Equal((1, 1), (source.Requests, Assert.Single(_decoded).Pictures));
    }

    [Fact]
    public async Task A_camera_that_gives_no_key_frame_when_it_is_asked_is_named_with_the_setting()
    {
        await _stream.RunAsync(new KeyFrameSource(static () => { }), CancellationToken.None);
        _stream.OnStateChanged(CameraState.Live, "");
        Give(1, 5);
        var asked = _snapshots.TakeAsync(_stream);
        Assert.Same(asked, _snapshots.TakeAsync(_stream));
        _rig.Time.Advance(Snapshots.KeyFramePatience);
        var result = await asked;
        Assert.Contains("too far apart", result.Problem, StringComparison.Ordinal);
        Assert.Contains("keyFrameInterval", result.Remedy, StringComparison.Ordinal);
        Assert.Empty(_decoded);
    }

    [Fact]
    public async Task Megabytes_are_copied_by_the_thread_that_decodes()
    {
        var copied = "";
        var pictures = () =>
        {
            copied = Thread.CurrentThread.Name ?? "";
            return (ReadOnlyMemory<byte>)new byte[10];
        };
        await JpegSnapshot.TakeAsync(pictures, 1, "/bin/false");
        Assert.Equal("snapshot", copied);
    }

    [Fact]
    public async Task The_last_picture_of_a_group_becomes_a_JPEG()
    {
        Tool.Need("ffmpeg", "ffmpeg");
        var snapshots = new Snapshots(static (group, pictures) => JpegSnapshot.TakeAsync(group, pictures), () => _rig.Now, _rig.Time);
        Give(0, 40);
        var result = await snapshots.TakeAsync(_stream);
        Assert.True(result.Jpeg is not null, result.Problem);
        Assert.Equal([0xFF, 0xD8, 0xFF], result.Jpeg[..3]);
        var file = Path.Combine(_rig.Folder, "snapshot.jpg");
        await File.WriteAllBytesAsync(file, result.Jpeg);
        Assert.Equal("1280,720", Tool.Read("ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", file).Trim());
    }

    [Theory]
    [InlineData("no-such-program", "not installed")]
    [InlineData("/bin/false", "gave no picture")]
    [InlineData("/bin/cat", "gave no picture")]
    public async Task A_program_that_makes_none_is_named(string program, string words)
    {
        var result = await JpegSnapshot.TakeAsync(static () => new byte[200_000], 1, program);
        Assert.Null(result.Jpeg);
        Assert.Contains(words, result.Problem, StringComparison.Ordinal);
        Assert.NotEmpty(result.Remedy);
    }

    [Fact]
    public async Task The_programs_pipes_are_closed_with_it()
    {
        var program = Path.Combine(_rig.Folder, "says-its-pipes");
        await File.WriteAllTextAsync(program, "#!/bin/sh\nexec readlink /proc/self/fd/0 /proc/self/fd/2 /proc/self/fd/3 3>&1 >&2\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var result = await JpegSnapshot.TakeAsync(static () => new byte[200_000], 1, program);
        string[] pipes = [.. System.Text.RegularExpressions.Regex.Matches(result.Problem, @"pipe:\[\d+\]").Select(static match => match.Value)];
        Assert.True(pipes.Length == 3, result.Problem);
        Assert.Equal(0, OpenPipes.Of(pipes));
    }

    [Fact]
    public async Task Bytes_that_are_no_pictures_are_a_named_failure()
    {
        Tool.Need("ffmpeg", "ffmpeg");
        var noise = new byte[100_000];
        new Random(3).NextBytes(noise);
        Assert.Contains("gave no picture", (await JpegSnapshot.TakeAsync(() => noise, 1)).Problem, StringComparison.Ordinal);
    }

    private void Give(int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            using var unit = _rig.Picture(i);
            _stream.OnAccessUnit(unit);
        }
    }
}
