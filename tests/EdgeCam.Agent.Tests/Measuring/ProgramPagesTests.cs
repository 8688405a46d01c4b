using EdgeCam.Agent.Diagnostics.Interop;

namespace EdgeCam.Agent.Tests.Measuring;

/// <summary>What is given back after the start: only what comes back as it was.</summary>
public sealed class ProgramPagesTests
{
    [Theory]
    [InlineData("r-xp 00000000 fe:00 1234   /usr/lib/edgecam/edgecam", 0, true)]
    [InlineData("r--p 00100000 fe:00 1234   /usr/lib/edgecam/edgecam", 0, true)]
    [InlineData("r--p 00200000 fe:00 1234   /usr/lib/edgecam/edgecam", 4, false)] // relocated, or a cookie that the runtime drew
    [InlineData("rw-p 00300000 fe:00 1234   /usr/lib/edgecam/edgecam", 0, false)]
    [InlineData("r--s 00000000 00:06 99     /dev/video0", 0, false)] // a camera's buffer
    [InlineData("rw-s 00000000 00:06 99     /dev/video11", 0, false)]
    [InlineData("r--p 00000000 00:00 0      [vvar]", 0, false)]
    [InlineData("r-xp 00000000 00:00 0 ", 0, false)]
    public void Of_a_mapping(string mapping, int written, bool isReleased)
    {
        var found = ProgramPages.Find([$"10000000-10002000 {mapping}", "Size:                  8 kB", $"Anonymous:             {written} kB", "VmFlags: rd ex mr mw me "]);
        Assert.Equal(isReleased ? [((nuint)0x1000_0000, (nuint)0x2000)] : [], found);
    }

    [Fact]
    public void What_is_said_of_one_is_not_said_of_the_next()
    {
        Assert.Empty(ProgramPages.Find(["1000-2000 r-xp 00000000 fe:00 1   /lib/one", "2000-3000 rw-p 00000000 fe:00 1   /lib/one", "Anonymous:  0 kB"]));
        Assert.NotEmpty(ProgramPages.Find(File.ReadLines("/proc/self/smaps")));
    }
}
