using System.Globalization;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Recording;

/// <summary>A disk of a few megabytes, in memory. It takes root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    public IReadOnlyList<string> Files => [.. Directory.EnumerateFiles(Folder, "*.mp4", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    public static SmallDisk Mount(int megabytes)
    {
        var folder = Directory.CreateTempSubdirectory("edgecam-disk-").FullName;
        var size = string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m");
        var (exit, output) = Tool.Run("mount", ["-t", "tmpfs", "-o", size, "tmpfs", folder]);
        if (exit != 0)
            Directory.Delete(folder);
        Assert.SkipUnless(exit == 0, $"no disk can be mounted here: {output}");
        return new(folder);
    }

    /// <summary>Takes all room there is.</summary>
    public void Fill()
    {
        using var file = File.Create(Path.Combine(Folder, "filler"));
        try
        {
            var chunk = new byte[4096];
            while (true)
            {
                file.Write(chunk);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void Empty() => File.Delete(Path.Combine(Folder, "filler"));

    public void Dispose()
    {
        Tool.Run("umount", ["-l", Folder]);
        Directory.Delete(Folder);
    }
}
