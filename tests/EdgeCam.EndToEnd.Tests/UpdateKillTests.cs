using System.Diagnostics;
using System.Globalization;
using EdgeCam.Agent.Management.Update;
using EdgeCam.Agent.Tests.Update;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Root's helper as a real process, killed at random moments of each of its works: what runs is the old version or the new one, and the next run comes to the end.</summary>
public sealed class UpdateKillTests(ITestOutputHelper output)
{
    private static int Rounds => Workplace.IsSoak ? 200 : 6;

    [Fact]
    public async Task Killed_at_any_moment_it_leaves_the_old_version_or_the_new_one()
    {
        var archive = UpdateSystem.Archive("1.1.0");
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var whole = await ApplyAsync(archive, random, null);
        Dictionary<string, int> ends = [];
        for (var round = 0; round < Rounds; round++)
        {
            var found = await ApplyAsync(archive, random, whole);
            if (found.Killed == 0) // the machine was slow at first
                whole = new(found.Installing < whole.Installing ? found.Installing : whole.Installing, found.Ending < whole.Ending ? found.Ending : whole.Ending, 0, "");
            ends[$"{found.Killed} killed, {found.End}"] = ends.GetValueOrDefault($"{found.Killed} killed, {found.End}") + 1;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, {Rounds} lives: {string.Join("; ", ends.OrderBy(static end => end.Key).Select(static end => $"{end.Value} x {end.Key}"))}"));
    }

    /// <summary>Installs, and then confirms or goes back; kills each of these once, where told how long each takes.</summary>
    private static async Task<Life> ApplyAsync(byte[] archive, Random random, Life? usual)
    {
        using var system = new UpdateSystem();
        var manifest = system.Manifest("1.1.0", archive, static payload => payload["deviceClass"] = UpdateRules.DeviceClass);
        system.Stage("1.1.0", archive: archive, manifest: manifest);
        var killed = 0;
        var installing = await RunAsync("apply");
        for (var runs = 0; File.Exists(system.Paths.Request); runs++)
        {
            Assert.True(runs < 4, "it does not come to an end");
            await RunAsync("apply", isLeft: true);
        }

        Assert.Equal((UpdateStates.Trial, "edgecam 1.1.0"), (system.Result!.State, system.Running));
        var isConfirmed = random.Next(2) == 0;
        if (isConfirmed)
            system.SayHealthy();
        var ending = await RunAsync(isConfirmed ? "apply" : "deadline");
        await RunAsync("guard", isLeft: true);
        await RunAsync(isConfirmed ? "apply" : "deadline", isLeft: true);

        Assert.Null(system.Trials().Current);
        Assert.Equal(isConfirmed ? ("confirmed", "edgecam 1.1.0") : ("rolledBack", "edgecam 1.0.0"), (system.Result!.State, system.Running));
        return new(installing, ending, killed, system.Result.State);

        // From when it has its lock, which is when its work begins; before that is the runtime's start.
        async Task<TimeSpan> RunAsync(string verb, bool isLeft = false)
        {
            File.Delete(system.Paths.Lock);
            var isInstalling = verb == "apply" && system.Trial is null;
            await using var helper = ChildProcess.Start(Workplace.Agent, ["update", verb, "--root", system.Root]);
            while (!File.Exists(system.Paths.Lock) && !helper.HasExited)
                await Task.Delay(1);
            var since = Stopwatch.StartNew();
            if (usual is not null && !isLeft)
            {
                var moment = (isInstalling ? usual.Installing : usual.Ending) * random.NextDouble();
                while (since.Elapsed < moment && !helper.HasExited)
                    await Task.Yield();
                if (!helper.HasExited)
                {
                    killed++;
                    using var process = Process.GetProcessById(helper.Id);
                    process.Kill(); // SIGKILL
                }
            }

            Assert.True(await helper.WaitForExitAsync(TimeSpan.FromSeconds(60)), helper.Log);
            Assert.True(helper.ExitCode is 0 or 137, helper.Log);
            Assert.True(system.Running is "edgecam 1.0.0" or "edgecam 1.1.0", system.Running);
            return since.Elapsed;
        }
    }

    private sealed record Life(TimeSpan Installing, TimeSpan Ending, int Killed, string End);
}
