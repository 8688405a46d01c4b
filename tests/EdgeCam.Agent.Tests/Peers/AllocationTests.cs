using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Peers.Relays;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>The loop leaves the collector nothing to do while viewers watch. That each layer below does so too, the engine's tests prove.</summary>
[Collection(nameof(Alone))]
public sealed class AllocationTests
{
    [Theory]
    [InlineData(25, true, null)]
    [InlineData(3, false, null)]
    [InlineData(3, true, "udp")] // by a relay, each datagram under a ChannelData header
    public async Task Pictures_for_several_viewers_allocate_nothing_in_their_loop(int count, bool segmentation, string? relay)
    {
        await using var coturn = relay is null ? null : await Coturn.WithSecretAsync("secret");
        var relays = RelaySettings.None;
        if (coturn is not null && TurnAddress.TryParse($"turn:127.0.0.1:{coturn.Port}?transport={relay}", out var address))
            relays = new([TurnServer.WithSecret(address!, "secret"u8.ToArray())], null, "cam", TimeSpan.FromMinutes(1));
        await using var rig = PeerRig.WithCamera(new(Segmentation: segmentation, IcePolicy: relay is null ? PeersOptions.All : PeersOptions.Relay), relays);
        rig.StartCamera(10_000);
        await rig.Loop.WaitForRelayAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        var viewers = new SocketViewer[count];
        for (var i = 0; i < count; i++)
        {
            viewers[i] = await rig.JoinAsync($"viewer {i}");
            await PeerRig.MustPlayAsync(viewers[i]);
        }

        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken); // queues and pools reach their size, code is compiled

        // Not the whole time at once: where the collector runs, for the viewers' sake, it takes what the thread had left and that counts as used.
        var (before, seen) = (rig.Loop.Statistics.AllocatedBytes, viewers.Sum(viewer => viewer.Pictures));
        var spans = new List<long>();
        for (var i = 0; i < 12; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(250), TestContext.Current.CancellationToken);
            var now = rig.Loop.Statistics.AllocatedBytes;
            spans.Add(now - before);
            before = now;
        }

        seen = viewers.Sum(viewer => viewer.Pictures) - seen;
        Assert.True(seen > 100 * count, $"{seen} pictures came");
        Assert.True(spans.Count(bytes => bytes == 0) > spans.Count / 2, $"bytes allocated, by 250 ms: {string.Join(' ', spans)}");
    }
}
