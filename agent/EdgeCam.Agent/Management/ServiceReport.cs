using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Management;

/// <summary>How the agent fares, for the service manager.</summary>
/// <param name="Viewers">Connected or connecting.</param>
/// <param name="Broker"><c>off</c>, <c>connected</c>, <c>disconnected</c>, or <c>waiting</c> for the device's clock.</param>
/// <param name="BrokerProblem">Why the last attempt or connection ended; null where there is one, or none was tried.</param>
/// <param name="UnsetClock">What the clock shows while it is not set; null where it is.</param>
internal sealed record ServiceReport(IReadOnlyList<CameraReport> Cameras, int Viewers, string Broker, string? BrokerProblem = null, DateTimeOffset? UnsetClock = null)
{
    private const int MaxDetail = 200;

    /// <summary>What has not been tried yet, in words; empty where all has: a camera gave a picture or failed, the broker answered or not.</summary>
    public IReadOnlyList<string> Untried()
    {
        List<string> found = [.. Cameras.Where(static camera => camera.State == "starting").Select(static camera => $"the first picture of {camera.Name}")];
        if (Broker == "disconnected" && BrokerProblem is null)
            found.Add("the broker's answer");
        return found;
    }

    /// <summary>One line for people, as <c>systemctl status</c> shows it.</summary>
    /// <param name="isReady">Whether the start is over.</param>
    /// <param name="overdue">The loops that give no sign of life.</param>
    public string ToText(bool isReady, IReadOnlyList<OverdueLoop> overdue)
    {
        List<string> parts = [];
        if (overdue.Count > 0)
            parts.Add($"no sign of life from {string.Join(", ", overdue.Select(static loop => loop.Name))}");
        parts.Add($"{Cameras.Count(static camera => camera.IsLive)} of {Cameras.Count} camera{(Cameras.Count == 1 ? "" : "s")} live, {Viewers} viewer{(Viewers == 1 ? "" : "s")}{BrokerInWords()}");
        if (Untried() is { Count: > 0 } untried)
            parts.Add($"waiting for {string.Join(" and ", untried)}");
        foreach (var camera in Cameras.Where(static camera => camera.State is "lost" or "refused"))
            parts.Add($"{camera.Name} {camera.State}: {Plain(camera.Detail ?? "")}, trying again");
        if (UnsetClock is { } clock && Broker != "waiting")
            parts.Add($"the clock is not set ({clock:yyyy-MM-dd}): waiting for time");
        return (isReady ? "" : "starting: ") + string.Join("; ", parts);
    }

    private string BrokerInWords() => Broker switch
    {
        "off" => "",
        "waiting" => $", the broker waits until the clock is set ({UnsetClock:yyyy-MM-dd})",
        "disconnected" when BrokerProblem is { } problem => $", no broker ({Plain(problem)}), trying again",
        _ => $", broker {Broker}",
    };

    /// <summary>A line break would begin another message to the service manager.</summary>
    private static string Plain(string text)
    {
        var line = new string([.. text.Select(static letter => char.IsControl(letter) ? ' ' : letter).Take(MaxDetail)]).Trim().TrimEnd('.', ' ');
        return line.Length < text.Trim().TrimEnd('.', ' ').Length ? line + "…" : line;
    }
}
