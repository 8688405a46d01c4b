using System.Net;
using EdgeCam.Agent.Peers;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Relays;

/// <summary>Which server is asked when, from where and at which address, over hours that pass in a second.</summary>
public sealed class RelaySetTests
{
    [Fact]
    public async Task A_server_is_used_also_where_the_loop_takes_no_more_orders()
    {
        using var turn = new SocketTurnServer();
        await using var rig = new RelaySetRig(Url("one", turn));
        while (rig.Inbox.TryPost(new LoopOrder.Close("a viewer")))
        {
        }

        var ready = rig.WantAsync();
        await rig.RunUntilAsync(() => ready.IsCompleted, "a relay");
        Assert.Equal(1, rig.Live);
    }

    [Fact]
    public async Task No_server_is_asked_twice_in_a_second_whatever_happens()
    {
        using var refusing = new SocketTurnServer();
        using var forgetful = new SocketTurnServer();
        _ = refusing.Ask(node => node.Refuse = static _ => 508);
        await using var rig = new RelaySetRig(Url("refusing", refusing), Url("forgetful", forgetful));
        _ = rig.WantAsync();
        for (var i = 0; i < 100; i++)
        {
            await rig.RunForAsync(TimeSpan.FromMilliseconds(400), TimeSpan.FromMilliseconds(50));
            forgetful.Forget();
            rig.Relays.HandleAddresses([TransportAddress.From(IPAddress.Parse("192.0.2.1"), 1)], rig.Now);
        }

        foreach (var server in rig.Dials.GroupBy(dial => dial.Name))
        {
            var times = server.Select(dial => dial.At).ToArray();
            Assert.InRange(times.Length, 4, 100);
            Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromMilliseconds(900), $"{server.Key}: {pair.Second - pair.First}"));
        }
    }

    private static string Url(string name, SocketTurnServer server) => $"turn:{name}:{server.Server.Port}?transport=udp";
}
