namespace EdgeCam.EndToEnd.Tests;

/// <summary>One agent for all tests of a class; that it ends well is part of the class's proof.</summary>
public sealed class AgentFixture : IAsyncLifetime
{
    internal AgentProcess Agent { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Agent = await AgentProcess.StartAsync();

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Agent.StopAsync();
        }
        finally
        {
            await Agent.DisposeAsync();
        }
    }
}
