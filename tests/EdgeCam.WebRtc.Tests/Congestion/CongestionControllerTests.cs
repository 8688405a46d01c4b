using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Tests.Rtp;

namespace EdgeCam.WebRtc.Tests.Congestion;

/// <summary>The controller by itself: what silence does, and what a probe does not.</summary>
public sealed class CongestionControllerTests
{
    private const long Rate = 4_000_000;

    private static readonly TimeSpan s_spacing = TimeSpan.FromMilliseconds(20);

    private readonly CongestionController _controller;
    private Instant _now = new(TimeSpan.TicksPerHour);
    private ushort _sent;

    public CongestionControllerTests()
    {
        _controller = new(FeedbackKind.Transport, _now);
        _controller.Start(new(Rate, IsLimit: true), isLocal: false, TimeSpan.FromMilliseconds(20), _now);
    }

    [Fact]
    public void Silence_brings_the_rate_down_and_is_over_with_the_first_feedback()
    {
        Send(seconds: 0.9);
        Assert.False(_controller.Estimate.IsSilent);
        Send(seconds: 5);
        Assert.True(_controller.Estimate is { IsSilent: true, Bitrate: < Rate / 3 });
        HandleFeedback();
        Assert.False(_controller.Estimate.IsSilent);
    }

    [Fact]
    public void While_nothing_is_sent_silence_says_nothing()
    {
        const long AfterOneStep = (long)(Rate * 0.8);
        Send(seconds: 0.9);
        Wait(seconds: 20);
        Assert.Equal(AfterOneStep, _controller.Bitrate);
        Send(seconds: 0.9); // what was sent before is not waited for any more
        Assert.Equal(AfterOneStep, _controller.Bitrate);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_suspension_is_no_silence(bool isSentFirst)
    {
        Send(seconds: 0.9);
        _now += TimeSpan.FromSeconds(30);
        if (isSentFirst)
            SendOne();
        HandleTimeouts();
        SendOne();
        HandleTimeouts();
        Assert.Equal(Rate, _controller.Bitrate);
    }

    [Fact]
    public void What_comes_late_costs_one_step()
    {
        Send(seconds: 0.9);
        for (var end = _now + TimeSpan.FromSeconds(4); _now < end; _now += s_spacing)
            SendOne(); // and nobody looks at the time
        HandleTimeouts();
        Assert.Equal((long)(Rate * 0.8), _controller.Bitrate);
    }

    [Fact]
    public void A_probe_does_not_raise_what_may_wait()
    {
        var limit = _controller.QueueLimit;
        Assert.Equal(Rate / 8 / 4, limit);
        Assert.True(_controller.Available(_now) > 0);
        Assert.True(_controller.WantsPadding && _controller.PacingBitrate > Rate);
        Assert.Equal(limit, _controller.QueueLimit);
        Assert.True(_controller.CanCarry(limit - 1000, 1000));
        Assert.False(_controller.CanCarry(limit, 1000));
    }

    private void Send(double seconds)
    {
        for (var end = _now + TimeSpan.FromSeconds(seconds); _now < end; _now += s_spacing)
        {
            SendOne();
            HandleTimeouts();
        }
    }

    private void Wait(double seconds)
    {
        for (var end = _now + TimeSpan.FromSeconds(seconds); _now < end; _now += s_spacing)
            HandleTimeouts();
    }

    private void SendOne()
    {
        _controller.HandleSent(new(++_sent), 1200, _now);
        _controller.Spend(1200, isPadding: false, _now);
    }

    private void HandleTimeouts()
    {
        for (var i = 0; i < 100 && _controller.NextTimeout <= _now; i++)
            _controller.HandleTimeout(_now);
    }

    private void HandleFeedback()
    {
        foreach (var packet in new RtcpEnumerator(RtcpBytes.TransportFeedback(_sent, lost: 0, TimeSpan.FromSeconds(1))))
        {
            Assert.True(TransportFeedback.TryParse(packet, out var feedback));
            _controller.HandleFeedback(feedback, _now);
        }
    }
}
