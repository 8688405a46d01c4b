using System.Diagnostics;
using EdgeCam.Sims.Camera;
using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Cameras;

public sealed class SimulatedCameraTests
{
    [Theory]
    [InlineData("baseline", "42c0", "4", 40)]
    [InlineData("main", "4d40", "4.2", 42)]
    public async Task The_stream_is_what_the_command_line_asked_for(string profile, string profileId, string level, byte levelId)
    {
        var stream = await Run($"--width 320 --height 240 --intra 10 --inline --profile {profile} --level {level} --bitrate 300kbps --frames 25 --unpaced");
        using var assembler = new AccessUnitAssembler(new AccessUnitPool());
        var units = Split(stream, assembler);

        var sps = assembler.SequenceParameterSet!;
        Assert.Equal((320, 240), (sps.Width, sps.Height));
        Assert.StartsWith(profileId, sps.ProfileLevelId.ToString(), StringComparison.Ordinal);
        Assert.Equal(levelId, sps.ProfileLevelId.LevelIdc);
        Assert.Equal(25, units.Count);
        Assert.Equal([0, 10, 20], Enumerable.Range(0, 25).Where(i => units[i].IsIdr));
        Assert.All(units, unit => Assert.Equal(unit.IsIdr ? 3 : 1, unit.NalTypes.Length)); // SPS, PPS and one slice: no SEI, no B-frame's delay
    }

    [Fact]
    public async Task The_frame_code_survives_encoding()
    {
        var stream = await Run("--width 640 --height 360 --intra 30 --inline --bitrate 250kbps --frames 12 --unpaced --name cam7 --seed 5");
        var decoded = await Decode(stream);

        Assert.Equal(12 * 640 * 360 * 3 / 2, decoded.Length);
        var first = 0L;
        for (var i = 0; i < 12; i++)
        {
            Assert.True(FrameCode.TryRead(decoded.AsSpan(i * 640 * 360 * 3 / 2, 640 * 360), 640, 360, out var code), $"frame {i}");
            Assert.Equal(((uint)i, FrameCode.CameraOf("cam7")), (code.Frame, code.Camera));
            first = i == 0 ? code.CaptureTimeMs : first;
            Assert.InRange(code.CaptureTimeMs - first, (i * 1000 / 30) - 1, (i * 1000 / 30) + 1);
        }
    }

    [Fact]
    public void A_damaged_frame_code_is_not_read()
    {
        var picture = new EdgeCam.Sims.Camera.Picture(320, 240);
        picture.Bytes.Fill(128);
        Assert.False(FrameCode.TryRead(picture.Luma, 320, 240, out _));
        var code = new FrameCode(7, 0xDEADBEEF, 1_800_000_000_123);
        code.Draw(picture);
        Assert.True(FrameCode.TryRead(picture.Luma, 320, 240, out var read));
        Assert.Equal(code, read);

        var cell = (30 * 320 / FrameCode.Cells) + (238 * 320);
        picture.Luma.Slice(cell, 3).Fill((byte)(picture.Luma[cell + 1] > 128 ? 16 : 235)); // one cell turned over
        picture.Luma.Slice(cell + 320, 3).Fill(picture.Luma[cell + 1]);
        Assert.False(FrameCode.TryRead(picture.Luma, 320, 240, out _));
    }

    [Fact]
    public async Task Raw_frames_have_their_full_size()
    {
        var frames = await Run("--codec yuv420 --width 320 --height 240 --frames 2 --unpaced");
        Assert.Equal(2 * 320 * 240 * 3 / 2, frames.Length);
        Assert.True(FrameCode.TryRead(frames.AsSpan(320 * 240 * 3 / 2, 320 * 240), 320, 240, out var code));
        Assert.Equal(1u, code.Frame);
    }

    [Theory]
    [InlineData("--no-such-option 1", "unrecognised option '--no-such-option'")]
    [InlineData("--codec mjpeg", "unrecognised codec mjpeg")]
    [InlineData("--width wide", "the argument ('wide') for option '--width' is invalid")]
    [InlineData("--width 641", "width and height must be even")]
    [InlineData("--framerate", "the required argument for option '--framerate' is missing")]
    public void A_wrong_option_is_refused_as_rpicam_vid_does(string line, string words)
    {
        var mistake = Assert.Throws<FormatException>(() => CameraArguments.Parse(line.Split(' ')));
        Assert.Contains(words, mistake.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-t 0 -b 2mbps -g 30 -n -o -", 0, 2_000_000, 30)]
    [InlineData("-t10s --bitrate=1500kbps --intra=15 --inline=0 --hflip --awb auto --camera 1", 10_000, 1_500_000, 15)]
    [InlineData("--timeout 250ms --bitrate 800000 --inline 1 --libav-format h264 --denoise cdn_off", 250, 800_000, 60)]
    public void Rpicam_vids_ways_to_write_an_option_are_understood(string line, int milliseconds, long bitrate, int intra)
    {
        var arguments = CameraArguments.Parse(line.Split(' '));
        Assert.Equal((milliseconds, bitrate, intra), (arguments.Timeout.TotalMilliseconds, arguments.Bitrate, arguments.Intra));
    }

    [Fact]
    public async Task The_camera_ends_when_nobody_reads_any_more()
    {
        using var camera = Start("camera --width 320 --height 240 --inline -t 0 -o - --verbose=0");
        var buffer = new byte[1000];
        Assert.True(await camera.StandardOutput.BaseStream.ReadAsync(buffer) > 0);
        camera.StandardOutput.Close();
        using var patience = new CancellationTokenSource(CameraRig.Patience);
        await camera.WaitForExitAsync(patience.Token);
        Assert.NotEqual(0, camera.ExitCode);
    }

    private static List<(bool IsIdr, byte[] NalTypes)> Split(byte[] stream, AccessUnitAssembler assembler)
    {
        var reader = new AnnexBReader();
        var units = new List<(bool, byte[])>();
        reader.Append(stream);
        reader.Flush();
        while (reader.TryReadNalUnit(out var nalUnit))
            Take(assembler.Add(nalUnit, default));
        Take(assembler.Flush());
        return units;

        void Take(AccessUnit? unit)
        {
            if (unit is null)
                return;
            units.Add((unit.IsIdr, [.. unit.NalUnits.ToArray().Select(nal => (byte)(unit.Block[nal.Offset] & 0x1F))]));
            unit.Dispose();
        }
    }

    private static Process Start(string arguments) => Process.Start(new ProcessStartInfo(CameraRig.Sims, arguments) { RedirectStandardOutput = true })!;

    private static async Task<byte[]> Run(string arguments)
    {
        using var camera = Start($"camera {arguments} -t 0 -o - --verbose=0");
        return await Output(camera);
    }

    private static async Task<byte[]> Decode(byte[] stream)
    {
        var start = new ProcessStartInfo("ffmpeg", "-v error -f h264 -i - -f rawvideo -pix_fmt yuv420p -") { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var decoder = Process.Start(start)!;
        var output = Output(decoder);
        await decoder.StandardInput.BaseStream.WriteAsync(stream);
        decoder.StandardInput.Close();
        return await output;
    }

    private static async Task<byte[]> Output(Process process)
    {
        using var bytes = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(bytes).WaitAsync(CameraRig.Patience);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return bytes.ToArray();
    }
}
