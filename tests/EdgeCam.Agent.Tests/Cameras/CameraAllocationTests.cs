using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Streaming;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Cameras;

[Collection(nameof(Alone))]
public sealed class CameraAllocationTests
{
    [Fact]
    public void From_the_camera_s_bytes_to_the_viewers_loops_nothing_is_allocated()
    {
        var clip = File.ReadAllBytes(CameraRig.ShippedClip.FullName);
        var pool = new AccessUnitPool();
        using var reader = new PictureReader(pool);
        var stream = new LiveStream("cam0", () => MonotonicClock.Now);
        var feed = new CameraFeed("cam0", stream, NullLogger.Instance);
        using var inbox = new Inbox();
        stream.Subscribe(inbox);
        Play(15); // until every unit of the pool has carried an IDR picture

        Assert.Equal(0, Allocated.By(() => Play(3)));

        Assert.True(stream.Pictures > 1000, $"{stream.Pictures} pictures");
        stream.OnStateChanged(CameraState.Lost, "the test is over");
        inbox.Dispose();
        Assert.Equal(0, pool.Outstanding);

        void Play(int times)
        {
            for (var i = 0; i < times; i++)
            {
                for (var at = 0; at < clip.Length;)
                {
                    var room = reader.GetMemory(16 * 1024).Span[..(16 * 1024)];
                    var count = Math.Min(room.Length, clip.Length - at);
                    clip.AsSpan(at, count).CopyTo(room);
                    reader.Advance(count, MonotonicClock.Now);
                    at += count;
                    Read();
                }

                reader.Flush();
                Read();
            }
        }

        void Read()
        {
            while (reader.TryRead() is { } unit)
            {
                using (unit)
                    feed.Give(unit, reader);
            }
        }
    }

    [Fact]
    public void From_raw_frames_to_the_viewers_loops_nothing_is_allocated_in_either_stream()
    {
        var pool = new AccessUnitPool();
        var plan = EncoderPlan.From(new("cam0", "rpicam:0", 640, 360, KeyFrameInterval: 5, Encoder: "software"));
        var (main, sub) = (new LiveStream("cam0", () => MonotonicClock.Now), new LiveStream("cam0 (substream)", () => MonotonicClock.Now));
        var control = new EncoderControl(plan.Substream!.Value.Bitrate) { IsWanted = true };
        using var output = new EncoderOutput(plan.Main, new(plan.Main.Bitrate), new("cam0", main, NullLogger.Instance), pool);
        using var smaller = new SubstreamOutput(plan, control, new("cam0 (substream)", sub, NullLogger.Instance), pool);
        Encode(600); // until every unit of the pool has carried an IDR picture

        var rounds = 0;
        Assert.Equal(0, Allocated.By(() =>
        {
            Encode(120);
            rounds++;
        }));

        Assert.Equal((600 + (rounds * 120), 300 + (rounds * 60)), (main.Pictures, sub.Pictures));
        main.OnStateChanged(CameraState.Lost, "the test is over");
        sub.OnStateChanged(CameraState.Lost, "the test is over");
        Assert.Equal(0, pool.Outstanding);

        void Encode(int pictures)
        {
            for (var i = 0; i < pictures; i++)
            {
                MovingPicture.Draw(output.Encoder, 640, 360, i);
                var now = MonotonicClock.Now;
                control.Bitrate = 200_000 + (i * 1000);
                output.Encode(now);
                smaller.Take(output, now);
            }
        }
    }

    /// <summary>Keeps the latest pictures, as a loop of viewers does until they are sent.</summary>
    private sealed class Inbox : IFrameReceiver, IDisposable
    {
        private readonly Queue<AccessUnit> _kept = new(32);

        public void Offer(LiveStream stream, AccessUnit unit)
        {
            if (_kept.Count == 32)
                _kept.Dequeue().Dispose();
            _kept.Enqueue(unit.Retain());
        }

        public void Dispose()
        {
            while (_kept.TryDequeue(out var unit))
                unit.Dispose();
        }
    }
}
