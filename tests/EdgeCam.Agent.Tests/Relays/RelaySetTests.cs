using System.Net;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Turn;

namespace EdgeCam.Agent.Tests.Relays;

/// <summary>Which server is asked when, from where and at which address, over hours that pass in a second.</summary>
public sealed class RelaySetTests
{
    private const string Allocated = "viewers reach this device";

    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(100);

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
    public async Task After_an_allocation_by_another_port_the_next_is_by_the_media_port_again()
    {
        using var turn = new SocketTurnServer();
        await using var rig = new RelaySetRig(Url("one", turn));
        var media = TransportAddress.From(IPAddress.Loopback, rig.Port.Port);
        AllocateByMediaPort(rig, turn); // an agent that was killed
        var ready = rig.WantAsync();
        await rig.RunUntilAsync(() => ready.IsCompleted && rig.Live == 1, "a relay", s_step);
        Assert.Equal(2, turn.Ask(node => node.Allocations));

        turn.Forget(media); // it ends by itself after a while
        await LeaveAsync(rig);
        Assert.Equal(0, turn.Ask(node => node.Allocations));
        await ComeBackAsync(rig);

        Assert.Equal([media], turn.Ask(node => node.Clients));
    }

    [Fact]
    public async Task One_that_failed_once_and_then_served_is_asked_first_again()
    {
        using var first = new SocketTurnServer();
        using var second = new SocketTurnServer();
        _ = first.Ask(node => node.Refuse = static _ => 508);
        await using var rig = new RelaySetRig(Url("first", first), Url("second", second));
        _ = rig.WantAsync();
        await rig.RunUntilAsync(() => rig.Log.Count("cannot be used") == 1 && rig.Live == 1, "one refuses");
        _ = first.Ask(node => node.Refuse = static _ => 0);
        await rig.RunUntilAsync(() => rig.Live == 2, "it gives one after all", s_step);

        await LeaveAsync(rig);
        await ComeBackAsync(rig);

        Assert.Equal("first", rig.Dials.ToArray()[^2].Name);
    }

    [Theory]
    [InlineData(2, "second")]
    [InlineData(12, "first")]
    public async Task One_that_failed_and_was_not_needed_since_is_asked_first_again_after_ten_minutes(int minutes, string asked)
    {
        SocketTurnServer[] servers = [new(), new(), new()];
        _ = servers[0].Ask(node => node.Refuse = static _ => 508);
        await using var rig = new RelaySetRig(Url("first", servers[0]), Url("second", servers[1]), Url("third", servers[2]));
        _ = rig.WantAsync();
        await rig.RunUntilAsync(() => rig.Log.Count("cannot be used") == 1 && rig.Live == 2, "the others serve");

        await LeaveAsync(rig);
        await rig.RunForAsync(TimeSpan.FromMinutes(minutes), TimeSpan.FromSeconds(1));
        var before = rig.Dials.Count;
        _ = rig.WantAsync();
        await rig.RunUntilAsync(() => rig.Dials.Count >= before + 2, "two are asked");

        Assert.Equal(asked, rig.Dials.ToArray()[before].Name);
        foreach (var server in servers)
            server.Dispose();
    }

    [Fact]
    public async Task Where_a_names_first_address_does_not_answer_the_next_is_tried()
    {
        using var turn = new SocketTurnServer();
        await using var rig = new RelaySetRig(Url("two-addresses", turn));
        rig.Names["two-addresses"] = [IPAddress.Parse("127.0.0.9"), IPAddress.Loopback];
        _ = rig.WantAsync();

        await rig.RunUntilAsync(() => rig.Live == 1, "a relay", s_step);

        Assert.Equal(2, rig.Dials.Count);
        Assert.Equal(1, rig.Log.Count("no answer over UDP"));
    }

    [Fact]
    public async Task A_relay_that_stood_a_change_of_addresses_fails_later_like_any_other()
    {
        using var turn = new SocketTurnServer();
        await using var rig = new RelaySetRig(Url("one", turn));
        _ = rig.WantAsync();
        await rig.RunUntilAsync(() => rig.Live == 1, "a relay");
        await rig.RunForAsync(TimeSpan.FromSeconds(2), s_step);
        rig.Relays.HandleAddresses([TransportAddress.From(IPAddress.Parse("192.0.2.1"), 1)], rig.Now);
        await rig.RunUntilAsync(() => turn.Ask(node => node.Count(WebRtc.Stun.StunMethod.Refresh)) == 1, "it is asked whether it still knows us");
        await rig.RunForAsync(TimeSpan.FromSeconds(2), s_step);

        turn.Forget();
        await rig.RunUntilAsync(() => rig.Live == 0, "the relay is lost", s_step);
        var lost = rig.Now;
        await rig.RunUntilAsync(() => rig.Live == 1, "another", s_step);

        Assert.True(rig.Dials.Last().At - lost >= TimeSpan.FromMilliseconds(900), "asked again at once");
    }

    [Fact]
    public async Task A_relay_that_a_change_of_addresses_ends_is_replaced_at_once()
    {
        using var turn = new SocketTurnServer();
        await using var rig = new RelaySetRig(Url("one", turn));
        _ = rig.WantAsync();
        await rig.RunUntilAsync(() => rig.Live == 1, "a relay");
        await rig.RunForAsync(TimeSpan.FromSeconds(2), s_step);
        turn.Forget(); // to the server we are somebody else now

        var moved = rig.Now;
        rig.Relays.HandleAddresses([TransportAddress.From(IPAddress.Parse("192.0.2.1"), 1)], moved);
        await rig.RunUntilAsync(() => rig.Log.Count(Allocated) == 2, "another");

        Assert.True(rig.Dials.Last().At - moved < TimeSpan.FromMilliseconds(900), "it waited");
    }

    [Fact]
    public async Task A_server_that_refuses_is_told_also_where_addresses_changed_meanwhile()
    {
        using var turn = new SocketTurnServer();
        _ = turn.Ask(node => node.IsDead = true);
        await using var rig = new RelaySetRig(Url("one", turn));
        var ready = rig.WantAsync();
        await rig.RunForAsync(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(10));
        rig.Relays.HandleAddresses([TransportAddress.From(IPAddress.Parse("192.0.2.1"), 1)], rig.Now);
        _ = turn.Ask(node => node.Refuse = static _ => 508);
        _ = turn.Ask(node => node.IsDead = false);

        await rig.RunUntilAsync(() => rig.Log.Count("no port or room left (508)") == 1, "the refusal is told", TimeSpan.FromMilliseconds(10));

        Assert.Single(rig.Dials); // and not only by the next attempt
        Assert.True(ready.IsCompleted); // nothing more to be waited for
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

    /// <summary>The last viewer goes; a minute later the relays are given back.</summary>
    private static async Task LeaveAsync(RelaySetRig rig)
    {
        var step = TimeSpan.FromMilliseconds(250);
        await rig.RunForAsync(TimeSpan.FromMinutes(1), step);
        rig.Count = 0;
        await rig.RunUntilAsync(() => rig.Live == 0, "the relays are given back", step);
        await rig.RunForAsync(TimeSpan.FromSeconds(2), s_step);
    }

    private static async Task ComeBackAsync(RelaySetRig rig)
    {
        rig.Count = 1;
        var before = rig.Log.Count(Allocated);
        var servers = rig.Dials.Select(dial => dial.Name).Distinct().Count();
        _ = rig.WantAsync();
        await rig.RunUntilAsync(() => rig.Log.Count(Allocated) == before + servers, "relays once more");
    }

    private static void AllocateByMediaPort(RelaySetRig rig, SocketTurnServer turn)
    {
        var (socket, server) = (rig.Port.Sockets[0], new IPEndPoint(IPAddress.Loopback, turn.Server.Port));
        var client = new TurnClient(new(new(default, turn.Server), IsStream: false, "alice", "secret", new SystemRandom()), MonotonicClock.Now);
        var buffer = new byte[2048];
        while (!client.IsAllocated)
        {
            Assert.False(client.HasEnded);
            while (client.TryTransmit(buffer, MonotonicClock.Now, out var transmit))
                socket.SendTo(buffer.AsSpan(0, transmit.Length), server);
            Assert.True(socket.Poll(TimeSpan.FromSeconds(5), System.Net.Sockets.SelectMode.SelectRead));
            client.HandleDatagram(buffer.AsSpan(0, socket.Receive(buffer)), MonotonicClock.Now, out _, out _);
        }
    }
}
