using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Tests.Composing;

/// <summary>What the build writes beside the executable for the runtime.</summary>
public sealed class RuntimeSettingsTests
{
    [Fact]
    public void The_agent_runs_with_the_workstation_collector()
    {
        // The web SDK asks for the server collector, a heap per core, unless the property is spelled exactly as it reads it.
        var settings = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "edgecam.runtimeconfig.json")))!;
        Assert.False((bool)settings["runtimeOptions"]!["configProperties"]!["System.GC.Server"]!);
    }
}
