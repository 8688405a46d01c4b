using System.Diagnostics;
using EdgeCam.Agent.Cameras.Steering;
using EdgeCam.Agent.Cameras.Steering.Interop;

namespace EdgeCam.Agent.Tests.Cameras.Steering;

/// <summary>Descriptors of other processes: with this machine's kernel, and a /proc of files.</summary>
public sealed class ChildNodesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-nodes-").FullName;

    [Fact]
    public void A_copy_is_the_same_opening_as_the_childs()
    {
        var file = Path.Combine(_folder, "file");
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec 7<>\"$0\"; echo open; read word; echo written >&7; echo done; read word", file])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var child = Process.Start(start)!;
        Assert.Equal("open", child.StandardOutput.ReadLine());

        using var process = PidFd.Open(child.Id, out _);
        using var copy = PidFd.Take(process!, 7, out var error);
        Assert.True(copy is not null, $"pidfd_getfd: errno {error}");
        using var stream = new FileStream(copy!, FileAccess.ReadWrite, bufferSize: 0);
        Assert.Equal(0, stream.Position);
        child.StandardInput.WriteLine("go");
        Assert.Equal("done", child.StandardOutput.ReadLine());
        Assert.Equal("written\n".Length, Seek(copy!)); // the child's position: another opening of the file would stand at 0

        child.StandardInput.Close();
        child.WaitForExit();
    }

    [Fact]
    public void A_process_that_is_gone_and_a_descriptor_that_is_not_there_are_told_by_name()
    {
        using var gone = Process.Start(new ProcessStartInfo("/bin/true"))!;
        gone.WaitForExit();
        Assert.Null(PidFd.Open(gone.Id, out var error));
        Assert.Equal(3, error); // ESRCH
        var refused = Assert.Throws<SteeringException>(() => new ChildNodes().Duplicate(new(Environment.ProcessId, 12_345, "/dev/video11")));
        Assert.Contains("/dev/video11", refused.Message, StringComparison.Ordinal);
        Assert.False(refused.IsLasting); // EBADF: it was closed meanwhile
        Assert.False(Assert.Throws<SteeringException>(() => new ChildNodes().Duplicate(new(gone.Id, 4, "/dev/video11"))).IsLasting);
    }

    [Fact]
    public void Nodes_of_the_process_and_of_its_children_are_listed_and_nothing_else()
    {
        Link(100, 3, "/dev/null");
        Link(100, 4, "/dev/video11");
        Link(101, 8, "/dev/video0");
        Link(101, 9, "socket:[123]");
        Link(102, 5, "/dev/video12"); // somebody else's
        Directory.CreateDirectory(Path.Combine(_folder, "100", "task", "100"));
        File.WriteAllText(Path.Combine(_folder, "100", "task", "100", "children"), "101 ");
        Assert.Equal([new(100, 4, "/dev/video11"), new(101, 8, "/dev/video0")], new ChildNodes(_folder).List(100).OrderBy(found => found.ProcessId));
    }

    [Fact]
    public void A_process_that_cannot_be_looked_into_is_told()
    {
        var refused = Assert.Throws<SteeringException>(() => new ChildNodes(_folder).List(77));
        Assert.StartsWith("the descriptors of process 77 cannot be seen", refused.Message, StringComparison.Ordinal);
        Assert.False(refused.IsLasting); // it has ended
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Link(int process, int descriptor, string target)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, $"{process}", "fd")).FullName;
        File.CreateSymbolicLink(Path.Combine(folder, $"{descriptor}"), target);
    }

    /// <summary>By a fresh look at the kernel: a FileStream remembers where it thinks to be.</summary>
    private static long Seek(Microsoft.Win32.SafeHandles.SafeFileHandle handle)
    {
        foreach (var line in File.ReadLines($"/proc/self/fdinfo/{handle.DangerousGetHandle()}"))
        {
            if (line.StartsWith("pos:", StringComparison.Ordinal))
                return long.Parse(line.AsSpan(4).Trim(), System.Globalization.CultureInfo.InvariantCulture);
        }

        return -1;
    }
}
