using System.Diagnostics;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.Interop;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>The real libavcodec: whole access units at once, bitrate and IDR pictures as they are asked for, and no use of an unknown layout.</summary>
public sealed class H264EncoderTests(ITestOutputHelper output)
{
    private static readonly EncoderSettings s_settings = new(640, 360, FrameRate: 30, Bitrate: 1_000_000, KeyFrameInterval: 300);

    [Fact]
    public async Task Each_picture_comes_out_at_once_and_all_can_be_decoded()
    {
        using var encoder = H264Encoder.Open(AvLibrary.Load(), s_settings);
        using var stream = new MemoryStream();
        for (var i = 0; i < 60; i++)
        {
            MovingPicture.Draw(encoder, 640, 360, i);
            stream.Write(encoder.Encode(isIdrWanted: false));
            Assert.Equal((i, i == 0), (encoder.Number, encoder.IsIdr));
        }

        var start = new ProcessStartInfo("ffmpeg", "-v error -f h264 -i - -f rawvideo -pix_fmt yuv420p -") { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var decoder = Process.Start(start)!;
        using var decoded = new MemoryStream();
        var reading = decoder.StandardOutput.BaseStream.CopyToAsync(decoded);
        await decoder.StandardInput.BaseStream.WriteAsync(stream.ToArray());
        decoder.StandardInput.Close();
        await reading.WaitAsync(CameraRig.Patience);
        Assert.Equal(60 * 640 * 360 * 3 / 2, decoded.Length);
        for (var i = 0; i < 60; i++)
            Assert.Equal(i, MovingPicture.Read(decoded.GetBuffer().AsSpan(i * 640 * 360 * 3 / 2, 640 * 360), 640));
    }

    [Fact]
    public void An_IDR_picture_comes_at_once_where_it_is_asked_for_with_its_parameter_sets()
    {
        using var encoder = H264Encoder.Open(AvLibrary.Load(), s_settings);
        for (var i = 0; i < 100; i++)
        {
            MovingPicture.Draw(encoder, 640, 360, i);
            var unit = encoder.Encode(isIdrWanted: i is 7 or 8 or 70);
            Assert.Equal(i is 0 or 7 or 8 or 70, encoder.IsIdr);
            if (encoder.IsIdr)
                Assert.Equal([7, 8], NalTypes(unit).Where(type => type is 7 or 8));
            Assert.DoesNotContain(NalTypes(unit), type => type == 5 && !encoder.IsIdr);
        }
    }

    [Fact]
    public void The_bitrate_follows_within_a_second_and_an_IDR_picture_stays_within_the_buffer()
    {
        using var encoder = H264Encoder.Open(AvLibrary.Load(), s_settings with { KeyFrameInterval = 60 });
        var picture = 0;
        foreach (var bitrate in (long[])[1_000_000, 300_000, 150_000, 800_000])
        {
            encoder.SetBitrate(bitrate);
            Seconds(encoder, 1, ref picture); // to settle
            var (bits, largest) = Seconds(encoder, 6, ref picture);
            output.WriteLine($"{bitrate}: {bits / 6}, largest picture {largest * 1000 / bitrate} ms");
            Assert.InRange(bits / 6, bitrate * 0.75, bitrate * 1.05);
            Assert.True(largest <= bitrate * H264Encoder.BufferSeconds * 1.1, $"a picture of {largest} bits at {bitrate} bit/s");
        }

        Assert.Equal(800_000, encoder.Bitrate);
    }

    [Fact]
    public void The_stream_is_constrained_baseline_without_B_frames()
    {
        using var encoder = H264Encoder.Open(AvLibrary.Load(), s_settings);
        MovingPicture.Draw(encoder, 640, 360, 0);
        var unit = encoder.Encode(isIdrWanted: false);
        var sps = unit[(unit.IndexOf([(byte)0, (byte)0, (byte)1, (byte)0x67]) + 4)..];
        Assert.Equal(66, sps[0]);
        Assert.Equal(0xC0, sps[1] & 0xC0); // constraint_set0 and 1
    }

    [Theory]
    [InlineData(nameof(AvOffsets.FrameData), 8)]
    [InlineData(nameof(AvOffsets.FrameLineSize), 68)]
    [InlineData(nameof(AvOffsets.FrameWidth), 112)]
    [InlineData(nameof(AvOffsets.FrameHeight), 104)]
    [InlineData(nameof(AvOffsets.FrameFormat), 112)]
    [InlineData(nameof(AvOffsets.FramePictureType), 120)]
    [InlineData(nameof(AvOffsets.FramePts), 128)]
    [InlineData(nameof(AvOffsets.PacketPts), 32)]
    [InlineData(nameof(AvOffsets.PacketData), 48)]
    [InlineData(nameof(AvOffsets.PacketSize), 36)]
    [InlineData(nameof(AvOffsets.PacketFlags), 44)]
    [InlineData(nameof(AvOffsets.PacketFlags), 4096)]
    public void A_layout_that_is_not_the_library_s_is_found_before_the_first_picture(string field, int wrong)
    {
        var known = new AvOffsets();
        var offsets = field switch
        {
            nameof(AvOffsets.FrameData) => known with { FrameData = wrong },
            nameof(AvOffsets.FrameLineSize) => known with { FrameLineSize = wrong },
            nameof(AvOffsets.FrameWidth) => known with { FrameWidth = wrong },
            nameof(AvOffsets.FrameHeight) => known with { FrameHeight = wrong },
            nameof(AvOffsets.FrameFormat) => known with { FrameFormat = wrong },
            nameof(AvOffsets.FramePictureType) => known with { FramePictureType = wrong },
            nameof(AvOffsets.FramePts) => known with { FramePts = wrong },
            nameof(AvOffsets.PacketPts) => known with { PacketPts = wrong },
            nameof(AvOffsets.PacketData) => known with { PacketData = wrong },
            nameof(AvOffsets.PacketSize) => known with { PacketSize = wrong },
            _ => known with { PacketFlags = wrong },
        };
        var fault = AvSelfTest.FindFault(AvLibrary.Load(offsets));
        output.WriteLine(fault ?? "nothing found");
        Assert.NotNull(fault);
    }

    [Fact]
    public void The_known_layout_passes() => Assert.Null(AvSelfTest.FindFault(AvLibrary.Load(new AvOffsets())));

    [Fact]
    public void Settings_that_the_encoder_has_not_are_refused_in_a_sentence()
    {
        var failure = Assert.Throws<EncoderException>(() => H264Encoder.Open(AvLibrary.Load(), s_settings with { Profile = "sketch" }));
        Assert.Contains("libx264", failure.Message, StringComparison.Ordinal);
    }

    private static (long Bits, long LargestPicture) Seconds(H264Encoder encoder, int seconds, ref int picture)
    {
        long bits = 0, largest = 0;
        for (var i = 0; i < seconds * 30; i++)
        {
            MovingPicture.Draw(encoder, 640, 360, picture++);
            var size = encoder.Encode(isIdrWanted: false).Length * 8L;
            (bits, largest) = (bits + size, Math.Max(largest, size));
        }

        return (bits, largest);
    }

    private static List<int> NalTypes(ReadOnlySpan<byte> unit)
    {
        var types = new List<int>();
        for (int at; (at = unit.IndexOf([(byte)0, (byte)0, (byte)1])) >= 0; unit = unit[(at + 3)..])
            types.Add(unit[at + 3] & 0x1F);
        return types;
    }
}
