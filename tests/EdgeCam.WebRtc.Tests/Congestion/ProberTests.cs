using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests.Congestion;

/// <summary>When it is tried again whether the path carries more.</summary>
public sealed class ProberTests
{
    private const long Estimate = 3_000_000;
    private const int DatagramSize = 1200;

    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(50);

    private readonly Prober _prober = new();
    private Instant _now = new(TimeSpan.TicksPerHour);
    private byte _cluster;

    public ProberTests()
    {
        _prober.Restart(_now);
        for (var i = 0; i < 8; i++)
            FailNext();
    }

    [Theory]
    [InlineData(false, 5, 7)] // a queue was met: the path is the same
    [InlineData(true, 2, 4)]
    public void Failures_on_what_was_another_capacity_do_not_hold_the_next_attempts_back(bool isOther, double least, double most)
    {
        _prober.HandleDecrease(isOther, _now);
        FailNext();
        Assert.InRange(FailNext(), least, most);
    }

    [Theory]
    [InlineData(0.5, 5, 7)]
    [InlineData(1, 0.5, 1.5)]
    public void After_a_success_that_traffic_bore_out_a_failure_is_followed_by_another_attempt_soon(double used, double least, double most)
    {
        SucceedNext();
        SendNext((long)(2 * Estimate * used));
        Fail();
        Assert.InRange(SendNext(), least, most);
    }

    /// <summary>Seconds until a cluster began, of which nothing came back.</summary>
    private double FailNext()
    {
        var waited = SendNext();
        Fail();
        return waited;
    }

    private void Fail()
    {
        for (var end = _now + TimeSpan.FromSeconds(1); _now < end;)
            Update();
    }

    private void SucceedNext()
    {
        SendNext();
        for (var (i, at) = (0, _now.Ticks); i < 20; i++, at += TimeSpan.TicksPerMillisecond)
            _prober.HandleReceived(new() { Probe = _cluster, Size = DatagramSize, SentAt = at }, at);
        Assert.True(_prober.TryTakeResult(_now.Ticks, Estimate, _now, out _));
    }

    /// <summary>Seconds until a cluster began; then all of it is sent.</summary>
    private double SendNext(long? received = null)
    {
        var (from, started) = (_now, _prober.Started);
        while (_prober.Started == started)
            Update(received);
        var waited = (_now - from).TotalSeconds;
        _cluster = _prober.Current;
        while (_prober.IsSending)
            _prober.HandleSent(DatagramSize, _now);
        return waited;
    }

    private void Update(long? received = null)
    {
        _now += s_step;
        _prober.Update(Estimate, 2 * Estimate, received ?? Estimate, isClear: true, isGrowing: false, isNarrow: false, TimeSpan.FromMilliseconds(20), _now);
    }
}
