using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Management.Update;

/// <summary>What an update must not make worse.</summary>
/// <param name="Broker">Null: there is none to be connected to.</param>
internal sealed record UpdateHealth(BrokerCondition? Broker, IReadOnlyList<CameraReport> Cameras)
{
    public IReadOnlyList<string> Live => [.. Cameras.Where(static camera => camera.IsLive).Select(static camera => camera.Name)];
}
