using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Streaming;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>Whose datagram is it? Two connections share a port, and one of them may be up to something.</summary>
public sealed class PeerRoutesTests : IDisposable
{
    private static readonly TransportAddress s_port = TransportAddress.FromIPv4(0x0A000001, 50000);
    private static readonly TransportAddress s_browser = TransportAddress.FromIPv4(0x0A000002, 4000);
    private static readonly NetworkPath s_path = new(s_port, s_browser);

    private static readonly byte[] s_dtls = [22, 254, 253];

    private readonly DtlsContext _dtls =
        new(DtlsCertificate.Create(DateTimeOffset.UtcNow, new SystemRandom()), DtlsContext.DefaultProfiles, new VirtualRetransmissionClock());
    private readonly AccessUnitPool _pool = new();
    private readonly PeerRoutes _routes = new();
    private readonly List<IDisposable> _made = [];
    private readonly byte[] _buffer = new byte[65536];
    private Instant _now = new(1_000_000_000);

    public void Dispose()
    {
        _made.ForEach(made => made.Dispose());
        _dtls.Dispose();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void A_response_goes_to_whoever_asked_though_another_asks_on_the_same_path()
    {
        var honest = Make("alice");
        var hostile = Make("mallory"); // names alice's address as its own
        var asked = NextRequest(honest);
        _ = NextRequest(hostile);

        Assert.Equal(honest.Viewer, _routes.Find(ResponseTo(asked), s_path));
        asked[10] ^= 1;
        Assert.Null(_routes.Find(ResponseTo(asked), s_path)); // nobody asked that
    }

    [Fact]
    public void A_request_is_forgotten_once_it_is_answered_and_not_for_a_forged_answer()
    {
        var alice = Make("alice");
        var asked = NextRequest(alice);
        var response = Answer(alice, asked);

        byte[] forged = [.. response];
        forged[^10] ^= 1; // in its integrity
        Receive(alice.Viewer, forged, s_path);
        Receive(alice.Viewer, ResponseTo(asked), s_path); // and without any
        Assert.False(alice.Viewer.Peer.IsConfirmed(s_path));

        Receive(alice.Viewer, response, s_path);
        Assert.True(alice.Viewer.Peer.IsConfirmed(s_path));
        Assert.Null(_routes.Find(response, s_path));
    }

    [Fact]
    public void Requests_that_nobody_answers_do_not_push_out_one_just_sent()
    {
        var alice = Make("alice");
        var mallory = Make("mallory");
        var request = NextRequest(alice);
        for (var i = 0; i < 10_000; i++)
        {
            (request[12], request[13], request[14]) = ((byte)i, (byte)(i >> 8), 1);
            _routes.HandleSent(alice.Viewer, request);
            var response = ResponseTo(request);
            for (byte other = 2; other < 100; other++)
            {
                request[14] = other;
                _routes.HandleSent(mallory.Viewer, request);
            }

            Assert.Equal(alice.Viewer, _routes.Find(response, s_path));
        }
    }

    [Fact]
    public void A_path_goes_to_a_newcomer_only_once_it_is_seen_to_receive_there()
    {
        var old = Make("old");
        Ask(old, s_path);
        Assert.Equal(old.Viewer, _routes.Find(s_dtls, s_path));

        var newcomer = Make("new");
        Ask(newcomer, s_path); // whoever has a session can do that with a forged source address
        Assert.Equal(old.Viewer, _routes.Find(s_dtls, s_path));

        Exchange(newcomer);
        Assert.True(newcomer.Viewer.Peer.IsConfirmed(s_path));
        Assert.Equal(newcomer.Viewer, _routes.Find(s_dtls, s_path));

        _routes.Remove(old.Viewer);
        Assert.Equal(newcomer.Viewer, _routes.Find(s_dtls, s_path));
        _routes.Remove(newcomer.Viewer);
        Assert.Null(_routes.Find(s_dtls, s_path));
    }

    [Fact]
    public void Checks_from_ever_new_ports_do_not_grow_the_table()
    {
        var mallory = Make("mallory");
        for (var i = 0; i < 100 && !mallory.Viewer.Peer.IsConnected; i++)
            Exchange(mallory);
        Assert.True(mallory.Viewer.Peer.IsConnected);

        var believed = 0;
        for (ushort port = 5000; port < 8000; port++)
        {
            believed += Ask(mallory, new(s_port, s_browser.WithPort(port)), priority: port) ? 1 : 0; // each better than the one before
            for (var i = 0; i < 10; i++)
                Exchange(mallory);
        }

        Assert.True(mallory.Viewer.Peer.IsConnected);
        Assert.True(believed > 300, $"{believed} were believed in their time");
        Assert.InRange(mallory.Viewer.Paths.Count, 1, 128);
        Assert.Equal(mallory.Viewer, _routes.Find([128, 200], s_path));
        Assert.Null(_routes.Find([128, 200], new(s_port, s_browser.WithPort(5000))));
    }

    [Theory]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { 3 })]
    [InlineData(new byte[] { 1, 1, 0, 0 })]
    [InlineData(new byte[] { 0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 22 })]
    [InlineData(new byte[] { 255 })]
    public void What_is_cut_short_or_nameless_is_nobodys(byte[] datagram)
    {
        Make("alice");
        Assert.Null(_routes.Find(datagram, s_path));
    }

    [Fact]
    public void A_username_that_is_no_text_is_nobodys()
    {
        Make("alice");
        foreach (var username in new byte[][] { [0xFF, 0xFE, (byte)':'], [(byte)':'], [.. new byte[500], (byte)':'], [] })
        {
            var writer = new StunMessageWriter(_buffer, StunMethod.Binding, StunClass.Request, new(1, 2));
            writer.Add(StunAttributeType.Username, username);
            Assert.Null(_routes.Find(_buffer.AsSpan(0, writer.Length), s_path));
        }
    }

    [Fact]
    public void After_a_gap_a_viewer_is_sent_nothing_before_the_next_IDR_picture()
    {
        var viewer = Make("alice").Viewer;
        foreach (var (number, isIdr, skipped) in new (long, bool, long)[]
            { (4, false, 1), (5, false, 2), (6, true, 2), (7, false, 2), (7, false, 2), (5, true, 2), (9, false, 3), (10, false, 4), (11, true, 4), (12, false, 4) })
        {
            using var unit = Pictures.Make(_pool, isIdr, 100, number);
            viewer.Send(viewer.Stream, unit, _now);
            Assert.Equal((number, skipped), (number, viewer.Skipped));
        }
    }

    /// <summary>A browser at the one address that offers, and the connection that answers it.</summary>
    private Party Make(string key)
    {
        var browser = new VirtualViewer(key.Length, s_browser, _now, keepPictures: false);
        var options = new PeerConnectionOptions(_dtls, new SystemRandom(), MonotonicClock.ToNtp(), [s_port], [], PeerRig.Info.Profile, "cam0");
        Assert.True(PeerConnection.TryAccept(browser.Offer, options, _now, out var peer, out var answer, out var error), error?.Message);
        var viewer = new Viewer(key, peer!, new LiveStream("cam0", () => _now), null!);
        _made.AddRange([browser, viewer]);
        _routes.Add(viewer);
        browser.HandleAnswer(answer, _now);
        return new(viewer, browser, Attribute(answer, "ice-ufrag"), Attribute(answer, "ice-pwd"));
    }

    private static string Attribute(string sdp, string name) => sdp.Split($"a={name}:")[1].Split("\r\n")[0];

    /// <summary>The next connectivity check of ours, sent as the loop does.</summary>
    private byte[] NextRequest(Party party)
    {
        for (var i = 0; i < 100; i++, _now += TimeSpan.FromMilliseconds(10))
        {
            party.Viewer.Peer.HandleTimeout(_now);
            if (Sent(party.Viewer).Find(sent => sent.Datagram[..2] is [0, 1]).Datagram is { } request)
                return request;
        }

        throw new Xunit.Sdk.XunitException("no check came");
    }

    private static byte[] ResponseTo(byte[] request)
    {
        var response = request[..20];
        (response[0], response[1], response[2], response[3]) = (1, 1, 0, 0);
        return response;
    }

    /// <summary>What the browser makes of a request of ours.</summary>
    private byte[] Answer(Party party, byte[] request)
    {
        party.Browser.HandleDatagram([.. request], new(s_browser, s_port), _now);
        while (party.Browser.TryTransmit(_buffer, _now, out var transmit))
        {
            if (_buffer[0] == 1)
                return _buffer[..transmit.Length];
        }

        throw new Xunit.Sdk.XunitException("no answer came");
    }

    /// <summary>An authenticated check on a path, whose answer nobody reads.</summary>
    /// <returns>True where the path is believed to be the viewer's.</returns>
    private bool Ask(Party party, NetworkPath path, uint priority = 1)
    {
        var writer = new StunMessageWriter(_buffer, StunMethod.Binding, StunClass.Request, TransactionId.Create(new SystemRandom()));
        writer.AddText(StunAttributeType.Username, $"{party.UsernameFragment}:peer");
        writer.AddUInt32(StunAttributeType.Priority, 1_000_000 + priority);
        writer.AddUInt64(StunAttributeType.IceControlling, 1);
        writer.AddIntegrity(new ShortTermCredential("", party.Password).Key);
        writer.AddFingerprint();
        Receive(party.Viewer, _buffer.AsSpan(0, writer.Length).ToArray(), path);
        return party.Viewer.Peer.IsValidated(path);
    }

    /// <summary>What both sides have to say in 50 ms. What is sent to other addresses than the browser's is lost.</summary>
    private void Exchange(Party party)
    {
        party.Viewer.Peer.HandleTimeout(_now);
        foreach (var (datagram, path) in Sent(party.Viewer))
        {
            if (path == s_path)
                party.Browser.HandleDatagram(datagram, new(s_browser, s_port), _now);
        }

        party.Browser.HandleTimeout(_now);
        while (party.Browser.TryTransmit(_buffer, _now, out var transmit))
            Receive(party.Viewer, _buffer.AsSpan(0, transmit.Length).ToArray(), s_path);
        _now += TimeSpan.FromMilliseconds(50);
    }

    private void Receive(Viewer viewer, byte[] datagram, NetworkPath path)
    {
        Assert.Equal(viewer, _routes.Find(datagram, path));
        _routes.Deliver(viewer, datagram, path, _now);
    }

    private List<(byte[] Datagram, NetworkPath Path)> Sent(Viewer viewer)
    {
        List<(byte[] Datagram, NetworkPath Path)> sent = [];
        while (viewer.Peer.TryTransmit(_buffer, _now, out var transmit))
        {
            _routes.HandleSent(viewer, _buffer.AsSpan(0, transmit.Length));
            sent.Add((_buffer.AsSpan(0, transmit.Length).ToArray(), transmit.Path));
        }

        return sent;
    }

    private sealed record Party(Viewer Viewer, VirtualViewer Browser, string UsernameFragment, string Password);
}
