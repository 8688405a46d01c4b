using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>
/// An ext4 file system of its own, whose power can be cut: it is told to stop at once, without writing its journal or anything that waits in memory
/// (EXT4_IOC_SHUTDOWN with NOLOGFLUSH, which the kernel's own tests of crashes use). Mounted again it replays its journal, as after a boot. It takes root.
/// </summary>
internal sealed unsafe partial class CutDisk : IDisposable
{
    private const uint Shutdown = 0x8004_587D; // _IOR('X', 125, __u32)
    private const uint NoLogFlush = 2;
    private const int ReadOnlyFolder = 0x1_0000; // O_DIRECTORY
    private const int CloseOnExec = 0x8_0000;

    private readonly string _place; // a tmpfs, so that a disk of this machine that is slow does not decide how long it takes
    private string _image;
    private int _returns;

    private CutDisk(string place)
    {
        (_place, _image, Folder) = (place, Path.Combine(place, "image"), Path.Combine(place, "disk"));
        Directory.CreateDirectory(Folder);
    }

    public string Folder { get; }

    public static CutDisk Mount(int megabytes)
    {
        var place = Directory.CreateTempSubdirectory("edgecam-cut-").FullName;
        string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
        if (!Try("mount", ["-t", "tmpfs", "-o", $"size={Text(megabytes * 3)}m", "tmpfs", place]))
        {
            Directory.Delete(place);
            Assert.Skip("no disk can be mounted here: it takes root");
        }

        var disk = new CutDisk(place);
        Command.Run("truncate", ["-s", $"{Text(megabytes)}M", disk._image]);
        Command.Run("mkfs.ext4", ["-q", "-F", disk._image]);
        if (!Try("mount", ["-o", "loop", disk._image, disk.Folder]))
        {
            disk.Dispose();
            Assert.Skip("no loop device can be mounted here");
        }

        return disk;
    }

    /// <summary>From here on nothing reaches it, and what was not on it is lost.</summary>
    public void Cut()
    {
        var descriptor = Open(Encoding.UTF8.GetBytes(Folder + "\0"), ReadOnlyFolder | CloseOnExec);
        var flags = NoLogFlush;
        var result = Control(descriptor, Shutdown, &flags);
        var error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        Assert.True(result == 0, $"the disk goes on: error {error}");
    }

    /// <summary>The power is back: nobody may have a file of it open.</summary>
    public void Return()
    {
        // Another's namespace may hold the old file system, which would be mounted again as it is, stopped: what is on the disk goes to another disk.
        var (before, copy) = (_image, Path.Combine(_place, string.Create(CultureInfo.InvariantCulture, $"image{++_returns}")));
        Command.Run("umount", [Folder]);
        Command.Run("cp", ["--sparse=always", before, copy]);
        File.Delete(before);
        _image = copy;
        Command.Run("mount", ["-o", "loop", copy, Folder]);
    }

    public void Dispose()
    {
        Try("umount", ["-l", Folder]);
        Try("umount", ["-l", _place]);
        Directory.Delete(_place, recursive: true);
    }

    private static bool Try(string program, string[] arguments) => Command.TryRun(program, arguments).Status == 0;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int Open(byte[] path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int descriptor, nuint request, uint* flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
