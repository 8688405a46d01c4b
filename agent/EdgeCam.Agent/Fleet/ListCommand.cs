using System.Text.Json.Nodes;
using EdgeCam.Agent.Mqtt;

namespace EdgeCam.Agent.Fleet;

/// <summary><c>edgecam fleet list</c>: what the broker keeps of each device's status.</summary>
internal static class ListCommand
{
    public static async Task<int> RunAsync(FleetArguments arguments, FleetSession session)
    {
        var (watches, onlyOffline) = (arguments.Flag("--watch"), arguments.Flag("--offline"));
        var changes = System.Threading.Channels.Channel.CreateUnbounded<(string Device, ReadOnlyMemory<byte> Payload)>(); // emptied as it fills: writing to a terminal is all that there is to do
        var kept = await session.ReadRetainedAsync("status", null, watches ? (device, message) => changes.Writer.TryWrite((device, message.Payload)) : null);
        var unread = 0;
        SortedDictionary<string, DeviceStatus> found = new(StringComparer.Ordinal);
        foreach (var (device, payload) in kept)
        {
            if (!IsWanted(device))
                continue;
            if (DeviceStatus.TryRead(device, payload) is { } status)
                found[device] = status;
            else
                unread += payload.IsEmpty ? 0 : 1;
        }

        await WriteAsync(session, found.Values.Where(status => !onlyOffline || !status.IsOnline));
        session.Console.Say(Counts(found.Values) + (unread > 0 ? $"; {unread} more statuses are not understood" : ""));
        if (watches)
            await WatchAsync();
        return ExitCode.Success;

        bool IsWanted(string device) => arguments.Words.Count == 0 || DeviceNames.Matches(arguments.Words, device);

        async Task WatchAsync()
        {
            await foreach (var (device, payload) in changes.Reader.ReadAllAsync(session.Stop))
            {
                if (!IsWanted(device) || DeviceStatus.TryRead(device, payload) is not { } status)
                    continue;
                var before = found.GetValueOrDefault(device);
                found[device] = status;
                if (session.Console.IsJson)
                    await session.Console.WriteAsync(ToJson(status));
                else if (Change(before, status) is { } words)
                    await session.Console.WriteAsync($"{session.Time.GetLocalNow():HH:mm:ss}  {PlainText.Of(device, 63)}  {PlainText.Of(words)}");
            }
        }
    }

    internal static string Counts(IReadOnlyCollection<DeviceStatus> all) =>
        $"{all.Count} devices: {all.Count(static status => status.IsOnline)} online, {all.Count(static status => !status.IsOnline)} offline";

    /// <summary>Null where nothing of it would be seen in the table.</summary>
    internal static string? Change(DeviceStatus? before, DeviceStatus now)
    {
        if (before is null)
            return $"new: {now.State}, {now.Version}";
        List<string> words = [];
        if (before.IsOnline != now.IsOnline)
            words.Add(now.State);
        if (before.Version != now.Version)
            words.Add($"version {before.Version} -> {now.Version}");
        if (now.IsOnline && before.IsOnline && before.Since != now.Since)
            words.Add("started anew");
        if (now.IsOnline && before.CamerasInWords() != now.CamerasInWords())
            words.Add($"cameras: {now.CamerasInWords()}");
        if (now.IsOnline && before.Viewers != now.Viewers)
            words.Add($"{now.Viewers ?? 0} viewers");
        return words.Count > 0 ? string.Join(", ", words) : null;
    }

    private static async Task WriteAsync(FleetSession session, IEnumerable<DeviceStatus> statuses)
    {
        if (session.Console.IsJson)
        {
            foreach (var status in statuses)
                await session.Console.WriteAsync(ToJson(status));
            return;
        }

        var now = session.Time.GetUtcNow();
        var table = new TextTable("DEVICE", "STATE", "VERSION", "UPTIME", "VIEWERS", "SINCE", "CAMERAS");
        foreach (var status in statuses)
        {
            table.Add(
                status.Device, status.State, status.Version, status.UptimeInWords(now), status.IsOnline ? $"{status.Viewers ?? 0}" : "",
                status.Since is { } since ? TimeZoneInfo.ConvertTime(since, session.Time.LocalTimeZone).ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture) : "", status.CamerasInWords());
        }

        await table.WriteAsync(session.Console.Output);
    }

    private static JsonObject ToJson(DeviceStatus status) => new() { ["device"] = status.Device, ["status"] = FleetConsole.Node(status.Said) };
}
