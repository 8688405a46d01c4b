using System.Globalization;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Tests.Service;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>
/// A camera's loop lives while it has pictures or tries to have some. The cameras are real processes; the promises are told by a clock of the
/// test's, which goes on as far as it likes.
/// </summary>
public sealed class CameraProgressTests
{
    private readonly ManualTime _time = new();
    private readonly ProgressBoard _board;
    private readonly Progress _progress;

    public CameraProgressTests()
    {
        _board = new(_time);
        _progress = _board.Add("camera cam0");
    }

    [Theory]
    [InlineData("camera")]
    [InlineData("software")]
    public async Task Pictures_are_signs_of_life_and_so_is_each_step_after_a_child_that_hangs(string encoder)
    {
        var file = Path.GetTempFileName();
        await using (var rig = new CameraRig(
            CameraRig.Simulated() with { StallTimeoutSeconds = 1, Encoder = encoder, Command = ["/bin/sh", "-c", $"echo $$ > {file}; exec {CameraRig.Sims} camera \"$@\"", "camera"] }, progress: _progress))
        {
            await rig.WaitForPictures(3);
            await LivesOnAsync(seconds: 30);

            AgentUnderManager.Signal(int.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), CultureInfo.InvariantCulture), "STOP");
            await rig.WaitForState(CameraState.Lost);
            await LivesOnAsync(seconds: 30); // while it waits for the next attempt
            await rig.WaitForState(CameraState.Live, times: 2);
            await LivesOnAsync(seconds: 30);
        }

        File.Delete(file);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(_board.Overdue()); // it was stopped, and owes nothing
    }

    [Theory]
    [InlineData("rpicam:0", "/nowhere/rpicam-vid")]
    [InlineData("rpicam:0", "/bin/false")]
    [InlineData("file:/nowhere/clip.h264", "")]
    public async Task A_camera_that_cannot_be_had_is_tried_again_and_lives(string source, string program)
    {
        await using var rig = new CameraRig(CameraRig.Simulated() with { Source = source, Command = program.Length > 0 ? [program] : null, ExtraArguments = null }, progress: _progress);
        await rig.WaitForState(program == "/nowhere/rpicam-vid" ? CameraState.Refused : CameraState.Lost);

        await LivesOnAsync(seconds: 45);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_loop_that_hangs_with_a_picture_in_its_hands_is_overdue(bool isFile)
    {
        using var hanging = new ManualResetEventSlim();
        var options = isFile ? CameraRig.Simulated() with { Source = $"file:{CameraRig.ShippedClip.FullName}", Command = null, ExtraArguments = null } : CameraRig.Simulated();
        await using var rig = new CameraRig(options, progress: _progress);
        await rig.WaitForPictures(3);
        var isHanging = false;
        rig.OnPicture = () =>
        {
            Volatile.Write(ref isHanging, true);
            hanging.Wait();
        };
        await Wait.UntilAsync(() => Volatile.Read(ref isHanging), "a picture");

        _time.Advance(Progress.Longest + TimeSpan.FromSeconds(1));
        Assert.Equal("camera cam0", Assert.Single(_board.Overdue()).Name);
        rig.OnPicture = null;
        hanging.Set();
        await Wait.UntilAsync(() => _board.Overdue().Count == 0, "a sign of life");
    }

    /// <summary>The promise is given again and again, though time flies: each second is taken only when nothing is overdue.</summary>
    private async Task LivesOnAsync(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            await Wait.UntilAsync(() => _board.Overdue().Count == 0, "a sign of life", seconds: 30);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
