using System.Text.Json.Nodes;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.EndToEnd.Tests.Network;
using MQTTnet;

namespace EdgeCam.EndToEnd.Tests;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>A real broker with deploy/broker's rules, devices that trust an issuer, and an operator with the real program and its profile.</summary>
internal sealed class FleetScene : IAsyncDisposable
{
    public const string Issuer = "ops";
    private const string User = "operator";

    private readonly Mosquitto _broker = new();
    private readonly Dictionary<string, AgentProcess> _agents = new(StringComparer.Ordinal);
    private int _files;

    public string Folder => _broker.Folder;

    public int Port => _broker.Port;

    /// <summary>Where viewers connect, by their client ids.</summary>
    public string ViewersUrl { get; private set; } = "";

    public string KeySet => Path.Combine(Folder, "ops.jwks");

    public string Manager => Path.Combine(Folder, "manager.token");

    /// <summary>A broker, an issuer with the keys <c>first</c> and <c>second</c>, and an operator whose token is of the second; no device yet.</summary>
    public static async Task<FleetScene> StartAsync(params string[] devices)
    {
        Workplace.Need(Tool.Mosquitto);
        var scene = new FleetScene();
        try
        {
            var (rules, viewers) = (Path.Combine(Workplace.Root, "deploy", "broker"), FreePort.Tcp());
            var passwords = Path.Combine(scene.Folder, "passwords");
            await File.WriteAllTextAsync(passwords, "");
            foreach (var user in devices.Append(User))
                Command.Run("/usr/bin/mosquitto_passwd", ["-b", passwords, user, $"password of {user}"]);
            await scene._broker.StartAsync($"""
                per_listener_settings true
                allow_anonymous false
                password_file {passwords}
                acl_file {Path.Combine(rules, "devices.acl")}
                listener {viewers} 127.0.0.1
                allow_anonymous true
                acl_file {Path.Combine(rules, "viewers.acl")}

                """);
            scene.ViewersUrl = $"mqtt://127.0.0.1:{viewers}";
            foreach (var kid in new[] { "first", "second" })
                scene.Must("key", "--out", scene.KeyFile(kid), "--jwks", scene.KeySet, "--kid", kid);
            scene.Must("token", "--issuer", Issuer, "--key", scene.KeyFile("second"), "--audience", "group:porches", "--scope", "view,manage", "--name", "Olga", "--out", scene.Manager);
            scene.Own("operator.password", $"password of {User}");
            scene.Own("fleet.json", new JsonObject { ["broker"] = $"mqtt://127.0.0.1:{scene.Port}", ["user"] = User, ["passwordFile"] = "operator.password", ["tokenFile"] = "manager.token" }.ToJsonString());
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    public string KeyFile(string kid) => Path.Combine(Folder, $"{kid}.key");

    public AgentProcess Agent(string device) => _agents[device];

    /// <summary>Starts a device, in the group porches.</summary>
    public async Task<AgentProcess> AddAsync(string device)
    {
        var password = Own($"{device}.password", $"password of {device}");
        var agent = await AgentProcess.StartAsync(new(Device: device, Width: 640, Height: 360, Bitrate: 600_000, Broker: $"mqtt://127.0.0.1:{Port}", Access: "tokens", Adjust: content =>
        {
            content["device"]!["groups"] = new JsonArray("porches");
            content["security"]!["issuers"] = new JsonArray(new JsonObject { ["name"] = Issuer, ["keysFile"] = KeySet });
            content["mqtt"]!["username"] = device;
            content["mqtt"]!["passwordFile"] = password;
        }));
        _agents.Add(device, agent);
        await Wait.UntilAsync(() => agent.Log.Contains("connected, MQTT 5", StringComparison.Ordinal), () => $"{device} at its broker\n{agent.Log}", seconds: 30);
        return agent;
    }

    /// <summary>Runs <c>edgecam fleet</c> as the operator.</summary>
    public (int Status, string Output, string Error) Run(params string[] arguments) =>
        Command.TryRun(Workplace.Agent, ["fleet", .. arguments, .. arguments is ["key" or "token", ..] ? Array.Empty<string>() : ["--profile", Path.Combine(Folder, "fleet.json")]]);

    /// <summary>What it printed; fails where it fails.</summary>
    public string Must(params string[] arguments)
    {
        var (status, output, error) = Run(arguments);
        Assert.True(status == 0, $"edgecam fleet {string.Join(' ', arguments)}: status {status}\n{output}{error}");
        return output;
    }

    /// <summary>A token for a viewer, by one of the issuer's keys.</summary>
    /// <returns>As <see cref="Operator.ConnectAsync"/> takes it, and by what it is revoked.</returns>
    public (JsonObject Viewer, string Id) Mint(string device, string kid, string scopes = "view")
    {
        var file = Path.Combine(Folder, $"viewer-{++_files}.token");
        var told = JsonNode.Parse(Must("token", "--issuer", Issuer, "--key", KeyFile(kid), "--audience", device, "--scope", scopes, "--out", file, "--json"))!;
        var lines = File.ReadAllLines(file);
        return (new() { ["broker"] = ViewersUrl, ["device"] = device, ["token"] = lines[0], ["key"] = lines[1] }, told["jti"]!.GetValue<string>());
    }

    /// <summary>Requests made by hand, with a key of the issuer's.</summary>
    public TokenForge Forge(string device, string kid = "second") => new(DeviceKey.TryRead(File.ReadAllText(KeyFile(kid)))!, TimeProvider.System, device, Issuer);

    public async Task<TestClient> ConnectAsync(string user = User, Func<MqttClientOptionsBuilder, MqttClientOptionsBuilder>? more = null)
    {
        var client = new TestClient();
        var options = TestClient.Options(Port, user == User ? $"console-{++_files}" : user).WithCredentials(user, $"password of {user}");
        Assert.Equal(MqttClientConnectResultCode.Success, await client.TryConnectAsync(more?.Invoke(options) ?? options));
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in _agents.Values)
            await agent.DisposeAsync();
        await _broker.DisposeAsync();
    }

    private string Own(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }
}
