using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Tests.Rtp;

namespace EdgeCam.WebRtc.Tests.Congestion;

/// <summary>Feedback on what took the former path comes after the change, and says nothing of the new one.</summary>
public sealed class PathChangeTests
{
    private static readonly TimeSpan s_spacing = TimeSpan.FromMilliseconds(10);

    private readonly BandwidthEstimator _estimator = new(1_000_000);
    private readonly List<(ushort Number, Instant Arrival)> _arrived = [];
    private Instant _now = new(TimeSpan.TicksPerHour);
    private ushort _sent, _reported;

    [Theory]
    [InlineData(20, 150)]
    [InlineData(150, 20)]
    public void Delays_of_two_paths_are_not_mixed(int before, int after)
    {
        Play(seconds: 1, TimeSpan.FromMilliseconds(before), () => { });
        var bitrate = _estimator.Bitrate;
        _estimator.HandlePathChange(_now);
        Play(seconds: 5, TimeSpan.FromMilliseconds(after), () =>
        {
            Assert.InRange(_estimator.QueueingDelay.TotalMilliseconds, 0, 5);
            Assert.Equal(LinkUsage.Normal, _estimator.Usage);
        });
        Assert.True(_estimator.Bitrate >= bitrate);
        Assert.Equal(0, _estimator.Loss);
    }

    [Fact]
    public void What_the_former_path_lost_does_not_count()
    {
        Play(seconds: 1, TimeSpan.FromMilliseconds(20), () => { });
        for (var i = 0; i < 60; i++) // sent, and the path is dead
            SendOne();
        _now += s_spacing;
        _estimator.HandlePathChange(_now);
        Play(seconds: 4, TimeSpan.FromMilliseconds(20), () => Assert.Equal(0, _estimator.Loss));
    }

    /// <summary>A packet each 10 ms; feedback on all that came, in their order, each 50 ms.</summary>
    private void Play(double seconds, TimeSpan delay, Action check)
    {
        var nextFeedback = _now + TimeSpan.FromMilliseconds(50);
        for (var end = _now + TimeSpan.FromSeconds(seconds); _now < end; _now += s_spacing)
        {
            SendOne();
            _arrived.Add((_sent, _now + delay));
            if (_now < nextFeedback)
                continue;
            nextFeedback = _now + TimeSpan.FromMilliseconds(50);
            GiveFeedback();
            check();
        }
    }

    private void SendOne() => _estimator.HandleSent(new(++_sent), 1000, _now);

    private void GiveFeedback()
    {
        while (_arrived.Count > 0 && _arrived[0].Arrival <= _now)
        {
            // A report ends where the order of arrival does, or where a gap is.
            var (count, first) = (1, _arrived[0]);
            while (count < _arrived.Count && _arrived[count].Arrival <= _now && _arrived[count].Number == first.Number + count && _arrived[count].Arrival >= _arrived[count - 1].Arrival)
                count++;
            Handle(RtcpBytes.TransportFeedback(first.Number, (byte)(first.Number - _reported - 1), [.. _arrived.Take(count).Select(packet => new TimeSpan(packet.Arrival.Ticks))]));
            _reported = (ushort)(first.Number + count - 1);
            _arrived.RemoveRange(0, count);
        }
    }

    private void Handle(byte[] bytes)
    {
        foreach (var packet in new RtcpEnumerator(bytes))
        {
            Assert.True(TransportFeedback.TryParse(packet, out var feedback));
            _estimator.HandleFeedback(feedback, _now);
        }
    }
}
