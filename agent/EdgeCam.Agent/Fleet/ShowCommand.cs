using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Fleet;

/// <summary><c>edgecam fleet show</c>: one device, as far as it and the broker tell.</summary>
internal static class ShowCommand
{
    private static readonly TimeSpan s_telemetry = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(FleetArguments arguments, FleetSession session)
    {
        var device = DeviceNames.One(arguments, "edgecam fleet show DEVICE");
        var telemetry = new TaskCompletionSource<JsonElement?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await session.Connection.SubscribeAsync(session.Settings.Topic(device, "telemetry"), message => telemetry.TrySetResult(JsonReading.TryParse(message.Payload)), stop: session.Stop);
        var kept = await session.ReadRetainedAsync("status", [device]);
        var status = kept.TryGetValue(device, out var payload) ? DeviceStatus.TryRead(device, payload) : null;
        var reported = (await session.ReadRetainedAsync("config/reported", [device])).TryGetValue(device, out var report) ? JsonReading.TryParse(report) : null;
        if (status is null && reported is null)
            throw new FleetException(ExitCode.Silent, $"{device} has no status at this broker: fleet list shows those that have.");

        var isOnline = status?.IsOnline != false;
        CallAnswer update = default, health = default;
        if (isOnline)
        {
            await session.Calls.BeginAsync(device, session.Stop);
            var asked = await Task.WhenAll(session.Calls.CallAsync(device, "update.check", null, session.Stop), session.Calls.CallAsync(device, "device.health", null, session.Stop));
            (update, health) = (asked[0], asked[1]);
        }

        var heard = isOnline ? await LatestAsync(telemetry.Task, session) : null;
        if (session.Console.IsJson)
        {
            var json = new JsonObject { ["device"] = device, ["status"] = FleetConsole.Node(status?.Said), ["telemetry"] = FleetConsole.Node(heard), ["config"] = FleetConsole.Node(reported) };
            Add(json, "update", isOnline, update);
            Add(json, "health", isOnline, health);
            await session.Console.WriteAsync(json);
        }
        else
        {
            foreach (var line in Lines(device, status, heard, reported, isOnline, update, health, session.Time.GetUtcNow()))
                await session.Console.WriteAsync(PlainText.Of(line));
        }

        return !isOnline ? ExitCode.Success : new[] { update.Error, health.Error }.Any(static error => error is not null)
            ? DeviceOutcome.ExitCodeOf([.. new[] { update.Error, health.Error }.OfType<CallError>().Select(error => DeviceOutcome.Of(device, error))])
            : ExitCode.Success;
    }

    internal static IEnumerable<string> Lines(
        string device, DeviceStatus? status, JsonElement? telemetry, JsonElement? reported, bool isOnline, CallAnswer update, CallAnswer health, DateTimeOffset now)
    {
        yield return $"{device}  {(status is null ? "no status" : status.State)}{(status?.Version is { } version ? $", version {version}" : "")}{(status?.Name is { } name ? $", \"{name}\"" : "")}";
        if (status is { IsOnline: true })
            yield return $"  agent       up {status.UptimeInWords(now)}, {status.Viewers ?? 0} viewers";
        foreach (var (camera, state, detail) in status?.Cameras ?? [])
            yield return $"  camera      {camera}: {state}{(detail is null ? "" : $" ({detail})")}";
        if (isOnline)
        {
            yield return $"  telemetry   {(telemetry is { } told ? Telemetry(told) : "none yet: it comes each 30 s or so, --wait 35s stays for it")}";
            yield return $"  board       {(health.Error is { } ill ? ill.InWords() : Members(health.Result))}";
        }

        if (reported is { } report)
        {
            yield return $"  settings    revision {report.Text("revision")}, {report.Text("state")}; set remotely: {Listed(report.Texts("remote"))}";
            if (report.Member("last") is { } last)
                yield return $"              last: {last.Text("state")} {last.Text("revision")} by {last.Text("by")}{Because(last)}";
            if (report.Member("desired") is { } desired)
                yield return $"              desired: {desired.Text("document")} {desired.Text("state")}{Because(desired)}";
            foreach (var alarm in report.Texts("alarms"))
                yield return $"              alarm: {alarm}";
        }

        if (!isOnline)
            yield break;
        yield return $"  update      {(update.Error is { } refused ? refused.InWords() : Update(update.Result))}";
        foreach (var problem in update.Error is null ? update.Result.Texts("problems") : [])
            yield return $"              {problem}";
    }

    internal static string Telemetry(JsonElement told)
    {
        List<string> words = [];
        if (told.Member("cpu") is { } cpu && cpu.Number("process") is { } process)
            words.Add($"cpu {Number(process, "0.00")}{(cpu.Number("load1") is { } load ? $", load {Number(load, "0.0")}" : "")}");
        if (told.Member("memory")?.Number("process") is { } memory)
            words.Add($"memory {Number(memory / 1e6, "0")} MB");
        if (told.Member("board")?.Number("temperatureCelsius") is { } heat)
            words.Add($"{Number(heat, "0")} °C");
        if (told.Member("disk")?.Number("free") is { } free)
            words.Add($"disk {Number(free / 1e9, "0.0")} GB free");
        if (told.Member("wifi")?.Number("signalDbm") is { } signal)
            words.Add($"Wi-Fi {Number(signal, "0")} dBm");
        foreach (var camera in told.List("cameras"))
            words.Add($"{camera.Text("name")} {Number(camera.Number("framesPerSecond") ?? 0, "0.0")} pictures/s, {Number((camera.Number("bitrate") ?? 0) / 1e3, "0")} kbit/s");
        words.Add($"{told.Integer("viewerCount") ?? 0} viewers");
        return string.Join(", ", words);
    }

    private static string Update(JsonElement report)
    {
        var words = $"{report.Text("version")} for {report.Text("deviceClass")}, {report.Text("state")}";
        if (report.Text("update") is { } coming)
            words += $" {coming}{(report.Integer("percent") is { } percent ? $", {percent} %" : "")}";
        if (report.Text("previous") is { } previous)
            words += $"; goes back to {previous}";
        return report.Member("lastResult") is { } last ? $"{words}; last: {last.Text("state")} {last.Text("version")}{Because(last)}" : words;
    }

    /// <summary>What stands there plainly: numbers, words and flags.</summary>
    private static string Members(JsonElement json) => json.ValueKind != JsonValueKind.Object ? "" : string.Join(", ", json.EnumerateObject()
        .Where(static member => member.Value.ValueKind is JsonValueKind.Number or JsonValueKind.String or JsonValueKind.True or JsonValueKind.False)
        .Select(static member => member.Name.EndsWith("Bytes", StringComparison.Ordinal) && member.Value.ValueKind == JsonValueKind.Number
            ? $"{member.Name[..^"Bytes".Length]} {Number(member.Value.GetDouble() / 1e9, "0.0")} GB"
            : $"{member.Name} {member.Value}"));

    private static string Because(JsonElement json) => json.Text("reason") is { } reason ? $" ({reason}{(json.Text("detail") is { } detail ? $": {detail}" : "")})" : "";

    private static string Listed(IEnumerable<string> words) => string.Join(", ", words) is { Length: > 0 } list ? list : "nothing";

    private static string Number(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);

    private static async Task<JsonElement?> LatestAsync(Task<JsonElement?> telemetry, FleetSession session)
    {
        using var limit = new CancellationTokenSource(session.Settings.Wait ?? s_telemetry, session.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(session.Stop, limit.Token);
        try
        {
            return await telemetry.WaitAsync(both.Token);
        }
        catch (OperationCanceledException) when (!session.Stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private static void Add(JsonObject json, string name, bool isOnline, CallAnswer answer)
    {
        if (isOnline)
            json[name] = answer.Error is { } error ? new JsonObject { ["error"] = error.InWords() } : FleetConsole.Node(answer.Result);
    }
}
