using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Addresses that change and a broker that goes, in the middle of a picture.</summary>
public sealed class MovingTests(ITestOutputHelper output)
{
    private const string Stun = "turn.test:3478";

    private static readonly TimeSpan s_maxOutage = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_watched = TimeSpan.FromSeconds(Workplace.IsSoak ? 20 : 9);
    private static readonly TimeSpan s_maxReturn = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_changed_address_costs_less_than_five_seconds_of_picture(bool isDevice)
    {
        await using var scene = await CreateAsync();
        await scene.Viewer.RecordAsync();
        await Task.Delay(TimeSpan.FromSeconds(3));
        var site = isDevice ? scene.Lab.Device : scene.Lab.Viewer;
        var changed = DateTime.UtcNow;
        site.ChangeAddress();
        var gone = DateTime.UtcNow; // the command took its time, and pictures came meanwhile
        await Task.Delay(s_watched);
        var record = await scene.Viewer.ReadRecordAsync();
        var last = record.Frames.LastOrDefault(frame => frame.At < gone).At;
        var back = record.Frames.FirstOrDefault(frame => frame.At > gone && frame.Captured > gone).At;
        var outage = back == default ? TimeSpan.MaxValue : back - changed;
        var states = string.Join("; ", record.States.Where(state => state.At > changed).Select(state => $"{state.Name} {state.Detail}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{(isDevice ? "device" : "viewer")} now {site.Address}: picture back after {outage.TotalMilliseconds:F0} ms, {record.Connections} connection(s), by {record.Samples[^1].Path}; {states}"));
        Assert.True(outage <= s_maxOutage, scene.Story($"back after {outage}, last before at {last:O}; {states}; {string.Join('\n', record.Problems)}"));
        var after = record.Between(back + TimeSpan.FromSeconds(2), changed + s_watched);
        Assert.True(after.PerSecond > 20, $"afterwards: {after}");
        await scene.StopAgentAsync();
    }

    [Fact]
    public async Task A_broker_that_is_gone_costs_no_frame_and_is_found_again()
    {
        var outage = TimeSpan.FromSeconds(Workplace.IsSoak ? 60 : 8);
        await using var scene = await CreateAsync();
        await scene.Viewer.RecordAsync();
        await Task.Delay(TimeSpan.FromSeconds(1));
        var gone = DateTime.UtcNow;
        await scene.Broker.StopAsync();
        await Task.Delay(outage);
        var returned = DateTime.UtcNow;
        await scene.Broker.StartAsync();
        await Wait.UntilAsync(() => DateTime.UtcNow - returned > s_maxReturn, "ten seconds", seconds: 15);
        var record = await scene.Viewer.ReadRecordAsync();
        var smoothness = record.Between(gone, returned + s_maxReturn);
        var known = record.States.FirstOrDefault(state => state.At > returned && state is { Name: "live", Detail: "" }).At;
        await scene.Viewer.CloseAsync();
        var opening = await scene.Viewer.OpenAsync(scene.Agent, TimeSpan.FromSeconds(5));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"broker gone for {outage.TotalSeconds:F0} s: {smoothness}; the page has it again {(known - returned).TotalSeconds:F1} s after its return; a new viewer is live after {opening.After.TotalMilliseconds:F0} ms"));
        Assert.Equal(0, smoothness.Missing);
        Assert.Equal(1, record.Connections);
        Assert.All(record.States.Where(state => state.At > gone), state => Assert.Equal("live", state.Name));
        Assert.True(known != default, $"the page should have found the broker again: {string.Join("; ", record.States)}");
        Assert.True(opening.IsLive, scene.Story(opening));
        await scene.StopAgentAsync();
    }

    private static async Task<LabScene> CreateAsync()
    {
        var scene = await LabScene.CreateAsync(NatBehaviour.EndpointIndependent, NatBehaviour.EndpointIndependent, viewerDelay: null, Stun);
        try
        {
            await Coturn.StartAsync(scene.Lab);
            await scene.StartAgentAsync(adjustPeers: peers => peers["stunServers"] = new JsonArray(Stun));
            var opening = await scene.Viewer.OpenAsync(scene.Agent);
            Assert.True(opening.IsLive, scene.Story(opening));
            await Task.Delay(TimeSpan.FromSeconds(2)); // the cached pictures have been shown
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }
}
