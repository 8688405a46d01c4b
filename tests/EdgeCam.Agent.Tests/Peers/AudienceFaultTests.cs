using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Streaming;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>A fault while a picture is given to one viewer: it costs that viewer, and whoever comes after it finds all in order.</summary>
public sealed class AudienceFaultTests : IDisposable
{
    private readonly AccessUnitPool _pool = new();
    private readonly DtlsContext _dtls = new(DtlsCertificate.Create(DateTimeOffset.UtcNow, new SystemRandom()), DtlsContext.DefaultProfiles, new VirtualRetransmissionClock());
    private readonly VirtualNetwork _network = new(seed: 5);
    private readonly List<IDisposable> _made = [];
    private readonly Audience _audience;
    private readonly Source _porchSource = new(), _yardSource = new();
    private readonly LiveStream _porch, _yard;
    private bool _isFaulty;

    public AudienceFaultTests()
    {
        _audience = new(new Inbox(), static peer => peer.Estimate, _ =>
        {
            if (_isFaulty)
                throw new InvalidOperationException("a fault of whoever is told");
        });
        (_porch, _yard) = (new("porch", () => _network.Now), new("yard", () => _network.Now));
        _ = _porch.RunAsync(_porchSource, CancellationToken.None);
        _ = _yard.RunAsync(_yardSource, CancellationToken.None);
    }

    public void Dispose()
    {
        foreach (var stream in (LiveStream[])[_porch, _yard])
            stream.OnStateChanged(CameraState.Lost, "the test is over");
        _made.ForEach(made => made.Dispose());
        _dtls.Dispose();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void The_stream_before_is_let_go_also_where_the_first_picture_of_the_next_one_fails()
    {
        var viewer = Join(1);
        _audience.Select(viewer, _yard, StreamChoice.Auto, _network.Now);
        using var unit = Pictures.Make(_pool, isIdr: true); // nobody has packetized it
        Assert.Throws<ArgumentException>(() => _audience.Deliver(viewer, _yard, unit, _network.Now));
        Assert.Equal((_yard, null), (viewer.Current, viewer.Next));
        Assert.Equal((false, true), (_porchSource.IsWanted, _yardSource.IsWanted));
        _audience.Leave(viewer);
        Assert.Equal((false, Instant.Never), (_yardSource.IsWanted, _audience.NextTimeout));
    }

    [Fact]
    public void A_group_that_was_given_in_part_is_given_back_once()
    {
        var (first, second) = (Join(1), Join(2));
        using (var unit = Pictures.Make(_pool, isIdr: true))
            _yard.OnAccessUnit(unit);
        _isFaulty = true;
        Assert.Throws<InvalidOperationException>(() => _audience.Select(first, _yard, StreamChoice.Auto, _network.Now));
        _isFaulty = false;
        _audience.Select(second, _yard, StreamChoice.Auto, _network.Now);
        Assert.Equal(_yard, second.Current);
    }

    /// <summary>A viewer of the porch whose connection is made.</summary>
    private Viewer Join(uint number)
    {
        var (device, home) = (TransportAddress.FromIPv4(0xC0000200 + number, 50000), TransportAddress.FromIPv4(0xC0000280 + number, 40000));
        var browser = new VirtualViewer((int)number, home, _network.Now, keepPictures: false);
        var options = new PeerConnectionOptions(_dtls, new SystemRandom(), MonotonicClock.ToNtp(), [device], [], PeerRig.Info.Profile, "porch");
        Assert.True(PeerConnection.TryAccept(browser.Offer, options, _network.Now, out var peer, out var answer, out var error), error?.Message);
        var viewer = new Viewer($"viewer{number}", peer!, _porch, null!);
        _made.AddRange([browser, viewer]);
        _network.Attach(new Node(peer!), device);
        _network.Attach(browser, home);
        browser.HandleAnswer(answer, _network.Now);
        Assert.True(_network.RunUntil(() => browser.IsConnected && peer!.IsConnected, TimeSpan.FromSeconds(20)), browser.Failure ?? $"no connection by {browser.Ice.SelectedPath}");
        _audience.Join(viewer, _network.Now);
        return viewer;
    }

    private sealed class Node(PeerConnection peer) : IVirtualNode
    {
        public Instant NextTimeout => peer.NextTimeout;

        public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now) => peer.HandleDatagram(datagram, path, now);

        public void HandleTimeout(Instant now) => peer.HandleTimeout(now);

        public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit) => peer.TryTransmit(buffer, now, out transmit);
    }

    private sealed class Inbox : IFrameReceiver
    {
        public void Offer(LiveStream stream, AccessUnit unit)
        {
        }
    }

    private sealed class Source : ICameraSource
    {
        private readonly TaskCompletionSource _end = new();

        public bool IsWanted { get; private set; }

        public Task RunAsync(IAccessUnitSink sink, CancellationToken stop) => _end.Task;

        public bool RequestKeyFrame() => true;

        public void SetWanted(bool isWanted) => IsWanted = isWanted;
    }
}
