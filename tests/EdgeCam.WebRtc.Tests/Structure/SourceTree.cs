namespace EdgeCam.WebRtc.Tests.Structure;

/// <summary>The repository's own source files, found from where the tests run.</summary>
internal static class SourceTree
{
    private static readonly string[] s_generated = ["bin", "obj", "node_modules", "dist"];

    public static string Root { get; } = FindRoot();

    /// <summary>Files below one folder of the repository, with paths relative to its root and forward slashes.</summary>
    public static IEnumerable<string> Files(string folder, params string[] extensions)
    {
        var start = Path.Combine(Root, folder);
        return !Directory.Exists(start) ? [] : Directory.EnumerateFiles(start, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => extensions.Contains(Path.GetExtension(path)) && !path.Split('/').Any(s_generated.Contains))
            .Order(StringComparer.Ordinal);
    }

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EdgeCam.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No EdgeCam.sln above {AppContext.BaseDirectory}; run the tests from a clone.");
    }
}
