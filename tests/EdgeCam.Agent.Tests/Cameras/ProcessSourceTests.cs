using EdgeCam.Agent.Cameras;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>A program's runs, one after another.</summary>
public sealed class ProcessSourceTests
{
    [Fact]
    public async Task A_bug_of_ours_costs_one_run_and_not_the_agent()
    {
        var options = CameraRig.Simulated("--codec=h264");
        var runs = 0;
        await using var rig = new CameraRig(options, create: (rig, pool) => new ProcessSource(
            options, new RpicamProgram(() => options, rig), CameraRig.Now, rig, new(static () => 0),
            feed => ++runs == 1 ? new Faulty() : new H264Output(options.Name, feed, pool, CameraRig.Now, rig)));
        Assert.StartsWith("A fault of edgecam's own ended it", await rig.WaitForState(CameraState.Refused), StringComparison.Ordinal);
        await rig.WaitForState(CameraState.Live);
        Assert.Equal(1, rig.Logged.Count(id => id == 3040));
        Assert.Equal(2, runs);
    }

    private sealed class Faulty : ICameraOutput
    {
        public int WaitMs => 250;

        public long Pictures => 0;

        public string? Fault => null;

        public bool Read(CameraProcess process) => throw new InvalidOperationException("a bug");

        public void HandleIdle()
        {
        }

        public string? DescribeNonsense() => null;

        public void Dispose()
        {
        }
    }
}
