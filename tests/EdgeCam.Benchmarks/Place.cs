namespace EdgeCam.Benchmarks;

/// <summary>Where things lie.</summary>
internal static class Place
{
    public static string Root { get; } = FindRoot();

    public static string Sims { get; } = Path.Combine(AppContext.BaseDirectory, "edgecam-sims");

    /// <summary>The agent that this build made, by the JIT compiler.</summary>
    public static string Agent { get; } = Path.Combine(AppContext.BaseDirectory, "edgecam");

    public static string Peers => Path.Combine(Root, "tests", "EdgeCam.Benchmarks", "peers");

    /// <summary>What is built once stays here.</summary>
    public static string Artifacts => Path.Combine(Root, "artifacts", "benchmarks");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "EdgeCam.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"EdgeCam.sln is in no folder above {AppContext.BaseDirectory}: run it from the repository");
    }
}
