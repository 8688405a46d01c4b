using System.Text.Json.Nodes;
using EdgeCam.Agent.Fleet;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Fleet;

/// <summary>A broker with devices that are none, and the command line in this process.</summary>
internal sealed class FleetRig : IAsyncDisposable
{
    private readonly Mosquitto _broker = new();
    private readonly List<FakeDevice> _devices = [];

    public int Port => _broker.Port;

    public string Folder => _broker.Folder;

    public static async Task<FleetRig> StartAsync()
    {
        var rig = new FleetRig();
        await rig._broker.StartAsync();
        return rig;
    }

    /// <summary>SIGKILL, and its devices with it; then another in its place.</summary>
    public async Task RestartAsync()
    {
        _broker.Kill();
        foreach (var device in _devices)
            await device.DisposeAsync();
        _devices.Clear();
        await _broker.StartAsync();
    }

    public async Task<FakeDevice> AddAsync(string name, Func<FakeDevice, string, JsonObject, JsonObject?>? answer = null)
    {
        var device = await FakeDevice.StartAsync(Port, name, answer ?? (static (_, method, _) => Result(new() { ["did"] = method })));
        _devices.Add(device);
        return device;
    }

    public static JsonObject Result(JsonObject result) => new() { ["result"] = result };

    public static JsonObject Error(int code, string message, string? remedy = null) =>
        new() { ["error"] = new JsonObject { ["code"] = code, ["message"] = message, ["data"] = remedy is null ? null : new JsonObject { ["remedy"] = remedy } } };

    public Task<(int Exit, string Output, string Errors)> RunAsync(params string[] arguments) => RunAsync(Port, arguments, CancellationToken.None);

    /// <param name="port">Of what stands before the broker.</param>
    public Task<(int Exit, string Output, string Errors)> RunAsync(int port, params string[] arguments) => RunAsync(port, arguments, CancellationToken.None);

    public Task<(int Exit, string Output, string Errors)> RunAsync(CancellationToken stop, params string[] arguments) => RunAsync(Port, arguments, stop);

    private async Task<(int Exit, string Output, string Errors)> RunAsync(int port, string[] arguments, CancellationToken stop)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var exit = await FleetCommand.RunAsync(
            [.. arguments, "--broker", $"mqtt://127.0.0.1:{port}", "--profile", Profile()], TextWriter.Synchronized(output), TextWriter.Synchronized(errors), TimeProvider.System, stop, width: 0);
        return (exit, output.ToString(), errors.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var device in _devices)
            await device.DisposeAsync();
        await _broker.DisposeAsync();
    }

    /// <summary>An empty one, so that no test depends on whose machine it runs.</summary>
    private string Profile() => OwnFiles.Write(Folder, "profile.json", "{}");
}
