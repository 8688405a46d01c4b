using EdgeCam.Agent.Tests.Cameras;
using EdgeCam.Sims.Feed;

namespace EdgeCam.Agent.Tests.Sims;

/// <summary>What the feeder takes out of a clip; that it feeds a kernel's device is shown in the ARM64 guest.</summary>
public sealed class SimulatedFeedTests
{
    private static readonly byte[] s_sps = [0, 0, 0, 1, 0x67, 0x42, 0xC0, 0x28, 0xD9, 0x80, 0x50, 0x05, 0xBA, 0x6A, 0x02, 0x02, 0x02, 0x80];
    private static readonly byte[] s_pps = [0, 0, 0, 1, 0x68, 0xC9, 0x63, 0x2C, 0x80];

    [Fact]
    public void A_clip_is_its_pictures_with_what_stands_before_them()
    {
        byte[] idr = [0, 0, 1, 0x65, 0x88, 0x84], more = [0, 0, 1, 0x65, 0x40, 0x84]; // a second slice of the same picture
        byte[] sei = [0, 0, 0, 1, 0x06, 0x05, 0x01, 0x80], next = [0, 0, 0, 1, 0x41, 0x9A, 0x01], last = [0, 0, 1, 0x41, 0x9A, 0x02];
        var clip = H264Clip.Parse((byte[])[.. s_sps, .. s_pps, .. idr, .. more, .. sei, .. next, .. last]);

        Assert.Equal((1280, 720), (clip.Width, clip.Height));
        Assert.Equal(3, clip.Count);
        Assert.Equal([.. s_sps, .. s_pps, .. idr, .. more], clip[0]);
        Assert.Equal([.. sei, .. next], clip[1]);
        Assert.Equal(last, clip[2]);
        Assert.Equal(clip[0].Length, clip.LargestAccessUnit);
    }

    [Fact]
    public void The_delivered_clip_has_twelve_seconds()
    {
        var clip = H264Clip.Read(Path.Combine(Root(), "deploy", "clip", "panorama.h264"));
        Assert.Equal((1280, 720, 360), (clip.Width, clip.Height, clip.Count));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no video at all, whatever its name says")]
    [InlineData("\0\0\u0001\u0041\u009a")] // begins in the middle of a group of pictures
    [InlineData("\0\0\u0001\u0067\u0042")] // its SPS is cut short
    public void Something_else_is_named_so(string bytes)
    {
        Assert.Throws<FormatException>(() => H264Clip.Parse(System.Text.Encoding.Latin1.GetBytes(bytes)));
    }

    [Fact]
    public void A_device_that_is_not_there_is_named()
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(CameraRig.Sims, ["feed", "--device", "/dev/null", "--file", Path.Combine(Root(), "deploy", "clip", "panorama.h264")]) { RedirectStandardError = true })!;
        Assert.Contains("/dev/null: it is no video device", process.StandardError.ReadToEnd(), StringComparison.Ordinal);
        process.WaitForExit();
        Assert.Equal(2, process.ExitCode);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "EdgeCam.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}
