using System.Text.Json.Nodes;
using EdgeCam.Agent.Settings;

namespace EdgeCam.Agent.Tests.Settings;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>An operator's file and a state folder of their own.</summary>
internal sealed class SettingsPlace : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-settings-").FullName;

    public SettingsPlace(string own = "{}")
    {
        var json = JsonNode.Parse(own)!.AsObject();
        json["device"] ??= new JsonObject();
        json["device"]!["stateFolder"] = State;
        File.WriteAllText(Own, json.ToJsonString());
        Directory.CreateDirectory(State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public string Own => Path.Combine(_folder, "edgecam.json");

    public string State => Path.Combine(_folder, "state");

    public string Confirmed => Path.Combine(State, "config.json");

    public string Trial => Path.Combine(State, "config.trial.json");

    public string LastGood => Path.Combine(State, "config.last-good.json");

    public static JsonObject Json(string json) => JsonNode.Parse(json)!.AsObject();

    public void Write(string path, string content)
    {
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>As a process does when it starts.</summary>
    public SettingsKeeper Open(TimeProvider? time = null, TrialLimits? limits = null) => new(Own, time ?? TimeProvider.System, limits);

    /// <summary>Puts a remote layer on trial.</summary>
    public SettingsKeeper Try(string layer, TimeProvider? time = null)
    {
        var keeper = Open(time);
        keeper.BeginTrial(keeper.Propose(Json(layer)), "ann", awaitsBroker: true, ["cam0"]);
        return keeper;
    }

    public void Dispose()
    {
        File.SetUnixFileMode(State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.Delete(_folder, recursive: true);
    }
}
