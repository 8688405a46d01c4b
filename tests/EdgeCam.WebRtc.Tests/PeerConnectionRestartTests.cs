using System.Text.RegularExpressions;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.H264;
using EdgeCam.WebRtc.Tests.Ice;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests;

/// <summary>Further offers of a live session, and addresses that change beside running video.</summary>
public sealed class PeerConnectionRestartTests : IDisposable
{
    private static readonly TransportAddress s_device = IceNode.Address("192.0.2.1", 50000);
    private static readonly TransportAddress s_otherDevice = IceNode.Address("198.51.100.1", 50000);
    private static readonly TransportAddress s_browser = IceNode.Address("192.0.2.2", 40000);
    private static readonly TransportAddress s_otherBrowser = IceNode.Address("198.51.100.2", 40000);

    private readonly VirtualNetwork _network = new(seed: 12);
    private readonly VirtualAgent _agent;
    private readonly VirtualViewer _viewer;
    private string _answer = "";

    public PeerConnectionRestartTests()
    {
        _agent = new VirtualAgent(seed: 1, s_device, _network.Now);
        _viewer = new VirtualViewer(seed: 2, s_browser, _network.Now);
        _network.Attach(_agent, s_device);
    }

    public void Dispose()
    {
        _agent.Dispose();
        _viewer.Dispose();
        Assert.Equal(0, _agent.Pool.Outstanding);
    }

    [Theory]
    [InlineData("actpass")]
    [InlineData("active")]
    public void A_restart_beside_video_loses_no_picture_and_keeps_the_keys(string setup)
    {
        using var viewer = new VirtualViewer(seed: 3, s_browser, _network.Now, setup);
        Call(viewer);
        Play(viewer, pictures: 10);
        var keys = viewer.Keys;
        for (var restart = 1; restart <= 3; restart++)
        {
            var offer = viewer.Restart();
            Play(viewer, pictures: 5, isSettled: false); // the offer is on its way
            Assert.True(_agent.Peer!.TryHandleOffer(offer, _network.Now, out var answer));
            Play(viewer, pictures: 5, isSettled: false); // the answer is
            Assert.NotEqual(Value(_answer, "ice-ufrag"), Value(answer, "ice-ufrag"));
            Assert.NotEqual(Value(_answer, "ice-pwd"), Value(answer, "ice-pwd"));
            Assert.Equal(Value(answer, "ice-ufrag"), _agent.Peer.UsernameFragment);
            Assert.Equal(Value(_answer, "setup"), Value(answer, "setup"));
            Assert.Equal(SessionOf(_answer, 1 + restart), SessionOf(answer));
            viewer.HandleAnswer(answer, _network.Now);
            Play(viewer, pictures: 10);
        }

        Assert.Equal(keys, viewer.Keys);
        Assert.Single(_agent.Events.OfType<PeerEvent.Connected>());
        Assert.Null(viewer.Failure);
        AssertPicturesIntact(viewer);
    }

    [Fact]
    public void A_viewer_that_changes_its_network_gets_its_picture_back_by_a_restart()
    {
        Call(_viewer);
        Play(_viewer, pictures: 10);
        _network.Detach(s_browser);
        _network.Attach(_viewer, s_otherBrowser);
        _viewer.Ice.RemoveLocalAddress(s_browser, _network.Now);
        _viewer.Ice.AddLocalAddress(new(s_otherBrowser), _network.Now);
        Play(_viewer, pictures: 5, isSettled: false);
        Assert.True(_agent.Peer!.TryHandleOffer(_viewer.Restart(), _network.Now, out var answer));
        _viewer.HandleAnswer(answer, _network.Now);
        Play(_viewer, pictures: 30);
        AssertPicturesIntact(_viewer); // what went to the old address is asked for again
    }

    [Fact]
    public void A_device_that_changes_its_network_goes_on_by_the_restart_that_it_asks_for()
    {
        Call(_viewer);
        Play(_viewer, pictures: 10);
        _network.Detach(s_device);
        _network.Attach(_agent, s_otherDevice);
        _agent.Peer!.RemoveLocalAddress(s_device, _network.Now);
        _agent.Peer.AddLocalAddress(new(s_otherDevice), _network.Now);
        Assert.Contains(_agent.Events.Concat(Drain()).OfType<PeerEvent.LocalCandidate>(), told => told.Candidate.Contains("198.51.100.1", StringComparison.Ordinal));
        Play(_viewer, pictures: 5, isSettled: false);
        Assert.True(_agent.Peer.TryHandleOffer(_viewer.Restart(), _network.Now, out var answer));
        Assert.Contains("198.51.100.1 50000 typ host", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("192.0.2.1 50000 typ host", answer, StringComparison.Ordinal);
        _viewer.HandleAnswer(answer, _network.Now);
        Play(_viewer, pictures: 30);
        AssertPicturesIntact(_viewer);

        IEnumerable<PeerEvent> Drain()
        {
            while (_agent.Peer.TryGetEvent(out var told))
                yield return told;
        }
    }

    [Fact]
    public void A_nat_that_maps_the_viewer_anew_is_followed_as_soon_as_an_authenticated_check_comes()
    {
        var outside = IceNode.Address("203.0.113.2", 40000);
        var nat = NatNode.Attach(_network, _viewer, "203.0.113.2");
        Accept(_viewer);
        Play(_viewer, pictures: 10);
        nat.Rebind();
        var forged = new NetworkPath(s_device, outside.WithPort(40001));
        var hello = new byte[] { 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 };
        _agent.Peer!.HandleDatagram(hello, forged, _network.Now); // what anyone can send changes nothing
        Assert.True(_agent.Peer.IsConfirmed(new(s_device, outside)));
        Assert.False(_agent.Peer.IsValidated(forged));

        Assert.True(_network.RunUntil(() => _agent.Peer.IsConfirmed(forged), TimeSpan.FromSeconds(7))); // the viewer's next consent check
        Play(_viewer, pictures: 30);
        AssertPicturesIntact(_viewer);
    }

    [Fact]
    public void An_offer_without_new_credentials_is_answered_with_those_in_use()
    {
        Call(_viewer);
        Assert.True(_agent.Peer!.TryHandleOffer(_viewer.Offer, _network.Now, out var answer));
        Assert.Equal(Value(_answer, "ice-ufrag"), Value(answer, "ice-ufrag"));
        Assert.Equal(SessionOf(_answer, 2), SessionOf(answer));
        Play(_viewer, pictures: 10);
        AssertPicturesIntact(_viewer);
    }

    [Fact]
    public void An_offer_of_another_session_changes_nothing_here()
    {
        Call(_viewer);
        using var other = new VirtualViewer(seed: 9, s_otherBrowser, _network.Now);
        using var plain = new VirtualViewer(seed: 2, s_browser, _network.Now, rtx: false);
        var fragment = _agent.Peer!.UsernameFragment;
        var restart = _viewer.Restart();
        string[] offers =
        [
            other.Offer, // another certificate
            plain.Offer, // the same one, but without retransmission
            restart.Replace("a=setup:actpass", "a=setup:active", StringComparison.Ordinal), // the role that we have
            restart.Replace("m=application 9", "m=application 0", StringComparison.Ordinal),
            restart.Replace("a=fingerprint", "a=finger", StringComparison.Ordinal),
            "v=0",
        ];
        Assert.All(offers, offer => Assert.False(_agent.Peer.TryHandleOffer(offer, _network.Now, out _)));
        Assert.Equal(fragment, _agent.Peer.UsernameFragment);
        Play(_viewer, pictures: 10);
        AssertPicturesIntact(_viewer);

        _agent.Peer.Close(_network.Now);
        Assert.False(_agent.Peer.TryHandleOffer(restart, _network.Now, out _));
    }

    [Fact]
    public void A_restart_by_credentials_alone_is_answered_with_a_fragment()
    {
        Call(_viewer);
        Play(_viewer, pictures: 5);
        var offer = _viewer.Restart();
        var theirs = new IceCredentials(Value(offer, "ice-ufrag"), Value(offer, "ice-pwd"));
        Assert.True(_agent.Peer!.TryRestartIce(theirs, _network.Now, out var fragment));
        Assert.False(_agent.Peer.TryRestartIce(theirs, _network.Now, out _));
        Assert.Equal(_agent.Peer.UsernameFragment, Value(fragment, "ice-ufrag"));
        Assert.Contains("a=group:BUNDLE 0 1\r\nm=video 9 UDP/TLS/RTP/SAVPF 108\r\na=mid:0\r\n", fragment, StringComparison.Ordinal);
        Assert.EndsWith("a=end-of-candidates\r\n", fragment, StringComparison.Ordinal);
        foreach (var candidate in _viewer.Ice.LocalCandidates)
            Assert.True(_agent.Peer.AddRemoteCandidate(candidate.ToString(), _network.Now));
        _viewer.HandleAnswer($"{Regex.Match(_answer, "a=setup:.*?\r\n")}{Regex.Match(_answer, "a=fingerprint:.*?\r\n")}{fragment}", _network.Now);
        Play(_viewer, pictures: 10);
        AssertPicturesIntact(_viewer);
        Assert.True(_agent.Peer.IsConfirmed(new(s_device, s_browser)));
    }

    private static string Value(string sdp, string name) => Regex.Match(sdp, $"a={name}:(.*?)\r\n").Groups[1].Value;

    private static string SessionOf(string sdp, int? version = null)
    {
        var origin = Regex.Match(sdp, @"o=- (\d+) (\d+) ");
        return $"{origin.Groups[1].Value} {version?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? origin.Groups[2].Value}";
    }

    private void Call(VirtualViewer viewer)
    {
        _network.Attach(viewer, s_browser);
        Accept(viewer);
    }

    private void Accept(VirtualViewer viewer)
    {
        _answer = _agent.Accept(viewer.Offer, _network.Now)!;
        viewer.HandleAnswer(_answer, _network.Now);
        Assert.True(_network.RunUntil(() => viewer.IsConnected && _agent.Peer!.IsConnected, TimeSpan.FromSeconds(20)), viewer.Failure ?? "no connection");
    }

    private void Play(VirtualViewer viewer, int pictures, bool isSettled = true)
    {
        for (var i = 0; i < pictures; i++)
        {
            _agent.SendPicture(4000, isIdr: _agent.Sent.Count % 30 == 0, _network.Now);
            _network.RunFor(TimeSpan.FromMilliseconds(33));
        }

        if (isSettled)
            _network.RunUntil(() => viewer.Video.Pictures.Count == _agent.Sent.Count, TimeSpan.FromSeconds(5));
    }

    private void AssertPicturesIntact(VirtualViewer viewer)
    {
        Assert.Equal(_agent.Sent.Count, viewer.Video.Pictures.Count);
        for (var i = 0; i < _agent.Sent.Count; i++)
        {
            var depacketizer = new H264Depacketizer();
            foreach (var payload in viewer.Video.Pictures[i])
                depacketizer.Add(payload);
            Assert.Equal(_agent.Sent[i], depacketizer.NalUnits);
        }
    }
}
