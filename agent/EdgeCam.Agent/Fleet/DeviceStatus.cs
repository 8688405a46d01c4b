using System.Text.Json;

namespace EdgeCam.Agent.Fleet;

/// <summary>What a device's retained status says of it.</summary>
/// <param name="Since">When its agent started; null where it did not know the time.</param>
/// <param name="Said">The whole of it.</param>
internal sealed record DeviceStatus(string Device, bool IsOnline, string? Name, string? Version, DateTimeOffset? Since, IReadOnlyList<(string Name, string State, string? Detail)> Cameras, int? Viewers, JsonElement Said)
{
    private const int MaxCameras = 32;

    /// <summary>Null where it is none.</summary>
    public static DeviceStatus? TryRead(string device, ReadOnlyMemory<byte> payload)
    {
        if (JsonReading.TryParse(payload) is not { } json || json.Flag("online") is not { } isOnline)
            return null;
        DateTimeOffset? since = json.Text("since") is { } text && DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var at) ? at : null;
        return new(
            device, isOnline, json.Text("name"), json.Text("version"), since,
            [.. json.List("cameras").Take(MaxCameras).Select(static camera => (camera.Text("name") ?? "?", camera.Text("state") ?? "?", camera.Text("detail")))],
            (int?)json.Integer("viewers"), json);
    }

    public string State => IsOnline ? "online" : "offline";

    /// <summary>How many of them live, and what is the matter with the others.</summary>
    public string CamerasInWords()
    {
        if (!IsOnline)
            return "";
        string[] ill = [.. Cameras.Where(static camera => camera.State != "live").Select(static camera => $"{camera.Name} {camera.State}")];
        var live = Cameras.Count - ill.Length;
        return ill.Length == 0 ? $"{live} live" : $"{live} live, {string.Join(", ", ill)}";
    }

    /// <summary>How long its agent runs.</summary>
    public string UptimeInWords(DateTimeOffset now) => IsOnline && Since is { } since && since <= now ? InWords(now - since) : "";

    public static string InWords(TimeSpan span) => span switch
    {
        { TotalDays: >= 1 } => $"{(int)span.TotalDays}d {span.Hours}h",
        { TotalHours: >= 1 } => $"{(int)span.TotalHours}h {span.Minutes}m",
        { TotalMinutes: >= 1 } => $"{(int)span.TotalMinutes}m {span.Seconds}s",
        _ => $"{(int)span.TotalSeconds}s",
    };
}
