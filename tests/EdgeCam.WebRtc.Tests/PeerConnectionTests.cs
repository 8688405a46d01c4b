using System.Text;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Sctp;
using EdgeCam.WebRtc.Tests.H264;
using EdgeCam.WebRtc.Tests.Ice;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests;

/// <summary>Whole calls between the engine and a virtual viewer, on a seeded network, in virtual time.</summary>
public sealed class PeerConnectionTests : IDisposable
{
    private static readonly TransportAddress s_device = TransportAddress.FromIPv4(0xC0000201, 50000);
    private static readonly TransportAddress s_browser = TransportAddress.FromIPv4(0xC0000202, 40000);
    private static readonly TransportAddress s_attacker = TransportAddress.FromIPv4(0xC0000203, 666);

    private readonly VirtualNetwork _network = new(seed: 11);
    private readonly VirtualAgent _agent;
    private VirtualViewer? _viewer;

    public PeerConnectionTests()
    {
        _agent = new VirtualAgent(seed: 1, s_device, _network.Now);
        _network.Attach(_agent, s_device);
    }

    public void Dispose()
    {
        _agent.Dispose();
        _viewer?.Dispose();
        Assert.Equal(0, _agent.Pool.Outstanding); // every block came back
    }

    [Theory]
    [InlineData("actpass", SrtpProfile.AeadAes128Gcm)]
    [InlineData("actpass", SrtpProfile.AesCm128HmacSha1Tag80)]
    [InlineData("active", SrtpProfile.AeadAes128Gcm)]
    [InlineData("active", SrtpProfile.AesCm128HmacSha1Tag80)]
    [InlineData("passive", SrtpProfile.AesCm128HmacSha1Tag80)]
    public void A_call_connects_in_both_setup_roles_with_both_profiles(string setup, SrtpProfile profile)
    {
        Call(setup, profile: profile);
        Assert.Equal(profile, _viewer!.Keys!.Profile);
        SendAndReceive(pictures: 10, size: 5000);
        Assert.Equal(_agent.Sent.Count, _viewer.Video.Pictures.Count);
    }

    [Fact]
    public void The_first_picture_arrives_within_six_round_trips()
    {
        _network.Latency = TimeSpan.FromMilliseconds(50);
        var start = _network.Now;
        Call();
        _agent.SendPicture(20_000, isIdr: true, _network.Now);
        Assert.True(_network.RunUntil(() => _viewer!.Video.Pictures.Count == 1, TimeSpan.FromSeconds(2)));
        Assert.InRange((_network.Now - start).TotalMilliseconds, 0, 600); // check, DTLS in two round trips, the picture itself
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_ten_percent_loss_takes_is_repaired_by_retransmission(bool rtx)
    {
        Call(rtx: rtx);
        SendAndReceive(pictures: 1, size: 1000); // where the receiver begins to count
        Disturb();
        SendAndReceive(pictures: 150, size: 9000);
        _network.Loss = 0;
        SendAndReceive(pictures: 2, size: 1000); // shows what the tail of the last picture lost
        _network.RunFor(TimeSpan.FromSeconds(2));
        Assert.True(_viewer!.Video.Repaired > 50, $"{_viewer.Video.Repaired} repaired");
        AssertPicturesIntact();
    }

    [Fact]
    public void Every_data_channel_message_arrives_once_and_in_order_on_a_bad_network()
    {
        Call();
        Disturb();
        var viewer = _viewer!;
        Assert.True(viewer.Channels!.TryOpen("control", "edgecam.control.v1", ChannelReliability.Reliable, out var id));
        Assert.True(_network.RunUntil(() => _agent.Events.OfType<PeerEvent.ChannelOpened>().Any(), TimeSpan.FromSeconds(20)));
        for (var i = 0; i < 300; i++)
        {
            Assert.True(viewer.Channels!.Send(id, Encoding.UTF8.GetBytes($"up {i} {new string('x', i * 7)}"), isText: true, _network.Now));
            Assert.True(_agent.Peer!.SendMessage(id, Encoding.UTF8.GetBytes($"down {i} {new string('y', i * 5)}"), isText: true, _network.Now));
            _network.RunFor(TimeSpan.FromMilliseconds(10));
        }

        _network.RunUntil(() => viewer.Messages.Count == 300, TimeSpan.FromSeconds(60));
        _network.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"down {i} "), viewer.Messages.Select(message => Start(message.Data)));
        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"up {i} "), _agent.Events.OfType<PeerEvent.MessageReceived>().Select(message => Start(message.Data)));

        static string Start(byte[] data)
        {
            var text = Encoding.UTF8.GetString(data);
            return text[..(text.LastIndexOf(' ') + 1)];
        }
    }

    [Fact]
    public void On_a_healthy_path_the_viewer_is_told_to_hold_no_picture_back()
    {
        var told = new List<byte[]>();
        _network.Filter = (datagram, path) =>
        {
            if (path.Local == s_device && RtpPacketView.TryParse(datagram.Span, out var packet) && packet.PayloadType == 108 && packet.TryGetExtension(5, out var delay))
                told.Add(delay.ToArray()); // SRTP leaves header extensions in the clear
            return true;
        };
        Call(extension: "a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n");
        SendAndReceive(pictures: 10, size: 5000);
        Assert.True(told.Count >= 10, $"{told.Count} packets tell it");
        Assert.All(told, delay => Assert.Equal([0, 0, 0], delay)); // 12 bits each: at least, at most
    }

    [Fact]
    public void A_picture_loss_indication_asks_for_a_key_frame()
    {
        Call();
        SendAndReceive(pictures: 2, size: 1000);
        _viewer!.AskForKeyFrame();
        _network.RunFor(TimeSpan.FromSeconds(1));
        Assert.Single(_agent.Events.OfType<PeerEvent.KeyFrameRequested>());
    }

    [Fact]
    public void A_viewer_that_is_killed_is_let_go_within_30_seconds()
    {
        Call();
        _viewer!.IsDead = true;
        Assert.True(_network.RunUntil(() => Ended() is not null, TimeSpan.FromSeconds(40)));
        Assert.Equal(CloseReason.ConsentExpired, Ended()!.Reason);
        var sent = _network.Sent;
        _network.RunFor(TimeSpan.FromSeconds(30));
        Assert.Equal(sent, _network.Sent);
    }

    [Fact]
    public void A_goodbye_ends_the_call_on_the_other_side()
    {
        Call();
        SendAndReceive(pictures: 1, size: 1000);
        _agent.Peer!.Close(_network.Now);
        _network.RunFor(TimeSpan.FromSeconds(1));
        Assert.True(_viewer!.SawBye);
        Assert.Equal("closed", _viewer.Failure);
        Assert.Equal(CloseReason.Local, Ended()!.Reason);
    }

    [Theory]
    [InlineData("message")]
    [InlineData("candidate")]
    [InlineData("address")]
    [InlineData("restart")]
    [InlineData("goodbye")]
    public void What_is_given_after_a_time_of_nothing_but_pictures_leaves_at_once(string what)
    {
        Call();
        Assert.True(_viewer!.Channels!.TryOpen("control", "edgecam.control.v1", ChannelReliability.Reliable, out var id));
        SendAndReceive(pictures: 3, size: 5000);
        var (peer, buffer, now) = (_agent.Peer!, new byte[RtpLimits.MaxMessage], _network.Now);
        Assert.False(peer.TryTransmit(buffer, now, out _));
        switch (what)
        {
            case "message":
                Assert.True(peer.SendMessage(id, "now"u8, isText: true, now));
                break;
            case "candidate":
                Assert.True(peer.AddRemoteCandidate("candidate:9 1 udp 2130706431 192.0.2.9 5000 typ host", now));
                break;
            case "address":
                peer.AddLocalAddress(new(TransportAddress.FromIPv4(0xC0000204, 50001)), now);
                break;
            case "restart":
                Assert.True(peer.TryHandleOffer(_viewer.Restart(), now, out _));
                break;
            default:
                peer.Close(now);
                break;
        }

        Assert.True(peer.TryTransmit(buffer, now, out _) || peer.NextTimeout <= now, $"{peer.NextTimeout - now} to wait");
    }

    [Fact]
    public void A_viewer_that_says_goodbye_is_let_go_at_once()
    {
        Call();
        _viewer!.Close();
        _network.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(CloseReason.Remote, Ended()!.Reason);
    }

    [Fact]
    public void A_certificate_that_the_offer_does_not_name_is_refused()
    {
        var other = new VirtualViewer(seed: 99, s_attacker, _network.Now);
        _viewer = new VirtualViewer(seed: 2, s_browser, _network.Now);
        _network.Attach(_viewer, s_browser);
        var fingerprint = FingerprintOf(other.Offer);
        other.Dispose();
        var answer = _agent.Accept(_viewer.Offer.Replace(FingerprintOf(_viewer.Offer), fingerprint, StringComparison.Ordinal), _network.Now);
        _viewer.HandleAnswer(answer!, _network.Now);
        Assert.True(_network.RunUntil(() => Ended() is not null, TimeSpan.FromSeconds(20)));
        Assert.Equal(CloseReason.DtlsFailed, Ended()!.Reason);
        Assert.DoesNotContain(_agent.Events, peerEvent => peerEvent is PeerEvent.Connected);
    }

    [Fact]
    public void Nothing_from_an_unvalidated_address_reaches_DTLS_or_SRTP()
    {
        Call();
        var before = _agent.Peer!.Counters.Unvalidated;
        var path = new NetworkPath(s_device, s_attacker);
        _agent.Peer.HandleDatagram(new byte[] { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 }, path, _network.Now);
        _agent.Peer.HandleDatagram(new byte[] { 0x80, 203, 0, 1, 0, 0, 0, 1 }, path, _network.Now);
        _agent.Peer.HandleDatagram(new byte[] { 200 }, path, _network.Now);
        Assert.Equal(before + 2, _agent.Peer.Counters.Unvalidated);
        Assert.Equal(1, _agent.Peer.Counters.Unrecognised);
        SendAndReceive(pictures: 5, size: 3000);
        Assert.Equal(5, _viewer!.Video.Pictures.Count);
    }

    [Fact]
    public void Garbage_on_the_validated_path_costs_nothing()
    {
        Call();
        var random = new Random(5);
        var path = new NetworkPath(s_device, s_browser);
        for (var i = 0; i < 20_000; i++)
        {
            var garbage = new byte[random.Next(1, 1400)];
            random.NextBytes(garbage);
            _agent.Peer!.HandleDatagram(garbage, path, _network.Now);
        }

        SendAndReceive(pictures: 5, size: 3000);
        Assert.Equal(5, _viewer!.Video.Pictures.Count);
    }

    [Fact]
    public void A_server_reflexive_candidate_is_trickled_after_the_answer()
    {
        var server = TransportAddress.FromIPv4(0xCB007105, 3478);
        var inside = TransportAddress.FromIPv4(0x0A000002, 50000);
        using var agent = new VirtualAgent(seed: 3, inside, _network.Now, server);
        _network.Attach(new NatNode(agent, s_device, isSymmetric: false), s_device);
        _network.Attach(new StunServerNode(), server);
        _viewer = new VirtualViewer(seed: 2, s_browser, _network.Now);
        var answer = agent.Accept(_viewer.Offer, _network.Now)!;
        Assert.DoesNotContain("a=end-of-candidates", answer, StringComparison.Ordinal);
        Assert.True(_network.RunUntil(() => agent.Events.OfType<PeerEvent.LocalCandidate>().Any(candidate => candidate.Candidate.Length == 0), TimeSpan.FromSeconds(10)));
        var trickled = agent.Events.OfType<PeerEvent.LocalCandidate>().First().Candidate;
        Assert.Contains("typ srflx", trickled, StringComparison.Ordinal);
        Assert.Contains(s_device.ToIPAddress().ToString(), trickled, StringComparison.Ordinal);
    }

    private PeerEvent.Closed? Ended() => _agent.Events.OfType<PeerEvent.Closed>().FirstOrDefault();

    private static string FingerprintOf(string offer) => System.Text.RegularExpressions.Regex.Match(offer, "a=fingerprint:(.*?)\r\n").Groups[1].Value;

    private void Call(string setup = "actpass", bool rtx = true, SrtpProfile? profile = null, string extension = "")
    {
        _viewer = new VirtualViewer(seed: 2, s_browser, _network.Now, setup, rtx, profile);
        _network.Attach(_viewer, s_browser);
        var answer = _agent.Accept(_viewer.Offer.Replace("a=recvonly", extension + "a=recvonly"), _network.Now);
        Assert.True(answer is not null, _agent.Error);
        _viewer.HandleAnswer(answer, _network.Now);
        Assert.True(_network.RunUntil(() => _viewer.IsConnected && _agent.Peer!.IsConnected, TimeSpan.FromSeconds(20)), _viewer.Failure ?? "no connection");
    }

    /// <summary>10 % loss, 5 % duplicates, and enough jitter to reorder.</summary>
    private void Disturb()
    {
        _network.Loss = 0.10;
        _network.Duplication = 0.05;
        _network.Jitter = TimeSpan.FromMilliseconds(15);
    }

    private void SendAndReceive(int pictures, int size)
    {
        for (var i = 0; i < pictures; i++)
        {
            _agent.SendPicture(size + (i * 13 % 700), isIdr: i % 30 == 0, _network.Now);
            _network.RunFor(TimeSpan.FromMilliseconds(33));
        }

        _network.RunFor(TimeSpan.FromMilliseconds(200));
    }

    private void AssertPicturesIntact()
    {
        Assert.Equal(_agent.Sent.Count, _viewer!.Video.Pictures.Count);
        for (var i = 0; i < _agent.Sent.Count; i++)
        {
            var depacketizer = new H264Depacketizer();
            foreach (var payload in _viewer.Video.Pictures[i])
                depacketizer.Add(payload);
            Assert.Equal(_agent.Sent[i], depacketizer.NalUnits);
        }
    }
}
