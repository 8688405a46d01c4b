using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Management.Update;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Settings;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.Agent.Tests.Update;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Composing;

/// <summary>Settings and the program are never on trial together: the parts as they are put together, asked as an operator asks them.</summary>
public sealed class OneTrialTests : IDisposable
{
    private readonly UpdateSystem _system = new();
    private readonly SettingsKeeper _keeper;

    public OneTrialTests()
    {
        var own = Path.Combine(_system.Root, "edgecam.json");
        File.WriteAllText(own, new JsonObject
        {
            ["device"] = new JsonObject { ["id"] = "dev", ["stateFolder"] = _system.Paths.AgentState },
            ["mqtt"] = new JsonObject { ["broker"] = "mqtt://127.0.0.1:1" },
            ["http"] = new JsonObject { ["enabled"] = false },
        }.ToJsonString());
        _keeper = new(own, TimeProvider.System);
    }

    public void Dispose() => _system.Dispose();

    [Fact]
    public async Task No_update_is_ordered_while_settings_are_on_trial()
    {
        _keeper.BeginTrial(_keeper.Propose(new() { ["device"] = new JsonObject { ["name"] = "Porch" } }), "ann", awaitsBroker: false, []);
        using var composition = Compose();
        var order = new JsonObject
        {
            ["url"] = "http://127.0.0.1:9/x",
            ["manifest"] = _system.Manifest("99.0.0", UpdateSystem.Archive("99.0.0"), static payload => payload["deviceClass"] = UpdateRules.DeviceClass),
        };

        var refused = (await CallAsync(composition, "update.install", order)).GetProperty("error");

        Assert.Equal("Refused (busy): settings are on trial", refused.GetProperty("message").GetString());
        _keeper.RollBack("over");
        Assert.True((await CallAsync(composition, "update.install", order)).TryGetProperty("result", out _));
    }

    [Fact]
    public async Task Nothing_is_set_while_a_version_is_laid_ready()
    {
        _system.Stage(); // its request, as the helper finds it
        UpdateFile.Write(_system.Paths.Job, new UpdateMemory(new("request-1", UpdateStates.Staged, "1.1.0", "https://updates.example/x", "x")), UpdateJson.Default.UpdateMemory, isOpen: false);
        using var composition = Compose();
        using var stop = new CancellationTokenSource();
        var running = composition.RunAsync(stop.Token);

        var refused = (await CallAsync(composition, "config.set", new() { ["patch"] = new JsonObject { ["log"] = new JsonObject { ["level"] = "debug" } } })).GetProperty("error");

        Assert.Equal(-32011, refused.GetProperty("code").GetInt32());
        Assert.Contains("another version of the agent is being installed", refused.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("information", _keeper.Options.Log.Level);
        await stop.CancelAsync();
        await running;
    }

    private Composition Compose() =>
        new(_keeper.Options, (_, _, _, _, _) => new FakePlane(new()), NullLoggerFactory.Instance, TimeProvider.System, settings: _keeper, system: _system.Paths);

    private static async Task<JsonElement> CallAsync(Composition composition, string method, JsonObject parameters)
    {
        var request = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = parameters.DeepClone() };
        var answer = await composition.Control.Dispatcher.HandleAsync(Encoding.UTF8.GetBytes(request.ToJsonString()), new("ann", new("Ann", AccessScope.All), CallerOrigin.Mqtt));
        return JsonElement.Parse(answer!);
    }
}
