using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests;

/// <summary>The engine offers and sends, a virtual server answers and receives: whole calls on a seeded network, in virtual time.</summary>
public sealed class PublishingTests : IDisposable
{
    private static readonly TransportAddress s_device = TransportAddress.FromIPv4(0xC0000201, 50000);
    private static readonly TransportAddress s_moved = TransportAddress.FromIPv4(0xC0000209, 50000);
    private static readonly TransportAddress s_server = TransportAddress.FromIPv4(0xC0000202, 40000);
    private static readonly TransportAddress s_stun = TransportAddress.FromIPv4(0xC0000203, 3478); // nobody is there

    private readonly VirtualNetwork _network = new(seed: 13);
    private readonly VirtualAgent _agent;
    private VirtualViewer? _server;

    public PublishingTests()
    {
        _agent = new VirtualAgent(seed: 1, s_device, _network.Now, s_stun);
        _network.Attach(_agent, s_device);
    }

    public void Dispose()
    {
        _agent.Dispose();
        _server?.Dispose();
        Assert.Equal(0, _agent.Pool.Outstanding);
    }

    [Theory]
    [InlineData("active", false, IceRole.Controlled)]
    [InlineData("passive", false, IceRole.Controlled)]
    [InlineData("passive", true, IceRole.Controlled)]
    [InlineData("active", false, IceRole.Controlling)] // a server that claims our role: one of the two gives way
    public void What_is_offered_arrives_whatever_role_the_server_takes(string setup, bool isLite, IceRole role)
    {
        Publish(setup, isLite, role: role);
        Send(pictures: 10);
        Assert.Equal(10, _server!.Video.Pictures.Count);
        Assert.Null(_server.Failure);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_lost_on_the_way_is_repaired(bool rtx)
    {
        Publish("passive", rtx: rtx);
        Send(pictures: 1);
        _network.Loss = 0.1;
        Send(pictures: 60);
        _network.Loss = 0;
        Send(pictures: 2);
        _network.RunFor(TimeSpan.FromSeconds(2));
        Assert.True(_server!.Video.Repaired > 10, $"{_server.Video.Repaired} repaired");
        Assert.Equal(_agent.Sent.Count, _server.Video.Pictures.Count);
    }

    [Fact]
    public void The_server_may_ask_for_a_key_frame_and_may_say_goodbye()
    {
        Publish("active");
        Send(pictures: 2);
        _server!.AskForKeyFrame();
        _network.RunFor(TimeSpan.FromSeconds(1));
        Assert.Single(_agent.Events.OfType<PeerEvent.KeyFrameRequested>());
        _server.Close();
        _network.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(CloseReason.Remote, _agent.Events.OfType<PeerEvent.Closed>().Single().Reason);
    }

    [Fact]
    public void A_server_that_dies_is_noticed()
    {
        Publish("active");
        _server!.IsDead = true;
        Assert.True(_network.RunUntil(() => _agent.Events.OfType<PeerEvent.Closed>().Any(), TimeSpan.FromSeconds(40)));
        Assert.Equal(CloseReason.ConsentExpired, _agent.Events.OfType<PeerEvent.Closed>().Single().Reason);
    }

    [Fact]
    public void After_a_restart_by_fragments_the_stream_goes_on_from_another_address()
    {
        Publish("passive");
        Send(pictures: 3);
        _network.Attach(_agent, s_moved);
        _agent.Peer!.AddLocalAddress(new(s_moved), _network.Now);
        _agent.Peer.RemoveLocalAddress(s_device, _network.Now);
        Assert.True(_agent.Peer.TryBeginRestart(out var fragment));
        Assert.Contains(s_moved.ToIPAddress().ToString(), fragment, StringComparison.Ordinal);
        var answer = _server!.AnswerRestart(fragment, _network.Now);
        Assert.False(_agent.Peer.TryTakeRestart("a=ice-ufrag:abcd\r\n", _network.Now)); // no password: nothing has happened
        Assert.True(_agent.Peer.TryTakeRestart(answer, _network.Now));
        Assert.True(_network.RunUntil(() => _agent.Peer.SelectedPath?.Local == s_moved, TimeSpan.FromSeconds(10)));
        Send(pictures: 5);
        Assert.Equal(8, _server.Video.Pictures.Count);
        Assert.False(_agent.Peer.TryTakeRestart(answer, _network.Now)); // those are in use
    }

    [Fact]
    public void A_path_of_before_a_restart_is_not_taken_for_what_it_led_to()
    {
        Publish("passive");
        Assert.True(_agent.Peer!.HasCurrentPath);
        Assert.True(_agent.Peer.TryBeginRestart(out var fragment));
        _network.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal((s_device, false), (_agent.Peer.SelectedPath?.Local, _agent.Peer.HasCurrentPath)); // in use, but former
        Assert.True(_agent.Peer.TryTakeRestart(_server!.AnswerRestart(fragment, _network.Now), _network.Now));
        Assert.True(_network.RunUntil(() => _agent.Peer.HasCurrentPath, TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void A_restart_asks_what_address_a_NAT_gives_now_before_anything_else_is_due()
    {
        Publish("passive");
        _network.RunFor(TimeSpan.FromMinutes(1)); // until the first question is given up
        Send(pictures: 3);
        Assert.True(_agent.Peer!.TryBeginRestart(out _));
        Assert.True(_agent.Peer.TryTransmit(new byte[ushort.MaxValue], _network.Now, out var transmit));
        Assert.Equal(s_stun, transmit.Path.Remote);
    }

    [Fact]
    public void An_offer_has_one_answer_and_a_refused_one_none()
    {
        _server = new VirtualViewer(seed: 2, s_server, _network.Now, role: IceRole.Controlled);
        var offer = _agent.Offer(_network.Now);
        var answer = _server.Answer(offer.Sdp, "active", _network.Now);
        Assert.NotNull(_agent.Connect(offer, "v=0\r\n", _network.Now));
        Assert.Null(_agent.Connect(offer, answer, _network.Now));
        Assert.Throws<InvalidOperationException>(() => _agent.Connect(offer, answer, _network.Now));
    }

    private void Publish(string setup, bool isLite = false, bool rtx = true, IceRole role = IceRole.Controlled)
    {
        _server = new VirtualViewer(seed: 2, s_server, _network.Now, rtx: rtx, role: role);
        _network.Attach(_server, s_server);
        var offer = _agent.Offer(_network.Now);
        var answer = _server.Answer(offer.Sdp, setup, _network.Now, isLite: isLite);
        Assert.Null(_agent.Connect(offer, answer, _network.Now));
        Assert.True(_network.RunUntil(() => _server.IsConnected && _agent.Peer!.IsConnected, TimeSpan.FromSeconds(20)), _server.Failure ?? "no connection");
    }

    private void Send(int pictures)
    {
        for (var i = 0; i < pictures; i++)
        {
            _agent.SendPicture(3000 + (i * 13 % 700), isIdr: i == 0, _network.Now);
            _network.RunFor(TimeSpan.FromMilliseconds(33));
        }

        _network.RunFor(TimeSpan.FromMilliseconds(300));
    }
}
