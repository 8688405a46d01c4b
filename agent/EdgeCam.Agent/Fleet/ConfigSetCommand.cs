using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Fleet;

/// <summary><c>edgecam fleet config set</c> and <c>reset</c>: changes settings and waits for what each device makes of them.</summary>
internal static class ConfigSetCommand
{
    private const string AnyRevision = "any";

    /// <summary>Beyond what a device says its trial takes at most: until it is back at its broker, and has told.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(30);

    /// <summary>So often a device that says nothing is asked: it may have told while our own connection was away.</summary>
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(20);

    public static Task<int> SetAsync(FleetArguments arguments, FleetSession session)
    {
        string[] settings = [.. arguments.Words.Where(SettingsPatch.IsSetting)];
        if (settings.Length > 0 == (arguments.Text("--file") is not null))
            throw FleetException.Usage("what is to be set: KEY=VALUE..., or --file PATCH.json");
        var patch = JsonFiles.Object(null, arguments.Text("--file"), "--file") ?? SettingsPatch.Of(settings);
        return RunAsync("config.set", new JsonObject { ["patch"] = patch }, arguments.With([.. arguments.Words.Where(static word => !SettingsPatch.IsSetting(word))]), session);
    }

    public static Task<int> ResetAsync(FleetArguments arguments, FleetSession session)
    {
        var parameters = new JsonObject();
        if (arguments.Text("--keys") is { } keys)
            parameters["keys"] = new JsonArray([.. keys.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static key => JsonValue.Create(key))]);
        return RunAsync("config.reset", parameters, arguments, session);
    }

    private static async Task<int> RunAsync(string method, JsonObject parameters, FleetArguments arguments, FleetSession session)
    {
        var (revision, parallel) = (arguments.Text("--revision"), arguments.Number("--parallel", ManyDevices.UsualParallel, 1, 256));
        var (isDryRun, waits) = (arguments.Flag("--dry-run"), !arguments.Flag("--no-wait"));
        var targets = await DeviceNames.Of(arguments).FindAsync(session);
        var one = targets.Count == 1 ? targets[0].Device : "+";
        await session.Calls.BeginAsync(one, session.Stop);
        var inbox = new DeviceInbox(session);
        await inbox.ListenAsync(one, "event/config");
        await inbox.ListenAsync(one, "config/reported");
        return await ManyDevices.RunAsync(session, targets, parallel, async (target, stop) =>
        {
            var news = inbox.Of(target.Device);
            try
            {
                var asked = parameters.DeepClone().AsObject();
                if (isDryRun)
                    asked["dryRun"] = true;
                if (revision != AnyRevision)
                {
                    var before = revision is null ? await session.Calls.CallAsync(target.Device, "config.get", null, stop) : default;
                    if (before.Error is { } unread)
                        return DeviceOutcome.Of(target.Device, unread);
                    asked["revision"] = revision ?? before.Result.Text("revision");
                }

                var answer = await session.Calls.CallAsync(target.Device, method, asked, stop);
                if (answer.Error is { } error)
                    return DeviceOutcome.Of(target.Device, error);
                var result = FleetConsole.Node(answer.Result);
                return answer.Result.Text("state") == "trial" && waits
                    ? await FollowAsync(session, target.Device, news, answer.Result, stop)
                    : DeviceOutcome.Done(target.Device, $"{(isDryRun ? "dry run" : PlainText.Of(answer.Result.Text("state")))}: {InWords(answer.Result)}", result);
            }
            finally
            {
                inbox.Forget(target.Device);
            }
        });
    }

    /// <summary>Until it is confirmed or rolled back, or the device stays away for longer than its trial may take.</summary>
    private static async Task<DeviceOutcome> FollowAsync(FleetSession session, string device, System.Threading.Channels.ChannelReader<JsonElement> news, JsonElement answer, CancellationToken stop)
    {
        var (revision, result) = (answer.Text("revision") ?? "", FleetConsole.Node(answer));
        var (began, limit) = (session.Time.GetTimestamp(), TimeSpan.FromSeconds(Math.Clamp(answer.Number("confirmedWithin") ?? 300, 1, 3600)));
        var asked = began;
        while (true)
        {
            var left = limit - session.Time.GetElapsedTime(began);
            if (left + s_grace <= TimeSpan.Zero)
            {
                return DeviceOutcome.Silent(device, string.Create(CultureInfo.InvariantCulture,
                    $"{revision} is on trial, and nothing was heard of it for {(limit + s_grace).TotalSeconds:0} s. If it has another broker now, look for it there; else it comes back with the settings before"));
            }

            session.Console.Progress.Show(device, string.Create(CultureInfo.InvariantCulture, $"{revision} on trial"), (int)(100 * (limit - left) / limit));
            if (await DeviceInbox.NextAsync(news, TimeSpan.FromSeconds(1), session.Time, stop) is not { } said)
            {
                if (session.Time.GetElapsedTime(asked) < s_poll)
                    continue;
                asked = session.Time.GetTimestamp();
                var polled = await session.Calls.CallAsync(device, "config.get", null, stop);
                if (polled.Error is not null)
                    continue;
                said = polled.Result;
            }

            if (TrialNews.Of(revision, said) is not var (isConfirmed, reason))
                continue;
            return isConfirmed
                ? DeviceOutcome.Done(device, $"confirmed: {InWords(answer)}", result)
                : DeviceOutcome.Failed(device, $"rolled back: {reason ?? "it does not say why"}", result);
        }
    }

    private static string InWords(JsonElement change)
    {
        var words = $"revision {change.Text("revision")}";
        foreach (var (name, title) in new[] { ("changed", "changed"), ("live", "in effect at once"), ("restarts", "restarts") })
        {
            if (string.Join(", ", change.Texts(name)) is { Length: > 0 } list)
                words += $"; {title}: {list}";
        }

        return PlainText.Of(words);
    }
}
