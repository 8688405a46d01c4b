using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Fleet;

/// <summary><c>edgecam fleet update</c>: has devices install a version, so many at once, and follows each until it is confirmed, refused or rolled back.</summary>
internal static class RolloutCommand
{
    private const int MaxDepth = 4;

    private static readonly TimeSpan s_usualLimit = TimeSpan.FromMinutes(30);

    /// <summary>So often a device that says nothing is asked: it starts anew in between, and so may our own connection.</summary>
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(FleetArguments arguments, FleetSession session)
    {
        var url = arguments.Needed("--url", "where devices download the archive");
        var manifest = JsonFiles.Read(arguments.Needed("--manifest", "the signed manifest, as deploy/update/manifest.mjs makes it"), "--manifest").Trim();
        var version = CompactJws.TryRead(manifest, MaxDepth) is var (_, payload) && payload.Text("version") is { } written
            ? written
            : throw FleetException.File("--manifest: that is no manifest. deploy/update/manifest.mjs sign makes it.");
        var limit = arguments.Duration("--limit", s_usualLimit);
        var targets = await DeviceNames.Of(arguments).FindAsync(session);
        var outcomes = new Dictionary<string, DeviceOutcome>(StringComparer.Ordinal);
        foreach (var offline in targets.Where(static target => target.IsKnownOffline))
            await TakeAsync(DeviceOutcome.Offline(offline.Device));
        var rollout = new Rollout(
            targets.Where(static target => !target.IsKnownOffline).Select(static target => target.Device), arguments.Number("--parallel", 10, 1, 256),
            arguments.Number("--stop-after-failures", int.MaxValue, 1, int.MaxValue));

        var one = targets.Count == 1 ? targets[0].Device : "+";
        await session.Calls.BeginAsync(one, session.Stop);
        var inbox = new DeviceInbox(session);
        await inbox.ListenAsync(one, "event/update");
        try
        {
            await RollOutAsync();
        }
        catch (OperationCanceledException)
        {
            foreach (var target in targets.Where(target => !outcomes.ContainsKey(target.Device)))
                await TakeAsync(DeviceOutcome.Interrupted(target.Device));
            await ManyDevices.SummariseAsync(session, [.. targets.Select(target => outcomes[target.Device])]);
            throw;
        }

        if (rollout.IsStopped && rollout.Left.Count > 0)
            session.Console.Say($"Stopped after {rollout.Failures} failures; {rollout.Left.Count} devices were not asked.");
        foreach (var device in rollout.Left)
            await TakeAsync(new(device, OutcomeKind.Skipped, "not asked: others had failed"));
        DeviceOutcome[] all = [.. targets.Select(target => outcomes[target.Device])];
        await ManyDevices.SummariseAsync(session, all);
        return DeviceOutcome.ExitCodeOf(all);

        async Task RollOutAsync()
        {
            List<Task<DeviceOutcome>> underWay = [];
            while (true)
            {
                while (rollout.TryBegin(out var device))
                    underWay.Add(InstallAsync(session, inbox, device, url, manifest, version, limit));
                if (underWay.Count == 0)
                    return;
                var ended = await Task.WhenAny(underWay);
                underWay.Remove(ended);
                var outcome = await ended;
                rollout.End(outcome.Kind == OutcomeKind.Done);
                await TakeAsync(outcome);
            }
        }

        async Task TakeAsync(DeviceOutcome outcome)
        {
            outcomes[outcome.Device] = outcome;
            session.Console.Progress.Done(outcome.Device, targets.Count == 1 || session.Console.IsJson || outcome.Kind == OutcomeKind.Skipped ? null : $"{DeviceOutcome.Word(outcome.Kind)}: {outcome.Text}");
            if (session.Console.IsJson)
                await session.Console.WriteAsync(outcome.ToJson());
        }
    }

    private static async Task<DeviceOutcome> InstallAsync(FleetSession session, DeviceInbox inbox, string device, string url, string manifest, string version, TimeSpan limit)
    {
        var news = inbox.Of(device);
        try
        {
            session.Console.Progress.Show(device, "asked");
            var check = await session.Calls.CallAsync(device, "update.check", null, session.Stop);
            if (check.Error is { } unknown)
                return DeviceOutcome.Of(device, unknown);
            if (check.Result.Text("version") == version && check.Result.Text("state") == "idle")
                return DeviceOutcome.Done(device, $"runs {version} already");
            var install = await session.Calls.CallAsync(device, "update.install", new JsonObject { ["url"] = url, ["manifest"] = manifest }, session.Stop);
            if (install.Error is { } refused)
                return DeviceOutcome.Of(device, refused);
            return install.Result.Text("id") is { } id
                ? await FollowAsync(session, news, device, id, version, limit)
                : DeviceOutcome.Failed(device, "it does not say how the update is called");
        }
        finally
        {
            inbox.Forget(device);
        }
    }

    private static async Task<DeviceOutcome> FollowAsync(FleetSession session, System.Threading.Channels.ChannelReader<JsonElement> news, string device, string id, string version, TimeSpan limit)
    {
        var (began, last) = (session.Time.GetTimestamp(), "taken");
        while (session.Time.GetElapsedTime(began) < limit)
        {
            var said = await DeviceInbox.NextAsync(news, s_poll, session.Time, session.Stop);
            if (said is null && await session.Calls.CallAsync(device, "update.check", null, session.Stop) is { Error: null } report)
                said = report.Result;
            if (said is not { } told || UpdateNews.Of(id, told) is not { } now)
                continue;
            last = now.State;
            if (now.IsLast)
            {
                return now.IsGood
                    ? DeviceOutcome.Done(device, $"{version} confirmed")
                    : DeviceOutcome.Failed(device, $"{now.State}{(now.Why is { } why ? $": {why}" : "")}", new JsonObject { ["state"] = now.State, ["why"] = now.Why });
            }

            session.Console.Progress.Show(device, PlainText.Of(now.State, 40), now.Percent);
        }

        return DeviceOutcome.Silent(device, $"no end within {DeviceStatus.InWords(limit)}; {last} was the last that was heard. fleet show {device} tells how it stands");
    }
}
