using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Device and viewer behind NATs of named behaviour: who can connect, does; who cannot, is told so.</summary>
public sealed class NatTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Behind_two_cones_a_stun_server_is_enough()
    {
        const string stun = "turn.test:3478";
        await using var scene = await LabScene.CreateAsync(NatBehaviour.EndpointIndependent, NatBehaviour.EndpointIndependent, viewerDelay: null, stun);
        await Coturn.StartAsync(scene.Lab);
        await scene.StartAgentAsync(adjustPeers: peers => peers["stunServers"] = new System.Text.Json.Nodes.JsonArray(stun));
        var opening = await scene.Viewer.OpenAsync(LabScene.Device);
        Assert.True(opening.IsLive, scene.Story(opening));
        output.WriteLine($"{opening.Path}: first picture after {opening.After.TotalMilliseconds:F0} ms");
        await scene.Viewer.RecordAsync();
        var from = DateTime.UtcNow;
        await Task.Delay(TimeSpan.FromSeconds(5));
        var record = await scene.Viewer.ReadRecordAsync();
        output.WriteLine(record.Between(from, DateTime.UtcNow).ToString());
        Assert.Equal(LabScene.Device, opening.Device);
        await scene.StopAgentAsync();
    }
}
