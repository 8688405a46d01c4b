namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>What a device is given: the Debian package for ARM64, made by build-arm64.sh from the tree as it is.</summary>
internal static class Package
{
    private static readonly TimeSpan s_build = TimeSpan.FromMinutes(15);
    private static readonly SemaphoreSlim s_once = new(1);
    private static string? s_file;

    /// <summary>The package's file; it is built once in a run, or <c>EDGECAM_DEB</c> names one that is there.</summary>
    public static async Task<string> FileAsync()
    {
        await s_once.WaitAsync();
        try
        {
            return s_file ??= Environment.GetEnvironmentVariable("EDGECAM_DEB") is { Length: > 0 } named ? named : await BuildAsync(Path.Combine(Workplace.Root, "artifacts"));
        }
        finally
        {
            s_once.Release();
        }
    }

    /// <summary>Builds into a folder.</summary>
    public static async Task<string> BuildAsync(string folder, string arch = "arm64")
    {
        (await GuestProgram.RunAsync(Path.Combine(Workplace.Root, "build-arm64.sh"), ["--arch", arch, "--out", folder], s_build)).Succeeded("build-arm64.sh");
        return Directory.GetFiles(folder, $"edgecam_*_{arch}.deb").OrderDescending().First();
    }

    /// <summary>The same package under another version's number.</summary>
    public static async Task<string> RenumberAsync(string file, string version, string folder)
    {
        var tree = Path.Combine(folder, $"tree-{version}");
        var made = Path.Combine(folder, $"edgecam_{version}_arm64.deb");
        await GuestProgram.RunAsync("dpkg-deb", ["-R", file, tree], TimeSpan.FromMinutes(1));
        var control = Path.Combine(tree, "DEBIAN", "control");
        await File.WriteAllLinesAsync(control, (await File.ReadAllLinesAsync(control)).Select(line => line.StartsWith("Version:", StringComparison.Ordinal) ? $"Version: {version}" : line));
        (await GuestProgram.RunAsync("dpkg-deb", ["--root-owner-group", "-Zgzip", "-b", tree, made], TimeSpan.FromMinutes(2))).Succeeded("dpkg-deb");
        Directory.Delete(tree, recursive: true);
        return made;
    }
}
