using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Device and viewer on one link, in a namespace of their own: IPv6 alone, addresses that change, names in place of addresses.</summary>
public sealed class LinkTests : IDisposable
{
    private readonly ITestOutputHelper _output;
    private readonly NetNamespace _link;

    public LinkTests(ITestOutputHelper output)
    {
        Leftovers.Need();
        _output = output;
        _link = new($"{Leftovers.Prefix}link");
        _link.Ip("link add eth0 type veth peer name wire0");
        _link.Ip("link set eth0 up");
        _link.Ip("link set wire0 up");
    }

    public void Dispose() => _link.Delete();

    [Fact]
    public async Task Where_there_is_IPv6_only_the_picture_comes_by_it_and_follows_the_device_to_another_address()
    {
        _link.Ip("addr add fd00:5::2/64 dev eth0 nodad");
        _link.Ip("addr add fd00:5::3/128 dev wire0 nodad"); // the viewer's
        await using var agent = await AgentProcess.StartAsync(new(Width: 640, Height: 360, Bitrate: 600_000, Namespace: _link, Access: "open", Adjust: configuration =>
            configuration["peers"]!["excludedInterfaces"] = new JsonArray("wire*")));
        using var http = agent.Http(TimeSpan.FromSeconds(10));
        using var viewer = await LoadViewer.JoinAsync(agent.Whep(), http, _link, "fd00:5::3");
        var told = Regex.Matches(viewer.Answer, @"a=candidate:\S+ 1 udp \d+ (\S+) ").Select(candidate => candidate.Groups[1].Value);
        Assert.Equal(["fd00:5::2"], told); // and no link-local address
        await viewer.WaitForPictureAsync(TimeSpan.FromSeconds(20));

        var changed = Stopwatch.StartNew();
        _link.Ip("addr add fd00:5::4/64 dev eth0 nodad");
        _link.Ip("addr del fd00:5::2/64 dev eth0");
        await Wait.UntilAsync(() => agent.Log.Contains("is asked to restart ICE: the device's address fd00:5::2 is gone", StringComparison.Ordinal), "the agent noticed", seconds: 5);
        var noticed = changed.Elapsed;
        var pictures = viewer.Pictures;
        await Wait.UntilAsync(() => viewer.Pictures > pictures + 10, "the picture goes on", seconds: 5);
        _output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"noticed after {noticed.TotalMilliseconds:F0} ms, ten more pictures after {changed.Elapsed.TotalMilliseconds:F0} ms, without a word of signaling"));
        await agent.StopAsync();
    }

    [Fact]
    public async Task Chromium_hides_its_addresses_behind_names_which_are_found_on_the_link()
    {
        Workplace.Need(Tool.Node, Tool.Chromium);
        _link.Ip("addr add 10.5.0.2/24 dev eth0");
        _link.Ip("route add default via 10.5.0.1"); // Chromium tells the address of the default route alone
        await using var agent = await AgentProcess.StartAsync(new(Width: 640, Height: 360, Bitrate: 600_000, Namespace: _link, Access: "open", Adjust: configuration =>
            configuration["log"] = new JsonObject { ["level"] = "debug" }));
        await Driver.RunAsync("whep-chromium.mjs", TimeSpan.FromSeconds(90), [agent.Url.AbsoluteUri, "--seconds", "2"], inside: _link);
        var found = Regex.Match(agent.Log, @"Viewer \S+: ([0-9a-f-]{36}\.local) is (\S+)");
        Assert.True(found.Success, $"no name was found\n{agent.Log}");
        _output.WriteLine($"{found.Groups[1].Value} is {found.Groups[2].Value}");
        Assert.Equal("10.5.0.2", found.Groups[2].Value);
        await agent.StopAsync();
    }
}
