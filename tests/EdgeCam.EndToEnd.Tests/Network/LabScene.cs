using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>A lab with everything in it: broker, page, a device that streams, and a browser. TURN servers come with the tests that want them.</summary>
internal sealed class LabScene : IAsyncDisposable
{
    public const string Device = "porch";

    private readonly string _passwordFile;
    private AgentProcess? _agent;
    private LabViewer? _viewer;

    private LabScene(NetworkLab lab, LabBroker broker)
    {
        (Lab, Broker) = (lab, broker);
        _passwordFile = Path.Combine(lab.Folder, "mqtt-password");
        File.WriteAllText(_passwordFile, LabBroker.Password);
        File.SetUnixFileMode(_passwordFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public NetworkLab Lab { get; }

    public LabBroker Broker { get; }

    public AgentProcess Agent => _agent!;

    public LabViewer Viewer => _viewer!;

    /// <param name="stunServers">Known to the page and to the device alike.</param>
    public static async Task<LabScene> CreateAsync(NatBehaviour device, NatBehaviour viewer, DelayProfile? viewerDelay = null, params string[] stunServers)
    {
        Workplace.Need(Tool.Node, Tool.Viewer, Tool.Chromium, Tool.Mosquitto, Tool.Coturn, Tool.Nft, Tool.Certutil);
        var lab = await NetworkLab.CreateAsync(device, viewer, viewerDelay);
        try
        {
            var scene = new LabScene(lab, await LabBroker.StartAsync(lab, Device, "operator"));
            await PageServer.StartAsync(lab, stunServers);
            scene._viewer = await LabViewer.StartAsync(lab);
            return scene;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the device, or starts it anew with other settings.</summary>
    public async Task StartAgentAsync(Func<AgentSettings, AgentSettings>? change = null, Action<JsonObject>? adjustPeers = null, Action<string>? onLine = null)
    {
        await StopAgentAsync();
        var settings = new AgentSettings(Device, Width: 640, Height: 360, Bitrate: 1_000_000, Broker: LabBroker.DeviceUrl, MediaPort: 50_000, Namespace: Lab.Device.Host, Adjust: configuration =>
        {
            var mqtt = configuration["mqtt"]!.AsObject();
            mqtt["username"] = Device;
            mqtt["passwordFile"] = _passwordFile;
            mqtt["caFile"] = Lab.Authority.CaFile;
            mqtt["webSocketUrl"] = LabBroker.ViewerUrl;
            adjustPeers?.Invoke(configuration["peers"]!.AsObject());
        });
        _agent = await AgentProcess.StartAsync(change?.Invoke(settings) ?? settings, onLine);
    }

    /// <summary>Sees that it ends well.</summary>
    public async Task StopAgentAsync()
    {
        if (_agent is not { } agent)
            return;
        _agent = null;
        try
        {
            await agent.StopAsync();
        }
        finally
        {
            await agent.DisposeAsync();
        }
    }

    /// <summary>What a failing test should tell beside its own words.</summary>
    public string Story(object? more) => $"{more}\n--- agent\n{_agent?.Log}";

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null)
            await _agent.DisposeAsync();
        await Lab.DisposeAsync();
    }
}
