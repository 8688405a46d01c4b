using System.Net.Sockets;
using System.Text;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>The shell around the engine with real sockets: who is let in, who is thrown out, and that it costs nobody else anything.</summary>
public sealed class PeerLoopTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_joiner_sees_the_latest_group_at_once_and_then_every_picture(bool segmentation)
    {
        await using var rig = PeerRig.WithCamera(new PeersOptions(Segmentation: segmentation));
        foreach (var isIdr in new[] { true, false, false })
            rig.Give(isIdr, 20_000);

        var viewer = await rig.JoinAsync("alice");
        await Wait.UntilAsync(() => viewer.Pictures == 3, "the group");
        for (var i = 0; i < 20; i++)
            rig.Give(isIdr: false, 20_000);
        await Wait.UntilAsync(() => viewer.Pictures == 23, "every picture");
        Assert.Equal(0, viewer.Missing);
    }

    /// <summary>Without a wake of the loop: when the camera's thread goes on, the datagrams are out. Many viewers would hold it up.</summary>
    [Theory]
    [InlineData(2, 20, 40)] // not where the loop was at work
    [InlineData(PeerLoop.MostDirect + 1, 0, 10)] // but where the loop was quicker than the look at it
    public async Task Few_viewers_have_their_picture_from_the_cameras_thread(int count, int least, int most)
    {
        await using var rig = PeerRig.WithCamera();
        rig.Give(isIdr: true);
        var viewers = new SocketViewer[count];
        for (var i = 0; i < count; i++)
            viewers[i] = await rig.JoinAsync($"viewer {i}");
        await Wait.UntilAsync(() => viewers.All(static viewer => viewer.Pictures == 1), "all have the latest picture");
        var direct = 0;
        for (var i = 0; i < 40; i++)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            var before = rig.Loop.Statistics.DatagramsSent;
            rig.Give(isIdr: false);
            direct += rig.Loop.Statistics.DatagramsSent >= before + (3 * count) ? 1 : 0;
        }

        Assert.InRange(direct, least, most);
        await Wait.UntilAsync(() => viewers.All(static viewer => viewer.Pictures == 41 && viewer.Missing == 0), "all 40");
    }

    /// <summary>Each report would wake the loop. Once no picture comes, it reads them by itself. What a viewer waits for wakes it, and all where they cannot be told apart.</summary>
    [Theory]
    [InlineData(1, true, true)]
    [InlineData(6, true, true)]
    [InlineData(1, false, true)]
    [InlineData(6, false, true)]
    [InlineData(6, true, false)]
    public async Task Reports_wait_for_the_next_picture_and_are_read_by_who_sends_that(int count, bool areReports, bool areApart)
    {
        await using var rig = PeerRig.WithCamera(withReports: areApart);
        rig.Give(isIdr: true);
        var viewers = new SocketViewer[count];
        for (var i = 0; i < count; i++)
            viewers[i] = await rig.JoinAsync($"viewer {i}");
        var withPicture = 0;
        for (var i = 0; i < 100; i++)
        {
            Send();
            await Task.Delay(20, TestContext.Current.CancellationToken);
            var before = rig.Loop.Statistics.DatagramsReceived;
            rig.Give(isIdr: false);
            withPicture += rig.Loop.Statistics.DatagramsReceived > before ? 1 : 0;
        }

        var (least, most) = areReports && areApart ? (80, 100) : (0, 20);
        Assert.InRange(withPicture, least, most);
        var last = rig.Loop.Statistics.DatagramsReceived;
        Send();
        await Wait.UntilAsync(() => rig.Loop.Statistics.DatagramsReceived >= last + count, "those without a picture");

        void Send()
        {
            foreach (var viewer in viewers)
            {
                viewer.Ask(viewer =>
                {
                    if (areReports)
                        viewer.ReportReception();
                    else
                        viewer.AskForKeyFrame();
                    return true;
                });
            }
        }
    }

    [Fact]
    public async Task How_viewers_do_is_told_by_the_loop_that_owns_them()
    {
        await using var rig = PeerRig.WithCamera();
        Assert.Empty(await rig.Loop.DescribeAsync());
        rig.StartCamera();
        await PeerRig.MustPlayAsync(await rig.JoinAsync("alice"));

        var viewer = Assert.Single(await rig.Loop.DescribeAsync());
        Assert.Equal(("alice", "cam0", "main", "local"), (viewer.Key, viewer.Camera, viewer.Stream, viewer.Path));
        Assert.StartsWith("127.0.0.1:", viewer.Address, StringComparison.Ordinal);
        Assert.True(viewer is { FramesSent: >= 30, BytesSent: > 90_000, PacketsSent: >= 30, Estimate: > 0 }, viewer.ToString());

        await rig.StopAsync();
        Assert.Empty(await rig.Loop.DescribeAsync().WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken)); // nobody waits for a loop that has ended
    }

    [Fact]
    public async Task A_slow_viewer_holds_up_neither_the_camera_nor_the_others()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera(30_000);
        var slow = await rig.JoinAsync("slow");
        var quick = await rig.JoinAsync("quick");

        slow.IsHanging = true;
        for (var i = 0; i < 3; i++)
            await PeerRig.MustPlayAsync(quick);
        Assert.Equal(0, rig.Loop.Statistics.DroppedPictures);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n")]
    [InlineData("\0\0\0\0")]
    public async Task An_offer_that_makes_no_sense_is_refused_in_words(string sdp)
    {
        await using var rig = PeerRig.WithCamera();
        var result = await rig.OfferAsync("mallory", sdp);

        Assert.Null(result.Answer);
        Assert.Equal(400, result.Code);
        Assert.True(result.Message.Length > 10, result.Message);
        Assert.Equal(0, rig.Loop.Statistics.Viewers);
    }

    [Fact]
    public async Task An_offer_that_meets_a_fault_of_ours_is_refused_and_the_others_go_on()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera();
        var viewer = await rig.JoinAsync("alice");

        var result = await rig.OfferAsync("mallory", null!);

        Assert.Equal((null, 503), (result.Answer, result.Code));
        await PeerRig.MustPlayAsync(viewer);
        Assert.Equal(1, rig.Loop.Statistics.Faults);
    }

    [Fact]
    public async Task Above_the_limit_nobody_is_let_in_until_someone_leaves()
    {
        await using var rig = PeerRig.WithCamera(new PeersOptions(MaxViewers: 2));
        using var third = new SocketViewer();
        await rig.JoinAsync("alice");
        var bob = await rig.JoinAsync("bob");
        var refused = await rig.OfferAsync("carol", third.Offer);
        Assert.Equal((null, 429), (refused.Answer, refused.Code));
        Assert.Contains("peers.maxViewers", refused.Message, StringComparison.Ordinal);

        rig.Loop.Close("alice");
        await Wait.UntilAsync(() => rig.Loop.Statistics.Viewers == 1, "alice has left");
        Assert.NotNull((await rig.OfferAsync("carol", third.Offer)).Answer);
        Assert.Null(bob.Failure);
    }

    [Fact]
    public async Task A_camera_without_a_picture_is_named_with_what_ails_it()
    {
        await using var rig = new PeerRig();
        rig.Stream.OnStateChanged(CameraState.Lost, "rpicam-vid was not found");
        using var viewer = new SocketViewer();

        var refused = await rig.OfferAsync("alice", viewer.Offer);

        Assert.Equal((null, 480), (refused.Answer, refused.Code));
        Assert.Contains("cam0", refused.Message, StringComparison.Ordinal);
        Assert.Contains("rpicam-vid was not found", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_offer_replaces_the_connection_even_where_there_is_room_for_no_other()
    {
        await using var rig = PeerRig.WithCamera(new PeersOptions(MaxViewers: 1));
        rig.StartCamera();
        await rig.JoinAsync("alice");

        var second = await rig.JoinAsync("alice");

        var (viewer, reason, detail) = Assert.Single(rig.Closed);
        Assert.Equal(("alice", CloseReason.Remote, "replaced by a new offer"), (viewer, reason, detail));
        Assert.Equal(1, rig.Loop.Statistics.Viewers);
        await PeerRig.MustPlayAsync(second);
    }

    [Fact]
    public async Task A_second_offer_that_is_refused_leaves_the_connection_as_it_was()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera();
        var viewer = await rig.JoinAsync("alice");

        Assert.Equal(400, (await rig.OfferAsync("alice", "garbage")).Code);

        await PeerRig.MustPlayAsync(viewer);
        Assert.Empty(rig.Closed);
    }

    [Fact]
    public async Task A_fault_in_one_viewers_connection_ends_that_one_only()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera();
        var good = await rig.JoinAsync("good");
        var bad = await rig.JoinAsync("bad");
        rig.OnChannelMessage = (channel, _) => throw new InvalidOperationException($"a bug, met by {channel.Viewer}");

        var channel = bad.OpenChannel("control");
        Assert.True(bad.Say(channel, "hello"u8));

        await Wait.UntilAsync(() => !rig.Closed.IsEmpty, "the faulted viewer has ended");
        Assert.Equal(("bad", CloseReason.Local), (rig.Closed.Single().Viewer, rig.Closed.Single().Reason));
        Assert.Equal(1, rig.Loop.Statistics.Faults);
        await PeerRig.MustPlayAsync(good);
        Assert.Equal(1, rig.Loop.Statistics.Viewers);
        await Wait.UntilAsync(() => rig.Drops[Stage.Route, DropReason.Fault] == 1, "it is counted");
    }

    [Fact]
    public async Task Candidates_of_nobody_and_garbled_ones_are_dropped()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera();
        var viewer = await rig.JoinAsync("alice");

        rig.Loop.AddCandidate("nobody", "candidate:1 1 udp 1 192.0.2.1 1 typ host");
        foreach (var candidate in new[] { "", "candidate:", "\0", new string('x', 1000), "candidate:1 1 udp 99999999999999999999 192.0.2.1 1 typ host" })
            rig.Loop.AddCandidate("alice", candidate);
        for (var i = 0; i < 1000; i++) // more than any check list holds
            rig.Loop.AddCandidate("alice", $"candidate:{i} 1 udp {2_000_000_000 + i} 127.0.0.1 {1024 + i} typ host");

        await PeerRig.MustPlayAsync(viewer);
    }

    [Fact]
    public async Task Datagrams_of_nobody_are_counted_and_cost_nobody_anything()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera();
        var viewer = await rig.JoinAsync("alice");
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var random = new Random(7);
        var datagram = new byte[1400];

        for (var first = 0; first < 256; first++)
        {
            random.NextBytes(datagram);
            datagram[0] = (byte)first;
            stranger.SendTo(datagram.AsSpan(0, 1 + random.Next(1399)), viewer.Agent);
        }

        await Wait.UntilAsync(() => rig.Loop.Statistics.UnknownDatagrams == 256, "all are counted");
        await PeerRig.MustPlayAsync(viewer);
        await Wait.UntilAsync(() => rig.Drops[Stage.FeedBack, DropReason.UnknownViewer] == 256, "where all drops are counted");
    }

    [Fact]
    public async Task Garbage_from_a_viewers_own_port_is_counted_and_does_not_end_it()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera();
        var viewer = await rig.JoinAsync("alice");
        var random = new Random(7);
        var datagram = new byte[1200];

        for (var first = 0; first < 256; first++)
        {
            random.NextBytes(datagram);
            datagram[0] = (byte)first;
            viewer.SendRaw(datagram.AsSpan(0, 20 + random.Next(1180)));
            if (first % 32 == 0)
                await PeerRig.MustPlayAsync(viewer);
        }

        await PeerRig.MustPlayAsync(viewer);
        await Wait.UntilAsync(
            () => rig.Drops[Stage.FeedBack, DropReason.Malformed] > 100
                && rig.Drops[Stage.FeedBack, DropReason.Unauthenticated] > 0
                && rig.Drops[Stage.FeedBack, DropReason.Unsupported] > 0,
            "it is counted by what it was");
        Assert.Empty(rig.Closed);
    }

    [Fact]
    public async Task Offers_that_never_connect_are_bounded_and_say_so()
    {
        await using var rig = PeerRig.WithCamera(new PeersOptions(MaxViewers: 8));
        rig.StartCamera();
        var viewer = await rig.JoinAsync("alice");
        using var other = new SocketViewer();

        var codes = new List<int>();
        for (var i = 0; i < 500; i++)
            codes.Add((await rig.OfferAsync($"ghost-{i}", other.Offer)).Code);

        Assert.Equal([0, 0, 0, 0, 0, 0, 0], codes[..7]);
        Assert.Contains(429, codes);
        Assert.Equal(500, codes.Count(code => code is 0 or 429));
        Assert.Equal(8, rig.Loop.Statistics.Viewers);
        await PeerRig.MustPlayAsync(viewer);
    }

    [Fact]
    public async Task Where_all_places_are_taken_the_oldest_that_was_never_heard_gives_way()
    {
        await using var rig = PeerRig.WithCamera(new PeersOptions(MaxViewers: 3));
        rig.StartCamera();
        var alice = await rig.JoinAsync("alice");
        using var ghost = new SocketViewer();
        foreach (var key in new[] { "ghost-1", "ghost-2" })
            Assert.Equal(0, (await rig.OfferAsync(key, ghost.Offer)).Code);
        var (began, bob) = (System.Diagnostics.Stopwatch.StartNew(), new SocketViewer());
        Assert.Equal(429, (await rig.OfferAsync("bob", bob.Offer)).Code); // both have a second to be heard

        Assert.Equal(400, (await UntilNot429Async(() => rig.OfferAsync("nonsense", "v=0"))).Code);
        Assert.Empty(rig.Closed); // who cannot be answered pushes nobody out
        Assert.InRange(began.Elapsed.TotalSeconds, 0.9, 10);
        await rig.JoinAsync("bob", bob);
        await Wait.UntilAsync(() => rig.Closed.Count == 1, "the first ghost is told");
        Assert.Equal(("ghost-1", CloseReason.IceFailed), rig.Closed.Select(static closed => (closed.Viewer, closed.Reason)).Single());
        Assert.Equal(3, rig.Loop.Statistics.Viewers);
        await PeerRig.MustPlayAsync(alice);
        await PeerRig.MustPlayAsync(bob);

        using var third = new SocketViewer();
        Assert.Equal(0, (await rig.OfferAsync("carol", third.Offer)).Code); // in place of the other ghost
        Assert.Equal(429, (await rig.OfferAsync("dave", third.Offer)).Code); // nobody who watches gives way
    }

    private static async Task<OfferResult> UntilNot429Async(Func<Task<OfferResult>> offer)
    {
        while (true)
        {
            if (await offer() is { Code: not 429 } result)
                return result;
            await Task.Delay(20);
        }
    }

    [Fact]
    public async Task Sessions_that_name_the_agent_as_their_viewer_do_not_come_alive()
    {
        await using var rig = PeerRig.WithCamera();
        using var viewer = new SocketViewer();
        static string Value(string sdp, string name) => sdp.Split($"a={name}:")[1].Split("\r\n")[0];
        var first = (await rig.OfferAsync("first", viewer.Offer)).Answer!;
        var candidates = string.Concat(first.Split("\r\n").Where(line => line.StartsWith("a=candidate:", StringComparison.Ordinal)).Select(line => line + "\r\n"));
        var offer = viewer.Offer
            .Replace(Value(viewer.Offer, "ice-ufrag"), Value(first, "ice-ufrag"), StringComparison.Ordinal)
            .Replace(Value(viewer.Offer, "ice-pwd"), Value(first, "ice-pwd"), StringComparison.Ordinal)
            .Replace("a=mid:0\r\n", "a=mid:0\r\n" + candidates, StringComparison.Ordinal);
        var unknown = rig.Loop.Statistics.UnknownDatagrams;

        Assert.NotNull((await rig.OfferAsync("second", offer)).Answer);

        await Wait.UntilAsync(() => rig.Loop.Statistics.UnknownDatagrams >= unknown + 3, "its checks come back to us and are nobody's");
        await Task.Delay(200);
        await rig.StopAsync();
        Assert.Equal(0, rig.Drops[Stage.FeedBack, DropReason.Malformed]); // no connection has seen one of them
    }

    [Fact]
    public async Task A_viewer_that_never_reads_its_channel_is_sent_a_bounded_amount()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera();
        var viewer = await rig.JoinAsync("alice");
        var silent = await rig.JoinAsync("silent");
        var opened = new TaskCompletionSource<ViewerChannel>(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.OnChannelMessage = (channel, _) => opened.TrySetResult(channel);
        Assert.True(silent.Say(silent.OpenChannel("control"), "hello"u8));
        var channel = await opened.Task;
        silent.IsHanging = true;

        for (var i = 0; i < 200; i++)
            channel.Send(new byte[64 * 1024], isText: false);

        await Wait.UntilAsync(() => rig.Loop.Statistics.DroppedMessages is > 180 and < 200, "all but about 1 MiB is dropped");
        await PeerRig.MustPlayAsync(viewer);
        await Wait.UntilAsync(() => rig.Drops[Stage.Control, DropReason.SlowReceiver] > 180, "and counted");
    }

    [Fact]
    public async Task Messages_to_a_channel_that_is_gone_are_dropped_and_counted()
    {
        await using var rig = PeerRig.WithCamera();
        var viewer = await rig.JoinAsync("alice");
        var opened = new TaskCompletionSource<ViewerChannel>(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.OnChannelMessage = (channel, _) => opened.TrySetResult(channel);
        Assert.True(viewer.Say(viewer.OpenChannel("control"), "hello"u8));
        var channel = await opened.Task;
        rig.Loop.Close("alice");
        await Wait.UntilAsync(() => rig.Loop.Statistics.Viewers == 0, "alice has left");

        channel.Send([1], isText: true);

        await Wait.UntilAsync(() => rig.Loop.Statistics.DroppedMessages == 1, "it is counted");
    }

    [Fact]
    public async Task One_viewers_flood_of_messages_leaves_the_others_their_pictures()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera();
        var viewer = await rig.JoinAsync("alice");
        var flooder = await rig.JoinAsync("flooder");
        var heard = 0;
        rig.OnChannelMessage = (channel, message) =>
        {
            heard++;
            channel.Send(message, isText: true);
        };
        var channels = Enumerable.Range(0, 8).Select(i => flooder.OpenChannel($"control-{i}")).ToArray();
        var small = Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":1,"method":"device.info"}""");
        var large = new byte[60_000];

        var sent = 0;
        for (var round = 0; round < 50; round++)
        {
            foreach (var channel in channels)
            {
                for (var i = 0; i < 100; i++)
                    sent += flooder.Say(channel, small) ? 1 : 0;
                sent += flooder.Say(channel, large) ? 1 : 0;
            }

            await Task.Delay(10);
        }

        await PeerRig.MustPlayAsync(viewer);
        Assert.True(sent > 5000, $"sent {sent}");
        Assert.InRange(heard, 400, 400 + (200 * 60)); // what may come at once, and then 200 a second
        await Wait.UntilAsync(() => heard + rig.Drops[Stage.Control, DropReason.RateLimited] == sent, "all that was not heard is counted");
        Assert.Equal(0, rig.Loop.Statistics.DroppedPictures);
    }

    [Theory]
    [InlineData("anything", true)]
    [InlineData("bounded", false)]
    public async Task An_unreliable_channel_is_limited_unless_whoever_takes_it_bounds_it(string label, bool isLimited)
    {
        await using var rig = PeerRig.WithCamera();
        var flooder = await rig.JoinAsync("flooder");
        var heard = 0;
        rig.OnChannelMessage = (_, _) => heard++;
        var channel = flooder.OpenChannel(label, isReliable: false);
        await Wait.UntilAsync(() => flooder.Say(channel, "x"u8) && heard > 0, "the channel is open");
        for (var i = 0; i < 3000; i++)
        {
            flooder.Say(channel, "x"u8);
            if (i % 50 == 0)
                await Task.Delay(1);
        }

        await Wait.UntilAsync(() => heard + rig.Drops[Stage.Control, DropReason.RateLimited] > 1500, "most of it");
        Assert.Equal(isLimited, rig.Drops[Stage.Control, DropReason.RateLimited] > 0);
    }

    [Fact]
    public async Task When_it_stops_every_viewer_is_told_and_no_offer_waits_for_its_answer()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera();
        var viewers = new[] { await rig.JoinAsync("alice"), await rig.JoinAsync("bob") };
        foreach (var viewer in viewers)
            await PeerRig.MustPlayAsync(viewer); // a stream that has not begun has no BYE

        await rig.StopAsync();

        foreach (var viewer in viewers)
            await Wait.UntilAsync(() => viewer.Failure == "closed", "close_notify has come");
        Assert.All(viewers, viewer => Assert.True(viewer.Ask(inside => inside.SawBye)));
        Assert.Equal(503, (await rig.OfferAsync("late", viewers[0].Offer).WaitAsync(TimeSpan.FromSeconds(5))).Code);
        rig.Loop.Close("alice");
    }
}
