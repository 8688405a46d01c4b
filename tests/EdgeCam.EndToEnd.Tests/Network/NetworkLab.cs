using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>
/// A small Internet of network namespaces: a device and a viewer, each behind a router that behaves as told, and between them a public
/// network with a broker, TURN servers and the viewer page. All of it is this test's own and goes with it.
/// </summary>
internal sealed class NetworkLab : IAsyncDisposable
{
    public const string PublicAddress = "203.0.113.10";
    public const string SecondAddress = "203.0.113.11";
    public const int ProbePort = 9999;

    public const string DeviceRouter = "203.0.113.1";
    public const string ViewerRouter = "203.0.113.2";

    private readonly List<IAsyncDisposable> _running = [];
    private Site? _device;
    private Site? _viewer;

    private NetworkLab(string folder, IReadOnlyDictionary<string, string> hosts)
    {
        Folder = folder;
        Authority = new(Path.Combine(folder, "tls"), hosts);
        Public = new($"{Leftovers.Prefix}public");
    }

    public string Folder { get; }

    public NetNamespace Public { get; }

    public Authority Authority { get; }

    public Site Device => _device!;

    public Site Viewer => _viewer!;

    /// <param name="viewerDelay">Of the link to the viewer, each way.</param>
    public static async Task<NetworkLab> CreateAsync(NatBehaviour device, NatBehaviour viewer, DelayProfile? viewerDelay = null)
    {
        Leftovers.Need();
        var hosts = new Dictionary<string, string>
        {
            ["turn.test"] = PublicAddress, ["turn2.test"] = SecondAddress, ["broker.test"] = PublicAddress, ["page.test"] = PublicAddress,
        };
        var lab = new NetworkLab(Directory.CreateTempSubdirectory("edgecam-lab-").FullName, hosts);
        try
        {
            var pub = lab.Public;
            pub.Ip("link add br0 type bridge");
            pub.Ip("link set br0 up");
            pub.Ip($"addr add {PublicAddress}/24 dev br0");
            pub.Ip($"addr add {SecondAddress}/24 dev br0");
            // A TURN server without a route to a private peer gets errors from its sends, and coturn then closes its TCP clients.
            pub.Ip("link add sink type veth peer name drain");
            pub.Ip("link set sink arp off up");
            pub.Ip("link set drain arp off up");
            pub.Ip("route add default dev sink");
            lab._device = await Site.CreateAsync("device", "10.11.0", DeviceRouter, device, pub, delay: null);
            lab._viewer = await Site.CreateAsync("viewer", "10.12.0", ViewerRouter, viewer, pub, viewerDelay);
            await lab.ServeNamesAsync(hosts);
            if (device == NatBehaviour.None)
            {
                lab._device.RouteFrom(lab._viewer.Router, DeviceRouter);
                lab._device.RouteFrom(pub, DeviceRouter);
            }

            if (viewer == NatBehaviour.None)
            {
                lab._viewer.RouteFrom(lab._device.Router, ViewerRouter);
                lab._viewer.RouteFrom(pub, ViewerRouter);
            }

            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    private async Task ServeNamesAsync(Dictionary<string, string> hosts)
    {
        var isReady = false;
        var server = Public.Start("node", [Path.Combine(Workplace.Peers, "serve-names.mjs"), PublicAddress, .. hosts.Select(host => $"{host.Key}={host.Value}")], (line, _) => isReady |= line == "ready");
        Keep(server);
        await Wait.UntilAsync(() => isReady || server.HasExited, "the name server is there");
        Assert.True(isReady, server.Log);
    }

    /// <summary>Ends with the lab, before the network goes.</summary>
    public T Keep<T>(T running)
        where T : IAsyncDisposable
    {
        _running.Add(running);
        return running;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var running in Enumerable.Reverse(_running))
            await running.DisposeAsync();
        if (_device is not null)
            await _device.DisposeAsync();
        if (_viewer is not null)
            await _viewer.DisposeAsync();
        Public.Delete();
        Directory.Delete(Folder, recursive: true);
    }
}
