using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;
using EdgeCam.WebRtc.Tests.Ice;
using EdgeCam.WebRtc.Turn;
using static EdgeCam.WebRtc.Tests.Turn.TurnRig;

namespace EdgeCam.WebRtc.Tests.Turn;

/// <summary>The client against a server of the tests' own, in virtual time.</summary>
public sealed class TurnClientTests
{
    [Fact]
    public void The_server_challenges_and_then_allocates()
    {
        var rig = Allocated();

        var allocated = Assert.IsType<TurnEvent.Allocated>(Assert.Single(rig.Node.Events));
        Assert.Equal(Relay, allocated.Relayed);
        Assert.Equal(IceNode.Address("192.0.2.1"), allocated.Mapped);
        Assert.Equal(2, rig.Server.Count(StunMethod.Allocate)); // without credentials, then with them
        Assert.Equal(TimeSpan.FromMilliseconds(20), rig.Client.RoundTripTime);
    }

    [Fact]
    public void A_wrong_password_is_told_after_one_attempt()
    {
        var rig = new TurnRig(password: "wrong");
        rig.Network.RunFor(TimeSpan.FromMinutes(5));

        Assert.Equal(new TurnEvent.Failed(TurnFailure.Unauthorized, 401), rig.Node.Failure);
        Assert.Equal(2, rig.Server.Requests.Count);
        Assert.Equal(Instant.Never, rig.Client.NextTimeout);
    }

    [Theory]
    [InlineData(403, TurnFailure.Forbidden)]
    [InlineData(437, TurnFailure.AllocationMismatch)]
    [InlineData(441, TurnFailure.Unauthorized)]
    [InlineData(442, TurnFailure.UnsupportedTransport)]
    [InlineData(486, TurnFailure.QuotaReached)]
    [InlineData(508, TurnFailure.InsufficientCapacity)]
    [InlineData(300, TurnFailure.Refused)]
    [InlineData(500, TurnFailure.Refused)]
    public void A_refusal_is_told_with_its_code(int code, TurnFailure reason)
    {
        var rig = new TurnRig();
        rig.Server.Refuse = _ => code;
        rig.Network.RunFor(TimeSpan.FromMinutes(1));

        Assert.Equal(new TurnEvent.Failed(reason, code), rig.Node.Failure);
    }

    [Fact]
    public void An_alternate_server_is_named()
    {
        var rig = new TurnRig();
        rig.Server.Refuse = _ => 300;
        rig.Server.Alternate = IceNode.Address("203.0.113.11", 3479);
        rig.Network.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(new TurnEvent.Failed(TurnFailure.Redirected, 300, rig.Server.Alternate), rig.Node.Failure);
    }

    [Theory]
    [InlineData(false, 7)] // RFC 8489 §6.2.1: 0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s
    [InlineData(true, 1)]  // §6.2.2: the stream repeats by itself
    public void A_dead_server_is_given_up_after_39_5_seconds(bool isStream, int sends)
    {
        var rig = new TurnRig(isStream: isStream);
        rig.Server.IsDead = true;
        var began = rig.Network.Now;

        Assert.True(rig.Network.RunUntil(() => rig.Node.Failure is not null, TimeSpan.FromMinutes(2)));

        Assert.Equal(TurnFailure.NoAnswer, rig.Node.Failure!.Reason);
        Assert.Equal(TimeSpan.FromSeconds(39.5), rig.Network.Now - began);
        Assert.Equal(sends, rig.Network.Sent);
    }

    [Fact]
    public void What_ice_asks_goes_as_indications_under_a_permission()
    {
        var rig = Allocated();
        rig.MustEcho(Check);
        rig.MustEcho(Check);

        Assert.Equal(1, rig.Server.Count(StunMethod.CreatePermission));
        Assert.Equal(0, rig.Server.Count(StunMethod.ChannelBind));
        Assert.Equal(2, rig.Server.SendIndications);
    }

    [Fact]
    public void What_is_more_than_stun_binds_a_channel_and_is_not_lost_until_then()
    {
        var rig = Allocated();
        rig.MustEcho(Media);
        rig.MustEcho(Media);

        Assert.Equal((1, 1, 1), (rig.Server.Count(StunMethod.ChannelBind), rig.Server.SendIndications, rig.Server.ChannelMessages));
        Assert.Equal(0, rig.Server.ToNobody);
        rig.MustEcho(Check); // through the channel as well
        Assert.Equal(1, rig.Server.SendIndications);
    }

    [Fact]
    public void All_datagrams_of_a_message_get_their_header_in_place()
    {
        var rig = Allocated();
        rig.MustEcho(Media);
        var before = rig.Peer.Received;

        rig.Node.Send(Media, PeerAddress, segments: 40);
        rig.Network.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(40, rig.Peer.Received - before);
        Assert.All(rig.Node.Received, received => Assert.Equal(Media, received.Data));
    }

    [Fact]
    public void One_permission_serves_all_ports_of_a_host()
    {
        var rig = Allocated();
        rig.MustEcho(Check);
        var other = PeerAddress.WithPort(6001);
        _ = new EchoNode(rig.Network, other);
        rig.MustEcho(Check, other);

        Assert.Equal(1, rig.Server.Count(StunMethod.CreatePermission));
    }

    [Fact]
    public void It_holds_for_hours_with_loss_and_changing_nonces()
    {
        var rig = Allocated(loss: 0.05);
        rig.MustEcho(Check);
        var echoes = 0;
        for (var i = 0; i < 24; i++)
        {
            rig.Server.ChangeNonce();
            echoes += rig.Chat(TimeSpan.FromMinutes(5));
        }

        Assert.Null(rig.Node.Failure);
        Assert.InRange(echoes / (24.0 * 300), 0.75, 0.87); // four ways, each loses a twentieth
        Assert.Equal(0, rig.Server.ToNobody);
        Assert.InRange(rig.Server.Count(StunMethod.Refresh), 20, 60);
    }

    [Fact]
    public void What_is_used_is_refreshed_and_what_is_not_is_forgotten()
    {
        var rig = Allocated();
        rig.MustEcho(Media);
        Assert.True(rig.Chat(TimeSpan.FromMinutes(30)) >= 1800 - 1);
        Assert.Equal((1, 1), (rig.Client.PeerCount, rig.Client.ChannelCount));
        var binds = rig.Server.Count(StunMethod.ChannelBind);
        Assert.InRange(binds, 3, 5);

        rig.Network.RunFor(TimeSpan.FromMinutes(30));

        Assert.Equal((0, 0), (rig.Client.PeerCount, rig.Client.ChannelCount));
        Assert.InRange(rig.Server.Count(StunMethod.ChannelBind), binds, binds + 1); // what was used after the last renewal was renewed once more
        Assert.True(rig.Client.IsAllocated);
        rig.MustEcho(Media); // with another number, or the same one that is free again
    }

    [Fact]
    public void Peers_are_bounded_and_the_least_lately_used_goes()
    {
        var rig = Allocated(maxPeers: 8);
        rig.MustEcho(Media);
        for (var i = 1; i <= 100; i++)
        {
            rig.Node.Send(Check, PeerAddress.WithPort((ushort)(7000 + i)));
            rig.Network.RunFor(TimeSpan.FromMilliseconds(50));
        }

        Assert.Equal(8, rig.Client.PeerCount);
        rig.MustEcho(Media);
        Assert.Equal(1, rig.Server.Count(StunMethod.ChannelBind)); // who has a channel stays
    }

    [Fact]
    public void What_waits_for_a_permission_is_bounded()
    {
        var rig = Allocated();
        rig.Server.IsDead = true;
        for (var i = 0; i < 1000; i++)
            rig.Node.Send(Check, PeerAddress);

        Assert.Equal(1000 - 64, rig.Client.Dropped);
    }

    [Fact]
    public void A_forbidden_peer_is_not_asked_for_again_and_again()
    {
        var rig = Allocated();
        rig.Server.Refuse = static method => method == StunMethod.CreatePermission ? 403 : 0;
        for (var i = 0; i < 100; i++)
        {
            rig.Node.Send(Check, PeerAddress);
            rig.Network.RunFor(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(1, rig.Server.Count(StunMethod.CreatePermission));
        Assert.Equal(0, rig.Server.SendIndications);
        Assert.Equal(100, rig.Client.Dropped);
        Assert.True(rig.Client.IsAllocated);
    }

    [Fact]
    public void What_waited_for_a_permission_that_never_came_is_not_sent_with_the_next()
    {
        var rig = Allocated();
        rig.Network.Filter = static (datagram, path) => path.Remote != ServerAddress || datagram.Span[1] != (byte)StunMethod.CreatePermission;
        rig.Node.Send(Check, PeerAddress);
        rig.Network.RunFor(TimeSpan.FromSeconds(45)); // refreshes tell that the server lives
        Assert.Equal(1, rig.Client.Dropped);

        rig.Network.Filter = static (_, _) => true;
        rig.Network.RunFor(TimeSpan.FromSeconds(30));
        rig.MustEcho(Check);
        rig.Network.RunFor(TimeSpan.FromSeconds(1));
        Assert.Single(rig.Node.Received);
    }

    [Fact]
    public void Without_a_channel_datagrams_go_as_indications()
    {
        var rig = Allocated();
        rig.Server.Refuse = static method => method == StunMethod.ChannelBind ? 508 : 0;
        rig.Node.Send(Media, PeerAddress);
        rig.Network.RunFor(TimeSpan.FromSeconds(1));
        rig.MustEcho(Media);
        rig.MustEcho(Media);

        Assert.Equal(1, rig.Server.Count(StunMethod.ChannelBind));
        Assert.Equal(0, rig.Server.ChannelMessages);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_server_that_dies_is_noticed_within_30_seconds(bool isStream)
    {
        var rig = Allocated(isStream);
        rig.Chat(TimeSpan.FromSeconds(30));
        rig.Server.IsDead = true;
        var died = rig.Network.Now;
        while (rig.Node.Failure is null && rig.Network.Now - died < TimeSpan.FromSeconds(60))
            rig.Chat(TimeSpan.FromSeconds(1));

        Assert.Equal(TurnFailure.NoAnswer, rig.Node.Failure!.Reason);
        Assert.InRange(rig.Network.Now - died, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(27));
    }

    [Fact]
    public void A_server_that_was_started_anew_is_noticed_at_the_next_sign_of_life()
    {
        var rig = Allocated();
        rig.MustEcho(Media);
        rig.Server.Forget();
        var forgot = rig.Network.Now;

        Assert.True(rig.Network.RunUntil(() => rig.Node.Failure is not null, TimeSpan.FromMinutes(1)));

        Assert.Equal(TurnFailure.AllocationMismatch, rig.Node.Failure!.Reason);
        Assert.InRange(rig.Network.Now - forgot, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(11));
    }

    [Fact]
    public void A_probe_tells_within_a_round_trip_that_the_server_does_not_know_us_any_more()
    {
        var rig = Allocated();
        rig.Client.Probe(rig.Network.Now);
        rig.Network.RunFor(TimeSpan.FromMilliseconds(100));
        Assert.Null(rig.Node.Failure);
        rig.Server.Forget();
        rig.Client.Probe(rig.Network.Now);
        rig.Network.RunFor(TimeSpan.FromMilliseconds(100));

        Assert.Equal(TurnFailure.AllocationMismatch, rig.Node.Failure!.Reason);
    }

    [Fact]
    public void Refused_credentials_are_told_while_the_allocation_still_lives()
    {
        var rig = Allocated();
        rig.MustEcho(Media);
        rig.Server.Password = "changed";
        var changed = rig.Network.Now;

        Assert.True(rig.Network.RunUntil(() => rig.Node.Events.Count > 1, TimeSpan.FromMinutes(5)));
        var refused = Assert.IsType<TurnEvent.CredentialsRefused>(rig.Node.Events[1]);
        Assert.True(rig.Network.Now - changed < TimeSpan.FromSeconds(11));
        rig.MustEcho(Media);

        Assert.True(rig.Network.RunUntil(() => rig.Node.Failure is not null, TimeSpan.FromMinutes(12)));
        Assert.Equal(TurnFailure.Expired, rig.Node.Failure!.Reason);
        Assert.Equal(refused.ExpiresAt, rig.Network.Now);
        Assert.InRange(rig.Server.Count(StunMethod.Refresh), 1, 130); // each ten seconds, twice: it might take them again
    }

    [Fact]
    public void It_gives_the_allocation_back()
    {
        var rig = Allocated();
        rig.Client.Close(rig.Network.Now);
        Assert.True(rig.Network.RunUntil(() => rig.Node.Events.Count > 1, TimeSpan.FromSeconds(1)));

        Assert.IsType<TurnEvent.Closed>(rig.Node.Events[1]);
        Assert.Equal(0, rig.Server.Allocations);
    }

    [Fact]
    public void It_does_not_wait_for_a_dead_server_to_take_it_back()
    {
        var rig = Allocated();
        rig.Server.IsDead = true;
        rig.Client.Close(rig.Network.Now);

        Assert.True(rig.Network.RunUntil(() => rig.Node.Events.Count > 1, TimeSpan.FromSeconds(10)));
        Assert.IsType<TurnEvent.Closed>(rig.Node.Events[1]);
    }

    [Fact]
    public void A_stream_that_ends_is_the_servers_end()
    {
        var rig = Allocated(isStream: true);
        rig.Client.HandleDisconnected();
        rig.Node.TakeEvents();

        Assert.Equal(TurnFailure.NoAnswer, rig.Node.Failure!.Reason);
    }

    [Fact]
    public void A_forged_success_is_not_believed()
    {
        var rig = new TurnRig();
        rig.Network.Filter = (_, path) => path.Remote != ServerAddress; // the server never hears
        var buffer = new byte[2048];
        Assert.True(rig.Client.TryTransmit(buffer, rig.Network.Now, out _));
        Challenge(rig, buffer, "n");
        Assert.True(rig.Client.TryTransmit(buffer, rig.Network.Now, out _));

        var forged = new byte[200];
        var writer = new StunMessageWriter(forged, StunMethod.Allocate, StunClass.SuccessResponse, TransactionId.Read(buffer.AsSpan(8)));
        writer.AddXorAddress(StunAttributeType.XorRelayedAddress, Relay);
        writer.AddUInt32(StunAttributeType.Lifetime, 600);
        writer.AddIntegrity("guess"u8);
        rig.Client.HandleDatagram(forged.AsSpan(0, writer.Length), rig.Network.Now, out _, out _);

        Assert.False(rig.Client.IsAllocated);
        Assert.Equal(1, rig.Client.Unauthenticated);
    }

    [Fact]
    public void Endless_challenges_end()
    {
        var rig = new TurnRig();
        rig.Network.Filter = (_, path) => path.Remote != ServerAddress;
        var buffer = new byte[2048];
        var requests = 0;
        for (; requests < 100 && rig.Client.TryTransmit(buffer, rig.Network.Now, out _); requests++)
            Challenge(rig, buffer, $"nonce{requests}", requests == 0 ? 401 : 438);

        Assert.InRange(requests, 2, 5);
        rig.Node.TakeEvents();
        Assert.NotNull(rig.Node.Failure);
    }

    [Fact]
    public void Datagrams_of_strangers_are_dropped()
    {
        var rig = Allocated();
        var forged = new byte[100];
        var writer = new StunMessageWriter(forged, StunMethod.Data, StunClass.Indication, new(1, 1));
        writer.AddXorAddress(StunAttributeType.XorPeerAddress, PeerAddress);
        writer.Add(StunAttributeType.Data, Media);

        Assert.Equal(TurnInput.Taken, rig.Client.HandleDatagram(forged.AsSpan(0, writer.Length), rig.Network.Now, out _, out _));
        Assert.Equal(TurnInput.Taken, rig.Client.HandleDatagram([0x40, 0, 0, 2, 1, 2], rig.Network.Now, out _, out _));
        Assert.Equal(TurnInput.NotOurs, rig.Client.HandleDatagram(Check, rig.Network.Now, out _, out _));
        Assert.Equal(2, rig.Client.Discarded);
    }

    [Fact]
    public void A_bound_channel_sends_and_receives_without_allocating()
    {
        var rig = Allocated();
        rig.MustEcho(Media);
        var (path, now) = (new NetworkPath(Relay, PeerAddress), rig.Network.Now);
        var message = new byte[40 * 1200];
        byte[] incoming = [0x40, 0, 0, 7, .. Media];

        Assert.Equal(0, WebRtc.Tests.Allocated.By(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                Assert.True(rig.Client.TryFrame(message, new(path, message.Length, 1200, 4), now, out _));
                Assert.True(rig.Client.HandleDatagram(incoming, now, out _, out _) == TurnInput.Data);
                _ = rig.Client.NextTimeout;
            }
        }));
    }

    private static void Challenge(TurnRig rig, byte[] request, string nonce, int code = 401)
    {
        var answer = new byte[200];
        var writer = new StunMessageWriter(answer, StunMethod.Allocate, StunClass.ErrorResponse, TransactionId.Read(request.AsSpan(8)));
        writer.AddErrorCode((StunErrorCode)code);
        writer.AddText(StunAttributeType.Realm, "r");
        writer.AddText(StunAttributeType.Nonce, nonce);
        rig.Client.HandleDatagram(answer.AsSpan(0, writer.Length), rig.Network.Now, out _, out _);
    }
}
