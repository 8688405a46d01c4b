using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests;

/// <summary>A device with one core has no time for the collector: a call that stands leaves it nothing to do.</summary>
[Collection(nameof(Alone))]
public sealed class AllocationTests : IDisposable
{
    private static readonly TransportAddress s_device = TransportAddress.FromIPv4(0xC0000201, 50000);
    private static readonly TransportAddress s_browser = TransportAddress.FromIPv4(0xC0000202, 40000);

    private readonly VirtualNetwork _network = new(seed: 21) { Latency = TimeSpan.FromMilliseconds(10) };
    private readonly VirtualAgent _agent;
    private readonly MeteredNode _meter;
    private VirtualViewer? _viewer;
    private long _pictures;

    public AllocationTests()
    {
        _agent = new VirtualAgent(seed: 1, s_device, _network.Now);
        _meter = new MeteredNode(_agent);
        _network.Attach(_meter, s_device);
    }

    public void Dispose()
    {
        _agent.Dispose();
        _viewer?.Dispose();
    }

    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm, true)]
    [InlineData(SrtpProfile.AesCm128HmacSha1Tag80, true)]
    [InlineData(SrtpProfile.AesCm128HmacSha1Tag80, false)]
    [InlineData(SrtpProfile.AeadAes128Gcm, true, "transport-cc")]
    [InlineData(SrtpProfile.AeadAes128Gcm, true, "goog-remb")]
    public void A_thousand_pictures_with_loss_reports_and_consent_allocate_nothing(SrtpProfile profile, bool rtx, string feedback = "")
    {
        _viewer = new VirtualViewer(seed: 2, s_browser, _network.Now, rtx: rtx, profile: profile, keepPictures: false, feedback: feedback);
        _network.Attach(_viewer, s_browser);
        _viewer.HandleAnswer(_agent.Accept(_viewer.Offer, _network.Now)!, _network.Now);
        Assert.True(_network.RunUntil(() => _viewer.IsConnected && _agent.Peer!.IsConnected, TimeSpan.FromSeconds(20)), _viewer.Failure ?? "no connection");
        _network.Loss = 0.02;

        Play(pictures: 1000); // one round of everything: rings, pools, the heartbeat, code that the runtime compiles
        _meter.Reset();
        Play(pictures: 1000);

        Assert.True(_meter.Datagrams > 250, $"{_meter.Datagrams} datagrams came");
        Assert.True(_viewer.Video.Repaired > 50, $"{_viewer.Video.Repaired} repaired");
        Assert.True(_meter.Report().Length == 0, _meter.Report());
    }

    private void Play(int pictures)
    {
        var slice = new byte[9000];
        for (var i = 0; i < pictures; i++)
        {
            _meter.Measure("SendFrame", () => Send(slice, isIdr: i % 60 == 0));
            if (i % 5 == 0)
                _viewer!.ReportReception();
            _network.RunFor(TimeSpan.FromMilliseconds(33));
        }
    }

    private void Send(byte[] slice, bool isIdr)
    {
        using var unit = _agent.Pool.Rent();
        unit.CaptureTime = _network.Now;
        unit.IsIdr = isIdr;
        unit.Number = _pictures++;
        if (isIdr)
        {
            unit.AddNalUnit([0x67, 0x42, 0xE0, 0x1F, 1, 2, 3]);
            unit.AddNalUnit([0x68, 0xCE, 4, 5]);
        }

        slice[0] = isIdr ? (byte)0x65 : (byte)0x41;
        unit.AddNalUnit(slice.AsSpan(0, 1000 + (int)(_pictures * 37 % 8000)));
        H264Packetizer.Packetize(unit, RtpLimits.MaxPayload);
        _agent.Peer!.SendFrame(unit, _network.Now);
    }
}
