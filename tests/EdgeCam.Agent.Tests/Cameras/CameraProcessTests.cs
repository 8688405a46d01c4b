using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Cameras;

/// <summary>A camera's child process and its pipes.</summary>
public sealed class CameraProcessTests
{
    private const int Long = 30_000; // ms; nothing waits so long

    [Fact]
    public void Words_on_stderr_do_not_end_the_wait_for_a_picture()
    {
        using var process = Start("for i in 1 2 3 4 5; do echo word $i >&2; sleep 0.02; done; echo picture");
        Assert.True(process.WaitForOutput(Long));
        Span<byte> buffer = stackalloc byte[64];
        Assert.Equal("picture\n"u8, buffer[..process.Read(buffer)]);
        Assert.Equal(5, process.Lines.Count);
    }

    [Fact]
    public void A_wait_ends_in_time_though_stderr_never_rests()
    {
        using var process = Start("while :; do echo word >&2; done");
        Assert.False(process.WaitForOutput(100));
        Assert.Equal("it was ended", process.End());
        Assert.Equal("word", process.Lines.Last());
    }

    [Fact]
    public void A_line_that_is_too_long_ends_with_a_whole_word()
    {
        using var process = Start($"echo 'cannot open //ann:{new string('x', 500)}@10.0.0.9' >&2; echo 'short one' >&2");
        while (process.WaitForOutput(Long) && process.Read(new byte[64]) > 0)
        {
        }

        process.End();
        Assert.Equal(["cannot open …", "short one"], process.Lines);
    }

    [Fact]
    public void Its_pipes_are_closed_with_it()
    {
        var process = Start("readlink /proc/self/fd/0 /proc/self/fd/2 /proc/self/fd/3 3>&1 >&2");
        while (process.WaitForOutput(Long) && process.Read(new byte[64]) > 0)
        {
        }

        process.End();
        string[] pipes = [.. process.Lines];
        Assert.Equal(3, pipes.Length);
        Assert.Equal(2, OpenPipes.Of(pipes)); // the third, its stdin, had all that it was to have
        process.Dispose();
        Assert.Equal(0, OpenPipes.Of(pipes));
    }

    private static CameraProcess Start(string script) => CameraProcess.Start("/bin/sh", ["-c", script]);
}
