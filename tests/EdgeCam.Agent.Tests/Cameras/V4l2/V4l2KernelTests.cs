using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Cameras.V4l2;
using EdgeCam.Agent.Cameras.V4l2.Interop;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Tests.Cameras.V4l2;

/// <summary>
/// The border to the kernel. The numbers are what a C compiler makes of linux/videodev2.h on x86-64 and on arm64 (gcc 12 and its cross
/// compiler, kernel headers 6.1), which are the same.
/// </summary>
public sealed partial class V4l2KernelTests
{
    [Fact]
    public void Structures_have_the_kernel_s_sizes_and_offsets()
    {
        Assert.Equal(104, Unsafe.SizeOf<KernelStructures.Capability>());
        Assert.Equal(64, Unsafe.SizeOf<KernelStructures.FormatDescription>());
        Assert.Equal(208, Unsafe.SizeOf<KernelStructures.Format>());
        Assert.Equal(204, Unsafe.SizeOf<KernelStructures.StreamParameters>());
        Assert.Equal(20, Unsafe.SizeOf<KernelStructures.RequestBuffers>());
        Assert.Equal(88, Unsafe.SizeOf<KernelStructures.Buffer>());
        Assert.Equal(68, Unsafe.SizeOf<KernelStructures.QueryControl>());
        Assert.Equal(8, Unsafe.SizeOf<KernelStructures.Control>());
        Assert.Equal(32, Unsafe.SizeOf<KernelStructures.EventSubscription>());
        Assert.Equal(136, Unsafe.SizeOf<KernelStructures.Event>());

        Assert.Equal(208, Unsafe.SizeOf<KernelStructures.PlanarFormat>());
        Assert.Equal(64, Unsafe.SizeOf<KernelStructures.Plane>());
        Assert.Equal(44, Unsafe.SizeOf<KernelStructures.FrameSize>());
        Assert.Equal(52, Unsafe.SizeOf<KernelStructures.FrameInterval>());
        Assert.Equal(64, Unsafe.SizeOf<KernelStructures.Selection>());
        Assert.Equal(40, Unsafe.SizeOf<KernelStructures.EncoderCommand>());
        Assert.Equal(44, Unsafe.SizeOf<KernelStructures.QueryMenu>());

        Assert.Equal((28, 188, 190, 191), (At<KernelStructures.PlanarFormat>("Planes"), At<KernelStructures.PlanarFormat>("PlaneCount"), At<KernelStructures.PlanarFormat>("Encoding"), At<KernelStructures.PlanarFormat>("Quantization")));
        Assert.Equal((24, 32, 36, 44, 48), (At<KernelStructures.Format>("BytesPerLine"), At<KernelStructures.Format>("ColorSpace"), At<KernelStructures.Format>("Private"), At<KernelStructures.Format>("Encoding"), At<KernelStructures.Format>("Quantization")));
        Assert.Equal((0, 4, 8, 16), (At<KernelStructures.Plane>("BytesUsed"), At<KernelStructures.Plane>("Length"), At<KernelStructures.Plane>("Offset"), At<KernelStructures.Plane>("DataOffset")));
        Assert.Equal((8, 12, 16, 24, 32), (At<KernelStructures.FrameSize>("Type"), At<KernelStructures.FrameSize>("MinWidth"), At<KernelStructures.FrameSize>("MaxWidth"), At<KernelStructures.FrameSize>("MinHeight"), At<KernelStructures.FrameSize>("StepHeight")));
        Assert.Equal((8, 16, 20, 28), (At<KernelStructures.FrameInterval>("Width"), At<KernelStructures.FrameInterval>("Type"), At<KernelStructures.FrameInterval>("ShortestNumerator"), At<KernelStructures.FrameInterval>("LongestNumerator")));
        Assert.Equal((4, 12, 20), (At<KernelStructures.Selection>("Target"), At<KernelStructures.Selection>("Left"), At<KernelStructures.Selection>("Width")));
        Assert.Equal((4, 8, 48, 52), (At<KernelStructures.QueryControl>("Type"), At<KernelStructures.QueryControl>("Name"), At<KernelStructures.QueryControl>("Step"), At<KernelStructures.QueryControl>("Default")));
        Assert.Equal((4, 8), (At<KernelStructures.QueryMenu>("Index"), At<KernelStructures.QueryMenu>("Name")));
        Assert.Equal(64, At<KernelStructures.Buffer>("Planes"));

        Assert.Equal((16, 84, 88), (At<KernelStructures.Capability>("Card"), At<KernelStructures.Capability>("OfDevice"), At<KernelStructures.Capability>("OfNode")));
        Assert.Equal((12, 44), (At<KernelStructures.FormatDescription>("Description"), At<KernelStructures.FormatDescription>("PixelFormat")));
        Assert.Equal((8, 16, 28), (At<KernelStructures.Format>("Width"), At<KernelStructures.Format>("PixelFormat"), At<KernelStructures.Format>("SizeImage")));
        Assert.Equal((4, 12, 16), (At<KernelStructures.StreamParameters>("Capability"), At<KernelStructures.StreamParameters>("Numerator"), At<KernelStructures.StreamParameters>("Denominator")));
        Assert.Equal((8, 12, 24, 32), (At<KernelStructures.Buffer>("BytesUsed"), At<KernelStructures.Buffer>("Flags"), At<KernelStructures.Buffer>("Seconds"), At<KernelStructures.Buffer>("Microseconds")));
        Assert.Equal((56, 60, 64, 72), (At<KernelStructures.Buffer>("Sequence"), At<KernelStructures.Buffer>("Memory"), At<KernelStructures.Buffer>("Offset"), At<KernelStructures.Buffer>("Length")));
        Assert.Equal((40, 44, 56), (At<KernelStructures.QueryControl>("Minimum"), At<KernelStructures.QueryControl>("Maximum"), At<KernelStructures.QueryControl>("Flags")));
        Assert.Equal((8, 72), (At<KernelStructures.RequestBuffers>("Memory"), At<KernelStructures.Event>("Pending")));
    }

    [Fact]
    public void Requests_have_the_kernel_s_numbers()
    {
        Assert.Equal(0x8068_5600, KernelConstants.QueryCapability);
        Assert.Equal(0xC040_5602, KernelConstants.EnumerateFormats);
        Assert.Equal(0xC0D0_5605, KernelConstants.SetFormat);
        Assert.Equal(0xC014_5608, KernelConstants.RequestBuffers);
        Assert.Equal(0xC058_5609, KernelConstants.QueryBuffer);
        Assert.Equal(0xC058_560F, KernelConstants.QueueBuffer);
        Assert.Equal(0xC058_5611, KernelConstants.DequeueBuffer);
        Assert.Equal(0x4004_5612u, KernelConstants.StreamOn);
        Assert.Equal(0x4004_5613u, KernelConstants.StreamOff);
        Assert.Equal(0xC0CC_5615, KernelConstants.GetParameters);
        Assert.Equal(0xC0CC_5616, KernelConstants.SetParameters);
        Assert.Equal(0xC008_561C, KernelConstants.SetControl);
        Assert.Equal(0xC044_5624, KernelConstants.QueryControl);
        Assert.Equal(0xC008_561B, KernelConstants.GetControl);
        Assert.Equal(0xC02C_5625, KernelConstants.QueryMenu);
        Assert.Equal(0xC02C_564A, KernelConstants.EnumerateSizes);
        Assert.Equal(0xC034_564B, KernelConstants.EnumerateIntervals);
        Assert.Equal(0xC028_564D, KernelConstants.CommandEncoder);
        Assert.Equal(0xC040_565F, KernelConstants.SetSelection);
        Assert.Equal(0x4020_565Au, KernelConstants.SubscribeEvent);
        Assert.Equal(0x8088_5659, KernelConstants.DequeueEvent);
    }

    [Fact]
    public void The_agent_s_clock_is_the_one_of_the_kernel_s_buffers()
    {
        for (var i = 0; ; i++)
        {
            var before = MonotonicClock.Now;
            Assert.Equal(0, GetTime(1, out var time)); // CLOCK_MONOTONIC
            var after = MonotonicClock.Now;
            var ticks = (time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / 100);
            Assert.InRange(ticks, before.Ticks - 1, after.Ticks + 1);
            if (i > 100)
                break;
        }
    }

    [Fact]
    public async Task A_path_that_is_no_device_node_is_refused_and_closed_each_time()
    {
        var path = Path.GetTempFileName();
        await using (var rig = new CameraRig(new("cam0", $"v4l2:{path}")))
        {
            Assert.Contains("is not a V4L2 device node", await rig.WaitForState(CameraState.Refused), StringComparison.Ordinal);
            File.Delete(path);
            Assert.Contains("is not there", await rig.WaitForState(CameraState.Lost), StringComparison.Ordinal);
            await File.WriteAllBytesAsync(path, []);
            await rig.WaitForState(CameraState.Refused, times: 2);
        }

        Assert.DoesNotContain(Directory.GetFiles("/proc/self/fd"), link => new FileInfo(link).LinkTarget == path);
        File.Delete(path);
    }

    [Fact]
    public void A_node_that_may_not_be_opened_gives_errno()
    {
        var failure = Assert.Throws<V4l2Exception>(static () => new KernelV4l2().Open("/nowhere/video0"));
        Assert.Equal((V4l2Calls.Open, V4l2Exception.NoEntry), (failure.Call, failure.Error));
        Assert.False(new KernelV4l2().Exists("/nowhere/video0"));
        Assert.True(new KernelV4l2().Exists("/dev/null"));
    }

    private static int At<T>(string field) => (int)Marshal.OffsetOf<T>(field);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
