using EdgeCam.Agent.Management.Update;

namespace EdgeCam.Agent.Tests.Update;

/// <summary>The power goes between any two steps, once or again and again: what runs is the old version or the new one, whole, and it comes to an end.</summary>
public sealed class UpdatePowerCutTests
{
    [Fact]
    public void In_each_step_of_installing()
    {
        var steps = Steps(static system => system.Apply(), static _ => { });
        Assert.True(steps >= 9, $"{steps} steps");
        for (var step = 0; step < steps; step++)
        {
            foreach (var isBoot in new[] { false, true })
            {
                using var system = new UpdateSystem();
                system.Stage();
                Cut(system, step, system.Apply);
                if (isBoot)
                    system.Trials().CountStart(); // the agent comes before the path unit
                system.Apply();

                Assert.Equal(("edgecam 1.1.0", UpdateStates.Trial), (system.Running, system.Result!.State));
                Assert.True(system.Trial!.Starts > 0 || system.Managed.Contains("try-restart edgecam.service"), $"nobody starts it after step {step}");
                Assert.False(File.Exists(system.Paths.Request));
                system.SayHealthy();
                system.Apply();
                Assert.Equal((UpdateStates.Confirmed, "edgecam 1.1.0"), (system.Result!.State, system.Running));
            }
        }
    }

    [Fact]
    public void In_each_step_of_confirming()
    {
        var steps = Steps(
            static system =>
            {
                system.SayHealthy();
                system.Apply();
            },
            static system => system.Apply());
        Assert.True(steps >= 3, $"{steps} steps");
        for (var step = 0; step < steps; step++)
        {
            using var system = new UpdateSystem();
            system.Stage();
            system.Apply();
            system.SayHealthy();
            Cut(system, step, system.Apply);
            system.Trials().CountStart();
            system.Apply();

            Assert.Equal((UpdateStates.Confirmed, "edgecam 1.1.0", "package"), (system.Result!.State, system.Running, system.Installed!.Previous));
            Assert.Null(system.Trial);
        }
    }

    [Fact]
    public void In_each_step_of_going_back()
    {
        var steps = Steps(static system => system.Trials().GiveUp(), static system => system.Apply());
        Assert.True(steps >= 4, $"{steps} steps");
        for (var step = 0; step < steps; step++)
        {
            using var system = new UpdateSystem();
            system.Stage();
            system.Apply();
            Cut(system, step, () => system.Trials().GiveUp());
            system.Trials().CountStart();

            Assert.Equal("edgecam 1.0.0", system.Running);
            Assert.Equal((UpdateStates.RolledBack, UpdateReasons.NotHealthy), (system.Result!.State, system.Result.Reason));
            Assert.Null(system.Trial is { Failure: null } trial && system.Link.Place == trial.Version ? trial : null);
        }
    }

    [Fact]
    public void In_each_step_of_refusing()
    {
        static void Refuse(UpdateSystem system) => system.Stage("1.1.0", archive: [1, 2, 3], manifest: system.Manifest("1.1.0", [1, 2, 4]));
        var steps = Steps(static system => system.Apply(), Refuse);
        Assert.True(steps >= 2, $"{steps} steps");
        for (var step = 0; step < steps; step++)
        {
            using var system = new UpdateSystem();
            Refuse(system);
            Cut(system, step, system.Apply);
            system.Apply();
            Assert.Equal((UpdateReasons.WrongHash, "edgecam 1.0.0"), (system.Result!.Reason, system.Running));
        }
    }

    /// <summary>Whole lives, in which the power goes at any step of anything, twenty times on end.</summary>
    [Fact]
    public void Again_and_again()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            using var system = new UpdateSystem();
            system.Stage();
            for (var turn = 0; turn < 20; turn++)
            {
                if (random.Next(4) == 0 && system.Running == "edgecam 1.1.0" && system.Trial is not null)
                    system.SayHealthy();
                Action next = random.Next(6) switch
                {
                    0 => () => system.Trials().GiveUp(),
                    1 or 2 => system.Trials().CountStart,
                    _ => system.Apply,
                };
                Cut(system, random.Next(12), next);
                Assert.True(system.Running is "edgecam 1.0.0" or "edgecam 1.1.0", $"seed {seed}, turn {turn}: {system.Running}");
                Assert.True(system.Trial is not { Starts: > UpdateTrial.MaxStarts }, $"seed {seed}, turn {turn}: {system.Trial?.Starts} starts");
            }

            system.Apply();
            for (var start = 0; start < 4; start++)
                system.Trials().CountStart();
            Assert.Null(system.Trials().Current);
            var (state, running) = (system.Result!.State, system.Running);
            Assert.True(
                (state, running) is (UpdateStates.Confirmed, "edgecam 1.1.0") or (UpdateStates.RolledBack, "edgecam 1.0.0") || (state, system.Result.Reason, running) is (UpdateStates.Refused, UpdateReasons.HelperFailed, "edgecam 1.0.0"),
                $"seed {seed}: {state} ({system.Result.Reason}), {running}");
        }
    }

    /// <summary>How many there are where the power stays.</summary>
    private static int Steps(Action<UpdateSystem> act, Action<UpdateSystem> before)
    {
        using var system = new UpdateSystem();
        system.Stage();
        before(system);
        system.Steps.Clear();
        act(system);
        return system.Steps.Count;
    }

    private static void Cut(UpdateSystem system, int step, Action act)
    {
        system.CrashAt(step);
        try
        {
            act();
        }
        catch (CrashException)
        {
            // As meant.
        }

        Assert.True(system.Running is "edgecam 1.0.0" or "edgecam 1.1.0", $"after step {step}: {system.Running}");
        system.CrashNoMore();
    }
}
