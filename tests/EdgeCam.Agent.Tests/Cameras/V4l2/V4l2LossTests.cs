using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.V4l2;

namespace EdgeCam.Agent.Tests.Cameras.V4l2;

/// <summary>Nodes that are missing, go away, stall or fail, and come back.</summary>
public sealed class V4l2LossTests : IDisposable
{
    private readonly V4l2Rig _rig = new();

    private FakeCamera Camera => _rig.Camera;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task An_unplugged_camera_is_lost_by_name_and_live_half_a_second_after_its_return()
    {
        for (var i = 0; i < 20; i++)
        {
            Camera.At(3 + (i * 20), Unplug);
            Camera.At(13 + (i * 20), Plug);
        }

        await _rig.Run(402);
        Assert.Equal(41, _rig.States.Count(told => told.State is CameraState.Live or CameraState.Lost));
        Assert.All(_rig.States.Where(told => told.State == CameraState.Lost), told => Assert.Contains("/dev/video20 is not there: connect", told.Detail, StringComparison.Ordinal));
        for (var i = 0; i < 20; i++)
            Assert.InRange(_rig.FirstPictureAfter(13 + (i * 20)), 0, 0.6);
        Assert.Equal(21, Camera.Opened); // the absent node was looked for, not opened
        Assert.Equal(Enumerable.Range(0, _rig.Pictures.Count).Select(i => (long)i), _rig.Pictures.Select(picture => picture.Number));
        Assert.Equal(21, _rig.Pictures.Where((picture, i) => i == 0 || picture.At - _rig.Pictures[i - 1].At > 1).Count(picture => picture.IsIdr));
        Assert.Single(_rig.Log.Lines, line => line.Contains("reads /dev/video20", StringComparison.Ordinal)); // the same each time
        Assert.True(Camera.Waits < 20_000);
    }

    [Fact]
    public async Task A_camera_missing_at_the_start_is_waited_for()
    {
        Camera.IsThere = false;
        Camera.At(7.3, Plug);
        await _rig.Run(10);
        Assert.Equal([CameraState.Starting, CameraState.Lost, CameraState.Live], _rig.StateNames);
        Assert.InRange(_rig.FirstPictureAfter(7.3), 0, 0.6);
        Assert.Equal(1, Camera.Opened);
    }

    [Fact]
    public async Task A_stalled_camera_is_opened_again()
    {
        Camera.At(3, () => Camera.IsSending = false);
        Camera.At(10, () => Camera.IsSending = true);
        await _rig.Run(20);
        Assert.Equal([CameraState.Starting, CameraState.Live, CameraState.Lost, CameraState.Live], _rig.StateNames);
        Assert.StartsWith("/dev/video20 gave no picture for 3 s", _rig.States[2].Detail, StringComparison.Ordinal);
        Assert.InRange(_rig.States[2].At, 6, 6.3);
        Assert.InRange(_rig.FirstPictureAfter(10), 0, 1.1);
    }

    [Fact]
    public async Task A_first_picture_has_more_time_than_the_next_ones()
    {
        Camera.IsSending = false;
        Camera.At(4, () => Camera.IsSending = true);
        Camera.At(5, () => Camera.IsSending = false);
        await _rig.Run(7, V4l2Rig.Options() with { StallTimeoutSeconds = 1 });
        Assert.Equal([CameraState.Starting, CameraState.Live, CameraState.Lost], _rig.StateNames);
        Assert.InRange(_rig.States[2].At, 6, 6.3);
    }

    [Fact]
    public async Task A_loopback_waits_for_its_writer_and_is_live_half_a_second_after_it_comes()
    {
        Loopback(hasWriter: false);
        for (var i = 0; i < 20; i++)
        {
            Camera.At(30.1 + (i * 40), () => Loopback(hasWriter: true));
            Camera.At(50 + (i * 40), () => Loopback(hasWriter: false));
        }

        await _rig.Run(825);
        Assert.Equal([CameraState.Starting, CameraState.Lost, CameraState.Live, CameraState.Lost, CameraState.Lost, CameraState.Live], _rig.StateNames.Take(6));
        Assert.Contains("waits for pictures", _rig.States[1].Detail, StringComparison.Ordinal);
        Assert.Contains("gave no picture for 3 s", _rig.States[3].Detail, StringComparison.Ordinal);
        Assert.Contains("waits for pictures", _rig.States[4].Detail, StringComparison.Ordinal);
        for (var i = 0; i < 20; i++)
            Assert.InRange(_rig.FirstPictureAfter(30.1 + (i * 40)), 0, 0.6);
        Assert.Equal(20, _rig.StateNames.Count(state => state == CameraState.Live));
    }

    [Fact]
    public async Task A_loopback_that_shows_itself_as_an_output_waits_for_its_writer_too()
    {
        Camera.Identity = new("v4l2 loopback", "Loopback", V4l2Capabilities.VideoOutput | V4l2Capabilities.Streaming);
        await _rig.Run(10);
        Assert.Contains("waits for pictures", Assert.Single(_rig.States, told => told.State == CameraState.Lost).Detail, StringComparison.Ordinal);
        Assert.InRange(Camera.Opened, 19, 21);
    }

    /// <summary>Without a writer v4l2loopback 0.15 lists all formats that one may have; the list breaks off when one comes in that moment.</summary>
    [Fact]
    public async Task A_loopback_whose_writer_comes_while_its_formats_are_listed_is_not_refused()
    {
        Loopback(hasWriter: true);
        Camera.Formats = [new(0x3452_4742, "32-bit BGRA/X 8-8-8-8"), new(0x3442_4752, "32-bit A/XRGB 8-8-8-8")];
        Camera.At(3.1, () => Loopback(hasWriter: true));
        await _rig.Run(5);
        Assert.Equal([CameraState.Starting, CameraState.Lost, CameraState.Live], _rig.StateNames);
        Assert.InRange(_rig.FirstPictureAfter(3.1), 0, 0.6);
    }

    [Fact]
    public async Task A_loopback_that_gets_something_else_is_refused()
    {
        Loopback(hasWriter: true);
        Camera.Formats = [new(0x3432_4742, "24-bit BGR")];
        await _rig.Run(2);
        Assert.Contains("it offers BG24 (24-bit BGR)", Assert.Single(_rig.States, told => told.State == CameraState.Refused).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(V4l2Exception.NoAccess, "usermod -aG video edgecam")]
    [InlineData(V4l2Exception.Busy, "used by another program")]
    [InlineData(V4l2Exception.NoDevice, "is not there")]
    [InlineData(V4l2Exception.InputOutput, "open failed")]
    public async Task A_node_that_cannot_be_opened_says_why(int error, string words)
    {
        Camera.OpenError = error;
        Camera.At(5, () => Camera.OpenError = 0);
        await _rig.Run(8);
        Assert.Equal([CameraState.Starting, CameraState.Lost, CameraState.Live], _rig.StateNames);
        Assert.Contains(words, _rig.States[1].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(V4l2Exception.InputOutput, "VIDIOC_STREAMON failed")]
    [InlineData(V4l2Exception.Busy, "used by another program")]
    public async Task A_stream_that_does_not_begin_is_tried_again(int error, string words)
    {
        Camera.StartError = error;
        Camera.At(5, () => Camera.StartError = 0);
        await _rig.Run(8);
        Assert.Equal([CameraState.Starting, CameraState.Lost, CameraState.Live], _rig.StateNames);
        Assert.Contains(words, _rig.States[1].Detail, StringComparison.Ordinal);
        Assert.Equal(1, _rig.Log.Count("reads /dev/video20")); // not told before it does
    }

    [Theory]
    [InlineData(V4l2Exception.InputOutput, "VIDIOC_DQBUF failed")]
    [InlineData(V4l2Exception.BrokenPipe, "ended its stream")]
    public async Task A_stream_that_fails_is_begun_again(int error, string words)
    {
        Camera.At(3, () => Camera.TakeError = error);
        Camera.At(4, () => Camera.TakeError = 0);
        await _rig.Run(8);
        Assert.Equal([CameraState.Starting, CameraState.Live, CameraState.Lost, CameraState.Live], _rig.StateNames);
        Assert.Contains(words, _rig.States[2].Detail, StringComparison.Ordinal);
        Assert.InRange(_rig.FirstPictureAfter(4), 0, 2);
    }

    [Fact]
    public async Task An_error_in_poll_ends_the_run()
    {
        Camera.At(3, () => Camera.Extra = V4l2Signals.Fault);
        Camera.At(3.2, () => Camera.Extra = V4l2Signals.None);
        await _rig.Run(6);
        Assert.Equal([CameraState.Starting, CameraState.Live, CameraState.Lost, CameraState.Live], _rig.StateNames);
        Assert.Contains("POLLERR", _rig.States[2].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_driver_that_wakes_for_nothing_keeps_no_core_busy()
    {
        Camera.At(2, () => Camera.Extra = V4l2Signals.Picture);
        await _rig.Run(4);
        Assert.InRange(Camera.Waits, 100, 1200); // 2 ms each
    }

    [Fact]
    public async Task A_changed_source_is_opened_again_at_once()
    {
        Camera.At(2.1, () => (Camera.Extra, Camera.Events) = (V4l2Signals.Event, V4l2Events.SourceChanged));
        await _rig.Run(4);
        Assert.Contains("changed its picture's format", _rig.States[2].Detail, StringComparison.Ordinal);
        Assert.InRange(_rig.FirstPictureAfter(2.1), 0, 0.1);
    }

    [Fact]
    public async Task A_source_that_changes_without_end_is_not_opened_without_end()
    {
        Camera.IsSending = false;
        for (var i = 0; i < 1000; i++)
            Camera.At(i * 0.01, () => (Camera.Extra, Camera.Events) = (V4l2Signals.Event, V4l2Events.SourceChanged));
        await _rig.Run(10);
        Assert.InRange(Camera.Opened, 4, 12);
    }

    private void Unplug() => (Camera.IsThere, Camera.IsGone) = (false, true);

    private void Plug() => (Camera.IsThere, Camera.IsGone) = (true, false);

    /// <summary>As v4l2loopback 0.12 does: with no writer it lists no format; who is reading when the writer goes only sees no more pictures.</summary>
    private void Loopback(bool hasWriter)
    {
        Camera.Identity = new("v4l2 loopback", "Loopback", V4l2Capabilities.VideoCapture | V4l2Capabilities.VideoOutput | V4l2Capabilities.Streaming);
        Camera.Formats = hasWriter ? [new(V4l2PixelFormat.H264, "[H264]")] : [];
        Camera.IsSending = hasWriter;
    }
}
