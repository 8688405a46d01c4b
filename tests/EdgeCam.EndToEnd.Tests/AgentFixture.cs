namespace EdgeCam.EndToEnd.Tests;

/// <summary>One agent for all tests of a class; that it ends well is part of the class's proof.</summary>
public sealed class AgentFixture : IAsyncLifetime
{
    private AgentProcess? _agent;

    internal AgentProcess Agent => _agent ?? throw new InvalidOperationException("The agent did not start");

    public async ValueTask InitializeAsync() => _agent = await AgentProcess.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_agent is not { } agent)
            return;
        try
        {
            await agent.StopAsync();
        }
        finally
        {
            await agent.DisposeAsync();
        }
    }
}
