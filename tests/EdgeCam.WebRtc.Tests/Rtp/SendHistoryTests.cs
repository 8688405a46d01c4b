using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;

namespace EdgeCam.WebRtc.Tests.Rtp;

public sealed class SendHistoryTests
{
    private readonly RtpTestFrames _frames = new();
    private readonly SendHistory _history = new();
    private SequenceNumber _next = new(65500);
    private Instant _now = new(TimeSpan.TicksPerHour);

    [Fact]
    public void Packets_are_found_across_the_wrap_until_their_frame_leaves()
    {
        var first = _next;
        for (var i = 0; i < 10; i++)
            Send(20_000);
        for (var at = first; at != _next; at = at.Next)
            Assert.True(_history.Find(at) >= 0);
        Assert.Equal(-1, _history.Find(_next));
        Assert.Equal(-1, _history.Find(new((ushort)(first.Value - 1))));
        Assert.Equal(10, _frames.Pool.Outstanding);
        _now += SendHistory.MaxAge + TimeSpan.FromTicks(1);
        _history.Expire(_now);
        Assert.Equal((0, 0, 0), (_history.Packets, _history.Bytes, _frames.Pool.Outstanding));
        Assert.Equal(-1, _history.Find(first));
    }

    [Theory]
    [InlineData(250_000, 100)] // bytes
    [InlineData(3_000, 1000)] // frames
    [InlineData(30_000, 300)] // packets
    public void Every_bound_holds_and_the_newest_stay(int frameSize, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Send(frameSize);
            Assert.InRange(_history.Packets, 1, SendHistory.MaxPackets);
            Assert.InRange(_history.Bytes, 1, SendHistory.MaxBytes);
            Assert.InRange(_history.Frames, 1, SendHistory.MaxFrames);
            Assert.Equal(_history.Frames, _frames.Pool.Outstanding);
        }

        Assert.True(_history.Find(new((ushort)(_next.Value - 1))) >= 0);
        _history.Dispose();
        Assert.Equal(0, _frames.Pool.Outstanding);
    }

    [Fact]
    public void Where_packets_are_full_it_is_bytes_that_bound_it()
    {
        for (var i = 0; i < 30; i++)
            Send(100_000);
        Assert.InRange(_history.Bytes, SendHistory.MaxBytes - 102_000, SendHistory.MaxBytes);
        Assert.InRange(_history.Packets, 1500, SendHistory.MaxPackets - 90);
        _history.Dispose();
    }

    [Fact]
    public void A_frame_that_is_still_being_sent_stays_however_old()
    {
        using var unit = _frames.Make(5000, isIdr: false, _now);
        _history.BeginFrame(unit, default, RtpExtensions.None, _next, _now);
        _history.Add(_next, 0, 0, 1, _now);
        _history.Expire(_now + TimeSpan.FromMinutes(1));
        _history.Add(_next.Next, 1, 1, 1, _now + TimeSpan.FromMinutes(1));
        Assert.Equal(2, _history.Packets);
        _history.EndFrame();
        _history.Expire(_now + TimeSpan.FromMinutes(2));
        Assert.Equal(0, _history.Packets);
    }

    private void Send(int size)
    {
        using var unit = _frames.Make(size, isIdr: false, _now);
        _history.BeginFrame(unit, default, RtpExtensions.None, _next, _now);
        _history.Add(_next, 0, 0, unit.Payloads.Length, _now);
        _next = new((ushort)(_next.Value + unit.Payloads.Length));
        _history.EndFrame();
    }
}
