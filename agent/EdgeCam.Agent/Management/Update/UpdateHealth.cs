using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Management.Update;

/// <summary>What an update must not make worse.</summary>
/// <param name="IsConnected">To the broker; false where there is none.</param>
/// <param name="BrokerProblem">Why not, for people; null where that is not known.</param>
internal sealed record UpdateHealth(bool IsConnected, string? BrokerProblem, IReadOnlyList<CameraReport> Cameras)
{
    public IReadOnlyList<string> Live => [.. Cameras.Where(static camera => camera.IsLive).Select(static camera => camera.Name)];

    /// <summary>What is missing of what is expected, for people; null where nothing is.</summary>
    public string? Missing(bool broker, IReadOnlyList<string> cameras)
    {
        List<string> missing = [];
        if (broker && !IsConnected)
            missing.Add($"no broker{(BrokerProblem is null ? "" : $" ({BrokerProblem})")}");
        foreach (var name in cameras.Except(Live))
            missing.Add($"no picture from {name}{(Cameras.FirstOrDefault(camera => camera.Name == name)?.Detail is { } detail ? $" ({detail})" : "")}");
        return missing.Count == 0 ? null : string.Join(", ", missing);
    }
}
