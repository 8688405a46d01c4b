using EdgeCam.Agent.Fleet;

namespace EdgeCam.Agent.Tests.Fleet;

/// <summary>Which device is next in a rollout.</summary>
public sealed class RolloutTests
{
    [Fact]
    public void So_many_at_once_and_all_of_them_in_the_end()
    {
        var rollout = new Rollout(["a", "b", "c"], parallel: 2, stopAfter: 1);
        Assert.Equal(["a", "b"], Begin(rollout));
        rollout.End(isGood: true);
        Assert.Equal(["c"], Begin(rollout));
        rollout.End(isGood: true);
        rollout.End(isGood: true);
        Assert.Equal((0, false, 0), (rollout.Failures, rollout.IsStopped, rollout.Left.Count));
    }

    [Fact]
    public void After_so_many_failures_none_is_begun()
    {
        var rollout = new Rollout(["a", "b", "c", "d", "e"], parallel: 2, stopAfter: 2);
        Begin(rollout);
        rollout.End(isGood: false);
        Assert.Equal(["c"], Begin(rollout));
        rollout.End(isGood: false);
        Assert.Empty(Begin(rollout));
        rollout.End(isGood: true);
        Assert.Empty(Begin(rollout));
        Assert.Equal(["d", "e"], rollout.Left);
    }

    private static List<string> Begin(Rollout rollout)
    {
        List<string> begun = [];
        while (rollout.TryBegin(out var device))
            begun.Add(device);
        return begun;
    }
}
