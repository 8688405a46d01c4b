using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Fleet;

/// <summary><c>edgecam fleet config get</c>: the settings in force, a key in each line.</summary>
internal static class ConfigGetCommand
{
    public static async Task<int> RunAsync(FleetArguments arguments, FleetSession session)
    {
        var device = DeviceNames.One(arguments, "edgecam fleet config get DEVICE [KEY]");
        if (arguments.Words.Count > 2)
            throw FleetException.Usage("one device, and at most one key: edgecam fleet config get DEVICE [KEY]");
        await session.Calls.BeginAsync(device, session.Stop);
        var answer = await session.Calls.CallAsync(device, "config.get", null, session.Stop);
        if (answer.Error is { } error)
            throw new FleetException(error.IsSilence ? ExitCode.Silent : ExitCode.Refused, $"{device}: {PlainText.Of(error.InWords())}");
        var (said, key) = (answer.Result, arguments.Words.ElementAtOrDefault(1));
        if (session.Console.IsJson)
        {
            await session.Console.WriteAsync(new JsonObject { ["device"] = device, ["config"] = FleetConsole.Node(said) });
            return ExitCode.Success;
        }

        var table = new TextTable("KEY", "ORIGIN", "VALUE");
        var (remote, count) = (said.Texts("remote").ToHashSet(StringComparer.Ordinal), 0);
        foreach (var (path, value) in Lines("", said.Member("values") ?? default).Concat((said.Member("secrets") is { ValueKind: JsonValueKind.Object } secrets ? secrets.EnumerateObject() : []).Select(static secret => (secret.Name, secret.Value.ValueKind == JsonValueKind.True ? "(a secret)" : "null"))))
        {
            if (key is not null && path != key && !path.StartsWith(key + ".", StringComparison.Ordinal) && !path.StartsWith(key + "[", StringComparison.Ordinal))
                continue;
            count++;
            table.Add(path, remote.Contains(path) ? "remote" : "", value);
        }

        if (count == 0)
            throw new FleetException(ExitCode.Refused, $"{device} has no key {PlainText.Of(key, 80)}: edgecam fleet config get {device} lists them all.");
        await table.WriteAsync(session.Console.Output);
        session.Console.Say($"revision {PlainText.Of(said.Text("revision"))}, {PlainText.Of(said.Text("state"))}{(said.Integer("secondsLeft") is { } left ? $" for another {left} s at most" : "")}");
        return ExitCode.Success;
    }

    /// <summary>As the device's own <c>edgecam check --origins</c> names keys: <c>cameras[0].name</c>.</summary>
    internal static IEnumerable<(string Path, string Value)> Lines(string path, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Lines(path.Length == 0 ? member.Name : $"{path}.{member.Name}", member.Value)),
        JsonValueKind.Array when value.GetArrayLength() > 0 && value.EnumerateArray().All(static element => element.ValueKind == JsonValueKind.Object) =>
            value.EnumerateArray().SelectMany((element, i) => Lines($"{path}[{i}]", element)),
        JsonValueKind.Undefined => [],
        _ => [(path, FleetConsole.Short(FleetConsole.Node(value)))],
    };
}
