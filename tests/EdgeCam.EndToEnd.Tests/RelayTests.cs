using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>A picture that comes through TURN servers: for long, and when one of them dies.</summary>
public sealed class RelayTests(ITestOutputHelper output)
{
    private const NatBehaviour Strict = NatBehaviour.AddressAndPortDependent;

    // The full figure holds for the long run by itself; in the short one the machine is busy with what ran before.
    private static readonly TimeSpan s_maxGap = TimeSpan.FromMilliseconds(Workplace.IsSoak ? 200 : 300);
    private static readonly TimeSpan s_maxOutage = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_relayed_picture_outlives_its_credentials_and_allocations_without_a_gap()
    {
        var (length, lifetime, nonce) = Workplace.IsSoak ? (TimeSpan.FromMinutes(15), 600, 600) : (TimeSpan.FromSeconds(35), 30, 20);
        await using var scene = await LabScene.CreateAsync(Strict, Strict);
        var turn = await Coturn.StartAsync(scene.Lab, lifetimeSeconds: lifetime, nonceSeconds: nonce);
        await scene.StartAgentAsync(adjustPeers: peers =>
        {
            peers["turnServers"] = new JsonArray(turn.Settings(TurnTransport.Udp));
            peers["turnCredentialSeconds"] = 60;
        });
        var opening = await scene.Viewer.OpenAsync(scene.Agent);
        Assert.True(opening.IsLive, scene.Story(opening));
        await Task.Delay(TimeSpan.FromSeconds(3));
        var wire = TrafficMeter.Start(scene.Lab, scene.Lab.Viewer.Host, "eth0");
        await scene.Viewer.RecordAsync();
        await Task.Delay(TimeSpan.FromSeconds(1));
        var from = DateTime.UtcNow;
        await Task.Delay(length);
        var to = DateTime.UtcNow;
        var record = await scene.Viewer.ReadRecordAsync();
        var smoothness = record.Between(from, to);
        var silence = wire.LongestSilence(from, to);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{length.TotalMinutes:F1} min by {record.Samples[^1].Path}, credentials of 60 s, allocations of {lifetime} s: {smoothness}, after {smoothness.LongestGapAfter.TotalSeconds:F1} s, of the network's making {smoothness.LongestStall.TotalMilliseconds:F0} ms; longest silence on the wire {silence.Length.TotalMilliseconds:F0} ms after {(silence.Since - from).TotalSeconds:F1} s; {record.Connections} connection(s); coturn refused {turn.Lines.Count(line => line.Text.Contains("Unauthorized", StringComparison.Ordinal) || line.Text.Contains("credentials", StringComparison.Ordinal))} requests"));
        Assert.Contains("relay", record.Samples[^1].Path, StringComparison.Ordinal);
        Assert.True(smoothness.LongestStall <= s_maxGap, $"{smoothness.LongestStall.TotalMilliseconds} ms: {smoothness}");
        await scene.StopAgentAsync();
    }

    [Fact]
    public async Task A_dead_turn_server_is_noticed_and_another_one_taken_without_a_storm()
    {
        await using var scene = await LabScene.CreateAsync(Strict, Strict);
        Coturn[] servers = [await Coturn.StartAsync(scene.Lab), await Coturn.StartAsync(scene.Lab, isSecond: true)];
        await scene.StartAgentAsync(adjustPeers: peers => peers["turnServers"] = new JsonArray([.. servers.Select(server => server.Settings(TurnTransport.Udp))]));
        var opening = await scene.Viewer.OpenAsync(scene.Agent);
        Assert.True(opening.IsLive, scene.Story(opening));
        await scene.Viewer.RecordAsync();
        await Task.Delay(TimeSpan.FromSeconds(4));
        var before = (await scene.Viewer.ReadRecordAsync()).Samples[^1];
        var isFirst = before.LocalAddress == NetworkLab.PublicAddress || before.RemoteAddress == NetworkLab.PublicAddress;
        var (dying, address) = isFirst ? (servers[0], NetworkLab.PublicAddress) : (servers[1], NetworkLab.SecondAddress);
        var attempts = await Sniffer.StartAsync(scene.Lab, scene.Lab.Device.Router, "lan", $"udp dst port 3478 and dst host {address}", "stun.type.method == 0x0003", "stun.id");

        var died = DateTime.UtcNow;
        await dying.KillAsync();
        var watched = TimeSpan.FromSeconds(Workplace.IsSoak ? 60 : 12);
        await Task.Delay(watched);

        var record = await scene.Viewer.ReadRecordAsync();
        var back = record.Frames.FirstOrDefault(frame => frame.Captured > died + TimeSpan.FromMilliseconds(500)).At;
        var after = record.Samples[^1];
        var allocations = attempts.Lines.Select(line => line.Line).Distinct().Count();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{before.Path} by {before.LocalAddress}-{before.RemoteAddress}; {dying.Host} killed: picture back after {(back == default ? double.NaN : (back - died).TotalMilliseconds):F0} ms by {after.Path}, {after.LocalAddress}-{after.RemoteAddress}, {record.Connections} connection(s); the device asked the dead one for {allocations} allocations in {watched.TotalSeconds:F0} s"));
        Assert.True(back != default && back - died <= s_maxOutage, scene.Story(string.Join("; ", record.States)));
        Assert.True(allocations <= watched.TotalSeconds, $"{allocations} attempts in {watched.TotalSeconds} s");
        await scene.StopAgentAsync();
    }
}
