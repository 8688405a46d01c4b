using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Fleet;

/// <summary><c>edgecam fleet config desired</c>: leaves a retained document for each device, signed for it alone, and tells what became of it where the device is there.</summary>
internal static class DesiredCommand
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30); // until a device has looked at it
    private static readonly TimeSpan s_trial = TimeSpan.FromSeconds(330); // and until it has proved itself

    public static async Task<int> RunAsync(FleetArguments arguments, FleetSession session)
    {
        var (isCleared, waits) = (arguments.Flag("--clear"), !arguments.Flag("--no-wait"));
        if (isCleared == (arguments.Text("--file") is not null))
            throw FleetException.Usage("what is to be: --file CONFIG.json, or --clear to take it from the broker");
        TimeSpan? valid = arguments.Text("--valid") is null ? null : arguments.Duration("--valid", default);
        if (valid is not null && session.Settings.Token?.IsBound != true)
            throw FleetException.Usage("--valid is signed along: it needs a token with its key (--token-file)");
        var config = JsonFiles.Object(null, arguments.Text("--file"), "--file");
        var targets = await DeviceNames.Of(arguments).FindAsync(session);
        var inbox = new DeviceInbox(session);
        await inbox.ListenAsync(targets.Count == 1 ? targets[0].Device : "+", "config/reported");
        return await ManyDevices.RunAsync(session, targets, arguments.Number("--parallel", ManyDevices.UsualParallel, 1, 256), async (target, stop) =>
        {
            var payload = config is null ? [] : Seal(session, target.Device, Encoding.UTF8.GetBytes(config.ToJsonString()), valid);
            if (payload.Length > Mqtt.MqttConnection.MaxPayload)
                return DeviceOutcome.Failed(target.Device, $"the document has {payload.Length} bytes, and a device takes {Mqtt.MqttConnection.MaxPayload}");
            var news = inbox.Of(target.Device);
            try
            {
                await session.Connection.PublishAsync(session.Settings.Topic(target.Device, "config/desired"), payload, isRetained: true, stop: stop);
                if (config is null)
                    return DeviceOutcome.Done(target.Device, "taken from the broker; what the device has set by it stays (config reset takes it back)");
                if (target.Status is not { IsOnline: true } || !waits)
                    return DeviceOutcome.Done(target.Device, $"left at the broker{(target.Status is null ? "; it has no status here" : target.IsKnownOffline ? "; the device is offline" : "")}");
                // As config/reported names it.
                return await FollowAsync(session, target.Device, Convert.ToHexStringLower(SHA256.HashData(payload))[..16], news, stop);
            }
            finally
            {
                inbox.Forget(target.Device);
            }
        }, asksOffline: true);
    }

    private static byte[] Seal(FleetSession session, string device, byte[] config, TimeSpan? valid) =>
        session.Settings.Token?.Desired(config, device, session.Time.GetUtcNow(), valid) ?? [.. "{\"config\":"u8, .. config, (byte)'}'];

    private static async Task<DeviceOutcome> FollowAsync(FleetSession session, string device, string document, System.Threading.Channels.ChannelReader<System.Text.Json.JsonElement> news, CancellationToken stop)
    {
        var (began, limit) = (session.Time.GetTimestamp(), s_patience);
        while (limit - session.Time.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
        {
            session.Console.Progress.Show(device, limit == s_patience ? $"{document} left" : $"{document} on trial");
            if (await DeviceInbox.NextAsync(news, left, session.Time, stop) is not { } reported)
                continue;
            if (TrialNews.OfDesired(document, reported) is var (isConfirmed, reason))
            {
                return isConfirmed
                    ? DeviceOutcome.Done(device, PlainText.Of($"applied: revision {reported.Text("revision")}, {reported.Text("state")}"))
                    : DeviceOutcome.Failed(device, $"not taken: {reason ?? "it does not say why"}", new JsonObject { ["document"] = document, ["reason"] = reason });
            }

            if (reported.Member("desired")?.Text("document") == document)
                limit = s_trial;
        }

        return DeviceOutcome.Silent(device, $"left at the broker as {document}; the device has not told within {limit.TotalSeconds:0} s what became of it");
    }
}
