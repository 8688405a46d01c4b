using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Congestion;

/// <summary>
/// A call over a bottleneck, with a camera at 30 pictures a second whose bitrate follows the estimate as the agent's policy does, five
/// times a second, and an IDR picture every two seconds.
/// </summary>
internal sealed class CongestedCall : IDisposable
{
    private static readonly TransportAddress s_device = TransportAddress.FromIPv4(0xC0000201, 50000);
    private static readonly TransportAddress s_server = TransportAddress.FromIPv4(0xC0000201, 80);
    private static readonly TransportAddress s_downloader = TransportAddress.FromIPv4(0xC6336402, 4000);
    private static readonly TimeSpan s_sampling = TimeSpan.FromMilliseconds(100);

    private readonly Random _random = new(3);
    private readonly VirtualAgent _agent;
    private int _pictures, _risesAt;
    private int _events;
    private double _encoderBitrate;
    private long _sentBytes, _passedBytes;

    public CongestedCall(
        Bottleneck bottleneck, TimeSpan latency, TimeSpan jitter = default, double loss = 0, string feedback = "transport-cc", int seed = 1,
        Func<TransportAddress, RememberedLink>? remembered = null, TransportAddress? from = null)
    {
        Network = new VirtualNetwork(seed) { Latency = latency, Jitter = jitter, Loss = loss };
        Link = bottleneck;
        _agent = new VirtualAgent(seed, s_device, Network.Now) { Remembered = remembered, KeepsPictures = false };
        var browser = from ?? Browser;
        Viewer = new VirtualViewer(seed + 1, browser, Network.Now, keepPictures: false, feedback: feedback);
        Download = new CubicFlow(s_server, s_downloader);
        Network.Attach(_agent, s_device);
        Network.Attach(Viewer, browser);
        Network.Attach(Download, s_server);
        Network.Attach(new CubicFlow.Receiver(), s_downloader);
        Viewer.HandleAnswer(_agent.Accept(Viewer.Offer, Network.Now)!, Network.Now);
        Assert.True(Network.RunUntil(() => Viewer.IsConnected && Peer.IsConnected, TimeSpan.FromSeconds(20)), Viewer.Failure ?? "no connection");
        Network.Limit(s_device, Link);
        Network.Limit(s_server, Link);
        Start = Network.Now;
    }

    public static TransportAddress Browser { get; } = TransportAddress.FromIPv4(0xC6336402, 40000);

    public static TransportAddress Neighbour { get; } = TransportAddress.FromIPv4(0xC0000202, 40000);

    public static TransportAddress SameHost { get; } = s_device.WithPort(40000);

    public VirtualNetwork Network { get; }

    public Bottleneck Link { get; }

    public VirtualViewer Viewer { get; }

    public CubicFlow Download { get; }

    public PeerConnection Peer => _agent.Peer!;

    public Instant Start { get; }

    /// <summary>What the encoder can do at most and at least.</summary>
    public (long Least, long Most) Encoder { get; set; } = (100_000, 4_000_000);

    /// <summary>How many times as large as others an IDR picture is.</summary>
    public double IdrFactor { get; set; } = 6;

    /// <summary>What the viewer could use, where that is not the encoder's most.</summary>
    public long? Wanted { get; set; }

    public List<CongestionSample> Samples { get; } = [];

    public int KeyFrameRequests { get; private set; }

    /// <summary>In bytes, headers left out.</summary>
    public int LargestPicture { get; private set; }

    public double Seconds => (Network.Now - Start).TotalSeconds;

    /// <summary>Plays for so long; samples ten times a second.</summary>
    public CongestedCall Play(double seconds)
    {
        Peer.SetWantedBitrate(Wanted ?? Encoder.Most);
        var end = Network.Now + TimeSpan.FromSeconds(seconds);
        var (nextPicture, nextSample) = (Network.Now, Network.Now + s_sampling);
        var isIdrWanted = false;
        while (Network.Now < end)
        {
            if (Network.Now >= nextSample)
            {
                Sample();
                nextSample += s_sampling;
            }

            if (Network.Now >= nextPicture)
            {
                for (; _events < _agent.Events.Count; _events++)
                {
                    // As the agent does: whose encoder follows it alone has an IDR picture at once where it falls behind.
                    var isRequest = _agent.Events[_events] is PeerEvent.KeyFrameRequested || (_agent.Events[_events] is PeerEvent.FellBehind && Encoder.Least < Encoder.Most);
                    isIdrWanted |= isRequest;
                    KeyFrameRequests += isRequest ? 1 : 0;
                }

                TakePicture(ref isIdrWanted);
                nextPicture += TimeSpan.FromSeconds(1 / 30.0);
            }

            Network.RunFor(Instant.Min(Instant.Min(nextPicture, nextSample), end) - Network.Now);
        }

        return this;
    }

    /// <summary>Samples between two moments of the call, in seconds.</summary>
    public IEnumerable<CongestionSample> Between(double from, double to) => Samples.Where(sample => sample.Seconds > from && sample.Seconds <= to);

    /// <summary>Bits per second that passed the bottleneck for the viewer between two moments, with all headers.</summary>
    public double Rate(double from, double to) => Between(from, to).Average(sample => sample.PassedBitrate);

    public static TimeSpan Percentile(IEnumerable<CongestionSample> samples, double percent)
    {
        var ordered = samples.Select(sample => sample.Queue).Order().ToArray();
        return ordered[(int)((ordered.Length - 1) * percent / 100)];
    }

    public string Trace(int every = 5) => string.Join('\n', Samples.Where((_, i) => i % every == every - 1).Select(sample => sample.ToString()));

    public void Dispose()
    {
        _agent.Dispose();
        Viewer.Dispose();
    }

    /// <summary>As the agent's policy: 85 % of the estimate, down at once, up by a quarter a second.</summary>
    private void FollowEstimate()
    {
        var target = Math.Clamp(Peer.Estimate.Bitrate * 0.85, Encoder.Least, Encoder.Most);
        if (_encoderBitrate == 0 || target < _encoderBitrate * 0.97)
            (_encoderBitrate, _risesAt) = (target, _pictures + 30);
        else if (_pictures >= _risesAt && (target > _encoderBitrate * 1.03 || target == Encoder.Most))
            (_encoderBitrate, _risesAt) = (Math.Min(target, _encoderBitrate * 1.25), _pictures + 30);
    }

    private void TakePicture(ref bool isIdrWanted)
    {
        if (_pictures % 6 == 0)
            FollowEstimate();
        var isIdr = isIdrWanted || _pictures % 60 == 0;
        isIdrWanted = false;
        var share = _encoderBitrate / 8 / 30 * 60 / (59 + IdrFactor); // of one common picture
        var size = share * (isIdr ? IdrFactor : 0.8 + (0.4 * _random.NextDouble()));
        _pictures++;
        LargestPicture = Math.Max(LargestPicture, (int)(size * 1.01) + 100); // with parameter sets and fragments' headers
        _agent.SendPicture(Math.Max((int)size, 50), isIdr, Network.Now);
    }

    private void Sample()
    {
        var total = Viewer.Video.Bytes;
        var passed = Link.PassedBytesFrom(s_device);
        Samples.Add(new(
            Seconds, Peer.Estimate, (long)_encoderBitrate, (total - _sentBytes) * 8 * 10, (passed - _passedBytes) * 8 * 10, Link.QueueingDelay(Network.Now), Peer.Congestion, Link.Dropped, Viewer.Video.PictureCount, Peer.PendingBytes));
        (_sentBytes, _passedBytes) = (total, passed);
    }
}
