using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Tests.Composing;

/// <summary>What the build writes beside the executable for the runtime.</summary>
public sealed class RuntimeSettingsTests
{
    // The web SDK asks for the server collector, a heap per core, unless the property is spelled exactly as it reads it.
    [Fact]
    public void The_agent_runs_with_the_workstation_collector() => Assert.False((bool)Setting("System.GC.Server"));

    [Fact]
    public void Workers_that_have_nothing_to_do_sleep() => Assert.Equal(0, (int)Setting("System.Threading.ThreadPool.UnfairSemaphoreSpinLimit"));

    private static JsonNode Setting(string name)
    {
        var settings = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "edgecam.runtimeconfig.json")))!;
        return settings["runtimeOptions"]!["configProperties"]![name]!;
    }
}
