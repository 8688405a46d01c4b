using System.Diagnostics;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Tests.Cameras.V4l2;

/// <summary>Nodes without H.264: their raw and JPEG pictures, encoded by the agent. libx264 is the real one.</summary>
public sealed class V4l2RawTests : IDisposable
{
    private const int Width = FakeCamera.Width, Height = FakeCamera.Height;

    private static readonly byte[][] s_painted = [.. Enumerable.Range(0, 8).Select(static number => Paint(V4l2PixelFormat.Yuyv, Width * 2, number))];

    private readonly V4l2Rig _rig = new();

    private FakeCamera Camera => _rig.Camera;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Raw_pictures_are_encoded_where_there_is_no_H264()
    {
        Raw();
        await _rig.Run(4);
        Assert.Equal([CameraState.Starting, CameraState.Live], _rig.StateNames);
        Assert.InRange(_rig.Pictures.Count, 98, 100);
        Assert.Equal(new(new(0x42, 0xC0, 13), Width, Height), Assert.Single(_rig.Infos) with { Profile = new(0x42, 0xC0, 13) });
        Assert.Equal([7, 8, 5], _rig.Pictures[0].NalTypes.Where(type => type != 6));
        Assert.Equal([0, 25, 50, 75], _rig.Pictures.Where(picture => picture.IsIdr).Select(picture => picture.Number));
        Assert.All(_rig.Pictures, picture => Assert.Equal(0.007, picture.At - picture.CapturedAt, 5)); // the driver's time
        Assert.Equal(1, _rig.Log.Count("reads /dev/video20 (Test camera, driver uvcvideo): YUYV (its only format, without H.264), 320x240, 25 a second, 4 buffers; the agent encodes"));
        Assert.Equal(1, _rig.Log.Count("Camera cam0: encoded by libx264: no /dev/video* takes raw pictures and gives H.264"));
    }

    [Theory]
    [InlineData("YU12", 1, 0)]
    [InlineData("NV12", 1, 0)]
    [InlineData("NV12", 1, 384)]
    [InlineData("YUYV", 2, 0)]
    [InlineData("UYVY", 2, 704)]
    public async Task What_is_in_the_picture_is_seen_by_viewers(string letters, int bytesOfSample, int stride)
    {
        var fourCc = (uint)(letters[0] | (letters[1] << 8) | (letters[2] << 16) | (letters[3] << 24));
        var row = stride == 0 ? Width * bytesOfSample : stride;
        Camera.Formats = [new(fourCc, "")];
        Camera.Format = (code, _, _) => new(code, Width, Height, 100_000) { Stride = stride };
        Camera.Encode = number => Paint(fourCc, row, number);
        await _rig.Run(1);
        var decoded = await DecodeAsync(_rig.Stream.ToArray());
        for (var i = 0; i < _rig.Pictures.Count; i++)
            Assert.Equal(i, MovingPicture.Read(decoded.AsSpan(i * Width * Height * 3 / 2), Width));
        Assert.InRange(decoded[(Width * Height) + 3000], 107, 113);
        Assert.InRange(decoded[(Width * Height * 5 / 4) + 3000], 147, 153);
    }

    [Fact]
    public async Task JPEG_pictures_are_decoded_and_encoded_with_what_their_samples_mean()
    {
        var pictures = await JpegsAsync("yuvj422p");
        Camera.Formats = [new(V4l2PixelFormat.MotionJpeg, "Motion-JPEG")];
        Camera.Encode = number => pictures[number % pictures.Count];
        await _rig.Run(2);
        Assert.Equal([CameraState.Starting, CameraState.Live], _rig.StateNames);
        Assert.InRange(_rig.Pictures.Count, 48, 50);
        Assert.Equal(1, _rig.Log.Count("MJPG (its only format, without H.264)"));
        var description = await ProbeAsync(_rig.Stream.ToArray());
        Assert.Contains("yuvj420p(pc, smpte170m", description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JPEG_pictures_that_are_none_are_counted_and_when_all_are_named()
    {
        var pictures = await JpegsAsync("yuvj420p");
        Camera.Formats = [new(V4l2PixelFormat.MotionJpeg, "Motion-JPEG")];
        Camera.Encode = number => number % 10 == 5 ? [1, 2, 3, 4] : pictures[number % pictures.Count];
        Camera.At(4, () => Camera.Encode = static _ => new byte[500]);
        await _rig.Run(10);
        Assert.Equal([CameraState.Starting, CameraState.Live], _rig.StateNames.Take(2));
        Assert.InRange(_rig.Pictures.Count, 85, 92);
        Assert.True(_rig.Drops[Stage.Capture, DropReason.Damaged] >= 110);
        Assert.Contains("What /dev/video20 gives as MJPG are no such pictures (", Assert.Single(_rig.States, told => told.State == CameraState.Refused).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pictures_of_another_size_than_the_driver_says_are_refused()
    {
        var pictures = await JpegsAsync("yuvj420p");
        Camera.Formats = [new(V4l2PixelFormat.MotionJpeg, "Motion-JPEG")];
        Camera.Format = static (code, _, _) => new(code, 640, 480, 100_000);
        Camera.Encode = number => pictures[number % pictures.Count];
        await _rig.Run(6);
        Assert.Contains("it has 320x240 where the driver says 640x480", Assert.Single(_rig.States, told => told.State == CameraState.Refused).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pictures_that_are_too_short_are_dropped_and_counted()
    {
        Raw();
        Camera.Change = frame => frame.Sequence == 30 ? frame with { Length = 1000 } : frame;
        await _rig.Run(2);
        Assert.Equal(1, _rig.Drops[Stage.Capture, DropReason.Damaged]);
        Assert.InRange(_rig.Pictures.Count, 47, 49);
    }

    [Fact]
    public async Task Of_pictures_that_wait_only_the_last_one_is_encoded()
    {
        Raw();
        Camera.Burst = 3;
        await _rig.Run(2);
        Assert.InRange(_rig.Pictures.Count, 48, 50);
        Assert.Equal(2 * _rig.Pictures.Count, _rig.Drops[Stage.Capture, DropReason.EncoderLate]);
        Assert.Equal(0, _rig.Drops[Stage.Capture, DropReason.Missed]);
    }

    [Theory]
    [InlineData(10, 38, 43)]
    [InlineData(20, 74, 85)]
    [InlineData(24, 98, 100)] // its clock is a little fast: that is not worth a gap
    public async Task Of_a_camera_faster_than_it_was_asked_to_be_pictures_are_left_out(int rate, int least, int most)
    {
        Raw();
        await _rig.Run(4, V4l2Rig.Options() with { FrameRate = rate });
        Assert.InRange(_rig.Pictures.Count, least, most);
        Assert.Equal(0, _rig.Drops[Stage.Capture, DropReason.EncoderLate]);
    }

    [Fact]
    public async Task What_the_board_s_encoder_cannot_do_is_not_promised()
    {
        Raw();
        var board = Camera.Encoders["/dev/video11"] = new(Camera) { Locked = { V4l2Control.Bitrate } };
        Camera.At(1.01, () => board.Failing[V4l2Calls.SetControl] = V4l2Exception.Busy);
        Camera.At(1.01, () => Assert.True(!_rig.Source!.HasLiveBitrate && _rig.Source.RequestKeyFrame()));
        Camera.At(2, () => Assert.False(_rig.Source!.RequestKeyFrame()));
        await _rig.Run(3);
        Assert.Equal([CameraState.Starting, CameraState.Live], _rig.StateNames);
    }

    [Fact]
    public async Task Bitrate_and_key_frames_follow_what_is_asked_for()
    {
        Raw();
        Camera.At(2, () =>
        {
            Assert.True(_rig.Source!.HasLiveBitrate);
            _rig.Source.SetBitrate(150_000);
        });
        Camera.At(4.01, () => Assert.True(_rig.Source!.RequestKeyFrame()));
        await _rig.Run(5, V4l2Rig.Options() with { Bitrate = 2_000_000, KeyFrameInterval = 600 });
        Assert.InRange(_rig.BitsBetween(2.5, 4), 0.3 * 150_000, 1.9 * 150_000); // 1.5 s
        Assert.InRange(_rig.BitsBetween(0.5, 2), 1_200_000, 3_300_000);
        Assert.Equal([0, 100], _rig.Pictures.Where(picture => picture.IsIdr).Select(picture => picture.Number));
    }

    [Fact]
    public async Task From_4_Mbit_s_to_a_half_and_back_within_a_second_with_twenty_key_frames_on_request_and_no_restart()
    {
        Raw();
        Camera.At(3, () => _rig.Source!.SetBitrate(500_000));
        Camera.At(6, () => _rig.Source!.SetBitrate(4_000_000));
        List<int> asked = [];
        for (var i = 0; i < 20; i++)
        {
            Camera.At(10.01 + (i * 0.4), () =>
            {
                asked.Add(_rig.Pictures.Count);
                Assert.True(_rig.Source!.RequestKeyFrame());
            });
        }

        await _rig.Run(19, V4l2Rig.Options() with { Bitrate = 4_000_000, KeyFrameInterval = 600, Profile = "main" });
        Assert.InRange(_rig.BitsBetween(1, 3), 2 * 2_500_000, 2 * 4_400_000);
        Assert.InRange(_rig.BitsBetween(4, 6), 2 * 300_000, 2 * 550_000);
        Assert.InRange(_rig.BitsBetween(7, 9), 2 * 2_500_000, 2 * 4_400_000);
        Assert.Equal([0, .. asked], _rig.Pictures.Where(picture => picture.IsIdr).Select(picture => (int)picture.Number));
        Assert.Equal((1, 77), (Camera.Opened, Assert.Single(_rig.Infos).Profile.ProfileIdc));
        Assert.Equal([CameraState.Starting, CameraState.Live], _rig.StateNames); // B-frames would be refused
    }

    [Fact]
    public async Task A_substream_is_there_only_while_the_agent_encodes()
    {
        Raw();
        Assert.Equal((true, false), await SubstreamAsync());
        Camera.Formats = [new(V4l2PixelFormat.H264, "")];
        Camera.Encode = null;
        Assert.Equal((false, false), await SubstreamAsync());

        async Task<(bool While, bool After)> SubstreamAsync()
        {
            var given = false;
            using var rig = new V4l2Rig(Camera);
            Camera.At((Camera.Now - FakeCamera.Beginning).TotalSeconds + 1, () => given = rig.Source!.GivesSubstream);
            await rig.Run(2);
            return (given, rig.Source!.GivesSubstream);
        }
    }

    [Fact]
    public async Task A_camera_that_is_lost_is_said_to_be_lost_before_it_gives_no_substream()
    {
        Raw();
        List<(CameraState State, bool Given)> told = [];
        _rig.OnState = state => told.Add((state, _rig.Source!.GivesSubstream));
        Camera.At(1, () => (Camera.IsThere, Camera.IsGone) = (false, true));
        await _rig.Run(3);
        Assert.Equal([(CameraState.Live, true), (CameraState.Lost, true)], told.Where(now => now.State != CameraState.Starting).Take(2));
        Assert.False(_rig.Source!.GivesSubstream);
    }

    [Fact]
    public async Task A_raw_camera_that_is_pulled_out_twenty_times_is_back_each_time_and_leaves_nothing_open()
    {
        Raw();
        Camera.Encoders["/dev/video11"] = new(Camera);
        for (var i = 0; i < 20; i++)
        {
            Camera.At(1 + (i * 4), () => (Camera.IsThere, Camera.IsGone) = (false, true));
            Camera.At(3 + (i * 4), () => (Camera.IsThere, Camera.IsGone) = (true, false));
        }

        await _rig.Run(82);
        for (var i = 0; i < 20; i++)
            Assert.InRange(_rig.FirstPictureAfter(3 + (i * 4)), 0, 0.6);
        Assert.Equal(21, Camera.Opened);
        Assert.Equal(0, Camera.Encoders["/dev/video11"].IsOpen);
        Assert.Equal(1, _rig.Log.Count("encoded by")); // the same each time
    }

    [Fact]
    public async Task The_board_s_encoder_comes_before_libx264()
    {
        Raw();
        var board = Camera.Encoders["/dev/video11"] = new(Camera);
        await _rig.Run(2);
        Assert.Equal(1, _rig.Log.Count("Camera cam0: encoded by /dev/video11 (Board encoder, driver fake-codec): takes YU12 in its own buffers"));
        Assert.InRange(_rig.Pictures.Count, 48, 50);
        Assert.Equal(_rig.Pictures.Count, board.GivenCount);
        Assert.Equal(0, board.IsOpen);
    }

    [Fact]
    public async Task A_board_s_encoder_that_is_not_to_be_had_is_named_and_libx264_taken()
    {
        Raw();
        Camera.Encoders["/dev/video11"] = new(Camera) { Failing = { [V4l2Calls.RequestBuffers] = V4l2Exception.NoMemory } };
        await _rig.Run(1);
        Assert.Equal(1, _rig.Log.Count("encoded by libx264: The encoder /dev/video11 cannot be used: VIDIOC_REQBUFS failed"));
        Assert.Equal(CameraState.Live, _rig.States[^1].State);
    }

    [Fact]
    public async Task A_board_s_encoder_that_fails_at_work_is_replaced_by_libx264()
    {
        Raw();
        var board = Camera.Encoders["/dev/video11"] = new(Camera);
        Camera.At(2, () => board.IsStuck = true);
        await _rig.Run(12);
        Assert.Contains("/dev/video11 fails", Assert.Single(_rig.States, told => told.State == CameraState.Lost).Detail, StringComparison.Ordinal);
        Assert.Equal(CameraState.Live, _rig.States[^1].State);
        Assert.Equal(1, _rig.Log.Count("encoded by libx264: The encoder /dev/video11 fails"));
    }

    [Theory]
    [InlineData("hardware", null, "Encoder \"hardware\" cannot be had: no /dev/video* takes raw pictures and gives H.264.")]
    [InlineData("hardware", "/dev/video31", "Encoder \"hardware\" cannot be had: /dev/video31: open failed")]
    public async Task Who_asks_for_hardware_that_is_not_there_is_told(string encoder, string? node, string words)
    {
        Raw();
        await _rig.Run(1, V4l2Rig.Options() with { Encoder = encoder, EncoderNode = node });
        Assert.StartsWith(words, Assert.Single(_rig.States, told => told.State == CameraState.Refused).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_operator_s_choice_of_encoder_is_kept_to()
    {
        Raw();
        Camera.Formats.Add(new(V4l2PixelFormat.H264, "H.264"));
        Camera.Encoders["/dev/video11"] = new(Camera);
        await _rig.Run(1, V4l2Rig.Options() with { Encoder = "software" });
        Assert.Equal(1, _rig.Log.Count("YUYV (of YUYV H264, as encoder is \"software\")"));
        Assert.Equal(1, _rig.Log.Count("encoded by libx264: encoder is \"software\""));
    }

    [Fact]
    public async Task A_node_s_own_bitrate_control_follows_viewers()
    {
        Camera.Controls[V4l2Control.Bitrate] = new(200_000, 3_000_000);
        Camera.At(1, () => Assert.True(_rig.Source!.HasLiveBitrate));
        Camera.At(1, () => _rig.Source!.SetBitrate(100_000));
        Camera.At(2, () => _rig.Source!.SetBitrate(900_000));
        Camera.At(3, () => Camera.Refused[V4l2Control.Bitrate] = "");
        Camera.At(3, () => _rig.Source!.SetBitrate(800_000));
        Camera.At(4, () => Assert.False(_rig.Source!.HasLiveBitrate));
        await _rig.Run(5);
        Assert.Equal([2_000_000, 200_000, 900_000], Camera.Set.Where(set => set.Id == V4l2Control.Bitrate).Select(set => set.Value));
        Assert.Equal([CameraState.Starting, CameraState.Live], _rig.StateNames);
    }

    [Fact]
    public async Task The_operator_s_controls_are_set_each_time_in_their_order()
    {
        Camera.Infos.Add(new(0x9A0901, V4l2ControlKind.Menu, "Auto Exposure", 0, 3, 1, 3, 0) { Menu = [(1, "Manual Mode"), (3, "Aperture Priority Mode")] });
        Camera.Infos.Add(new(0x98_0900, V4l2ControlKind.Number, "Brightness", 0, 255, 1, 128, 0));
        await _rig.Run(1, V4l2Rig.Options() with { Controls = ["auto_exposure=1", "brightness=140", "contrast=3", "brightness=300"] });
        Assert.Equal([(0x9A0901u, 1), (0x98_0900u, 140)], Camera.Set);
        Assert.Equal(1, _rig.Log.Count("of its controls not set: contrast (it has none such), brightness (brightness is a whole number from 0 to 255)"));
    }

    private void Raw()
    {
        Camera.Formats = [new(V4l2PixelFormat.Yuyv, "YUYV 4:2:2")];
        Camera.Encode = static number => s_painted[number % s_painted.Length];
    }

    private static byte[] Paint(uint fourCc, int stride, int number)
    {
        using var canvas = new Canvas(Width, Height);
        MovingPicture.Draw(canvas, Width, Height, number);
        var isPacked = fourCc is V4l2PixelFormat.Yuyv or V4l2PixelFormat.Uyvy;
        var bytes = new byte[isPacked ? stride * Height : stride * Height * 3 / 2];
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var chroma = (byte)(x % 2 == 0 ? 110 : 150);
                if (!isPacked)
                    bytes[(y * stride) + x] = canvas.Luma[(y * Width) + x];
                else if (fourCc == V4l2PixelFormat.Yuyv)
                    (bytes[(y * stride) + (2 * x)], bytes[(y * stride) + (2 * x) + 1]) = (canvas.Luma[(y * Width) + x], chroma);
                else
                    (bytes[(y * stride) + (2 * x)], bytes[(y * stride) + (2 * x) + 1]) = (chroma, canvas.Luma[(y * Width) + x]);
            }
        }

        for (var i = stride * Height; i < bytes.Length; i++)
            bytes[i] = (byte)(fourCc == V4l2PixelFormat.Nv12 ? i % 2 == 0 ? 110 : 150 : i < stride * Height * 5 / 4 ? 110 : 150);
        return bytes;
    }

    private static async Task<List<byte[]>> JpegsAsync(string format)
    {
        var all = await PipeAsync($"-f lavfi -i testsrc2=size={Width}x{Height}:rate=25 -frames:v 5 -pix_fmt {format} -strict unofficial -c:v mjpeg -q:v 4 -f mjpeg -", []);
        List<byte[]> pictures = [];
        for (var at = 0; at < all.Length;)
        {
            var end = all.AsSpan(at + 2).IndexOf([(byte)0xFF, (byte)0xD8, (byte)0xFF]) is var next and >= 0 ? at + 2 + next : all.Length;
            pictures.Add(all[at..end]);
            at = end;
        }

        Assert.Equal(5, pictures.Count);
        return pictures;
    }

    private static Task<byte[]> DecodeAsync(byte[] stream) => PipeAsync("-f h264 -i - -f rawvideo -pix_fmt yuv420p -", stream);

    private static async Task<string> ProbeAsync(byte[] stream)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, stream);
        using var probe = Process.Start(new ProcessStartInfo("ffmpeg", ["-hide_banner", "-f", "h264", "-i", file]) { RedirectStandardError = true })!;
        var words = await probe.StandardError.ReadToEndAsync().WaitAsync(CameraRig.Patience);
        File.Delete(file);
        return words;
    }

    private static async Task<byte[]> PipeAsync(string arguments, byte[] input)
    {
        using var program = Process.Start(new ProcessStartInfo("ffmpeg", $"-v error {arguments}") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        using var output = new MemoryStream();
        var reading = program.StandardOutput.BaseStream.CopyToAsync(output);
        await program.StandardInput.BaseStream.WriteAsync(input);
        program.StandardInput.Close();
        await reading.WaitAsync(CameraRig.Patience);
        return output.ToArray();
    }

    /// <summary>A picture to paint on.</summary>
    private sealed class Canvas(int width, int height) : IPictureEncoder
    {
        private readonly byte[] _chroma = new byte[width * height / 4];

        public byte[] Luma { get; } = new byte[width * height];

        public long Bitrate => 0;

        public void Begin()
        {
        }

        public Span<byte> Plane(int plane, out int stride)
        {
            stride = plane == 0 ? width : width / 2;
            return plane == 0 ? Luma : _chroma;
        }

        public void SetBitrate(long bitsPerSecond)
        {
        }

        public void Encode(WebRtc.Primitives.Instant captureTime, bool isIdrWanted)
        {
        }

        public bool TryTake(out ReadOnlySpan<byte> unit, out WebRtc.Primitives.Instant captureTime)
        {
            unit = default;
            captureTime = default;
            return false;
        }

        public void Dispose()
        {
        }
    }
}
