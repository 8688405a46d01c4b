using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>The viewer page on a server of its own in the public network, as it is where many devices share one broker.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private PageServer(ChildProcess process) => _process = process;

    public static string Url => "https://page.test:8443/";

    /// <param name="stunServers">What the page itself knows; TURN servers the device names.</param>
    public static async Task<PageServer> StartAsync(NetworkLab lab, params string[] stunServers)
    {
        var settings = new JsonObject
        {
            ["broker"] = LabBroker.ViewerUrl,
            ["iceServers"] = new JsonArray([.. stunServers.Select(server => (JsonNode)new JsonObject { ["urls"] = $"stun:{server}" })]),
        };
        var process = lab.Public.Start("node", [Path.Combine(Workplace.Peers, "serve-page.mjs"), "--certificate", lab.Authority.CertificateFile, "--key", lab.Authority.KeyFile, "--settings", settings.ToJsonString()]);
        var server = lab.Keep(new PageServer(process));
        await Wait.UntilAsync(() => process.HasExited || NetworkPort.Answers(lab.Public, 8443), "the page's server answers");
        Assert.False(process.HasExited, process.Log);
        return server;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
