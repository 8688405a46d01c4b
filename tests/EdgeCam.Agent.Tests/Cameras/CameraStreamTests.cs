using EdgeCam.Agent.Cameras;
using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Tests.H264;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>Streams as real cameras send them, from a process's stdout to RTP payloads and back: a decoder sees the same pictures.</summary>
public sealed class CameraStreamTests : IDisposable
{
    private readonly EncodedClip _clip = new();
    private readonly H264Depacketizer _viewer = new();
    private readonly List<Instant> _times = [];

    [Theory]
    [InlineData("", 3)]
    [InlineData("", 4)]
    [InlineData("", 0)]
    [InlineData("aud=1", 4)]
    [InlineData("aud=1:slices=4", 3)]
    [InlineData("slices=7:nal-hrd=vbr:vbv-maxrate=800:vbv-bufsize=800:pic-struct=1", 0)] // SEI with each picture
    [InlineData("repeat-headers=1:intra-refresh=0:filler=1:nal-hrd=cbr:bitrate=500:vbv-maxrate=500:vbv-bufsize=500", 4)] // filler
    public async Task Each_way_to_write_it_gives_the_same_pictures(string x264, int startCode)
    {
        var sent = _clip.Make(x264);
        await ShowAsync(EncodedClip.Join(sent, startCode), pictures: 50);
        Assert.Equal(_clip.Decode(sent), _clip.Decode(_viewer.NalUnits));
    }

    [Fact]
    public async Task Parameter_sets_that_come_only_once_are_repeated_for_viewers_who_come_later()
    {
        var sent = _clip.Make();
        var first = sent.FindIndex(nalUnit => EncodedClip.Type(nalUnit) == EncodedClip.Slice);
        sent = [.. sent.Where((nalUnit, at) => at < first || EncodedClip.Type(nalUnit) is EncodedClip.Slice or EncodedClip.Idr)];
        await ShowAsync(EncodedClip.Join(sent), pictures: 50);
        Assert.Equal(2, _viewer.NalUnits.Count(nalUnit => EncodedClip.Type(nalUnit) == EncodedClip.Sps)); // with each IDR picture
        Assert.Equal(_clip.Decode(sent), _clip.Decode(_viewer.NalUnits));
    }

    [Fact]
    public async Task One_key_frame_for_a_minute_is_enough()
    {
        var sent = _clip.Make("crf=45", seconds: 60, size: "160x120", group: 9999);
        await ShowAsync(EncodedClip.Join(sent), pictures: 1500);
        Assert.Equal(1500, _clip.Decode(_viewer.NalUnits).Length);
    }

    [Fact]
    public async Task Another_size_in_mid_stream_is_told_and_shown()
    {
        byte[][] sent = [.. _clip.Make(seconds: 1), .. _clip.Make(seconds: 1, size: "640x360"), .. _clip.Make(seconds: 1)];
        var rig = await ShowAsync(EncodedClip.Join(sent), pictures: 75);
        Assert.Equal([(320, 240), (640, 360), (320, 240)], rig.Infos.Select(info => (info.Width, info.Height)));
        Assert.Equal(_clip.Decode(sent), _clip.Decode(_viewer.NalUnits));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Damage_ends_with_the_next_key_frame_or_a_named_fault(int seed)
    {
        var good = _clip.Make("slices=2:crf=30", seconds: 1); // its last slice is in none of the bad ones
        var bad = _clip.Make("slices=2", seconds: 2);
        var random = new Random(seed);
        for (var i = 0; i < 30; i++)
        {
            var at = random.Next(8, bad.Count);
            bad[at] = random.Next(3) switch
            {
                0 => bad[at][..random.Next(1, bad[at].Length + 1)], // truncated
                1 => [.. bad[at], .. bad[random.Next(bad.Count)]], // two without a start code between
                _ => Flip(bad[at], random),
            };
        }

        var rig = await ShowAsync(EncodedClip.Join([.. bad, .. good]), pictures: 20, untilLast: good[^1]);
        var lastGroup = _viewer.NalUnits.FindLastIndex(nalUnit => EncodedClip.Type(nalUnit) == EncodedClip.Sps);
        if (rig.States[^1].State == CameraState.Live)
            Assert.Equal(_clip.Decode(good), _clip.Decode(_viewer.NalUnits.Skip(lastGroup)));
        else
            Assert.True(rig.States[^1].Detail.Length > 20, $"{rig.States[^1]}");
    }

    [Fact]
    public async Task Without_a_key_frame_the_camera_is_lost_by_name_until_one_comes()
    {
        var sent = _clip.Make(seconds: 2);
        var second = sent.FindLastIndex(nalUnit => EncodedClip.Type(nalUnit) == EncodedClip.Sps);
        var headless = _clip.Write(EncodedClip.Join(sent.Take(second).Where(nalUnit => EncodedClip.Type(nalUnit) == EncodedClip.Slice)));
        var whole = _clip.Write(EncodedClip.Join(sent.Skip(second)));
        var options = Options($"for i in 1 2 3 4 5 6 7 8 9 10; do cat {headless}; sleep 0.1; done; cat {whole}; sleep 1000");

        // Forty times as fast: what is waited for ten seconds takes a quarter of one.
        static Instant Fast() => new(CameraRig.Now().Ticks * 40);
        await using var rig = new CameraRig(options, create: (rig, pool) => new ProcessSource(
            options, new ExecProgram(options), Fast, rig, new(static () => 0), feed => new H264Output("cam0", feed, pool, Fast, rig)));
        Assert.Equal(PictureFaults.NoKeyFrame, await rig.WaitForState(CameraState.Lost));
        await rig.WaitForState(CameraState.Live);
        await rig.WaitForPictures(25);
        Assert.True(rig.Pictures[0].IsIdr);
        Assert.Equal(1, rig.Logged.Count(id => id == 3005)); // the same process all the time
    }

    public void Dispose() => _clip.Dispose();

    private static CameraOptions Options(string script) => new("cam0", "exec:", Width: 320, Height: 240, Command: ["/bin/sh", "-c", script]);

    private static byte[] Flip(byte[] nalUnit, Random random)
    {
        byte[] flipped = [.. nalUnit];
        for (var i = 0; i < 4; i++)
            flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
        return flipped;
    }

    /// <summary>Runs a camera that writes these bytes, until so many pictures were shown, and the given NAL unit or a fault.</summary>
    private async Task<CameraRig> ShowAsync(byte[] bytes, int pictures, byte[]? untilLast = null)
    {
        Assert.True(bytes.Length < 1024 * 1024, $"{bytes.Length} bytes do not fit the pipe");
        var written = _clip.Write([]) + ".written";
        var isDone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var payload = new byte[RtpLimits.MaxDatagram];
        var rig = new CameraRig(Options($"dd status=none bs=1M if={_clip.Write(bytes)}; echo > {written}; sleep 1000"), onUnit: unit =>
        {
            while (!File.Exists(written)) // or a pause of the busy machine in its midst would look like a picture's end
                Thread.Sleep(1);
            _times.Add(unit.CaptureTime);
            H264Packetizer.Packetize(unit, RtpLimits.MaxPayload);
            foreach (var part in unit.Payloads)
            {
                part.CopyTo(unit.Block, payload);
                _viewer.Add(payload.AsSpan(0, part.Size));
            }

            _viewer.EndPicture();
            if (untilLast is not null && _viewer.NalUnits[^1].AsSpan().SequenceEqual(untilLast))
                isDone.TrySetResult();
        });
        await rig.WaitForPictures(pictures);
        if (untilLast is not null)
            await Task.WhenAny(isDone.Task, rig.WaitForState(CameraState.Refused));
        await rig.DisposeAsync();
        Assert.All(_times.Zip(_times.Skip(1)), pair => Assert.True(pair.First < pair.Second));
        return rig;
    }
}
