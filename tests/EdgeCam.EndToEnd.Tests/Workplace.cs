namespace EdgeCam.EndToEnd.Tests;

/// <summary>Where things are on this machine, and how long tests run.</summary>
internal static class Workplace
{
    public static string Root { get; } = FindRoot();

    public static string Peers { get; } = Path.Combine(Root, "tests", "EdgeCam.EndToEnd.Tests", "peers");

    /// <summary>The program under test: as built here, or another build of it, such as the one of a package.</summary>
    public static string Agent { get; } = Environment.GetEnvironmentVariable("EDGECAM_PROGRAM") ?? Built("agent/EdgeCam.Agent", "edgecam");

    public static string Sims { get; } = Built("hardware-sims/EdgeCam.Sims", "edgecam-sims");

    /// <summary>How long a picture is watched: short in each run, the full figure under <c>run.sh --soak</c>, or as the environment says.</summary>
    public static int Seconds { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("EDGECAM_E2E_SECONDS"), out var seconds) ? seconds : IsSoak ? 60 : 10;

    public static bool IsSoak => Environment.GetEnvironmentVariable("EDGECAM_SOAK") == "1";

    /// <summary>Skips the test with a reason where something it needs is not on this machine.</summary>
    public static void Need(params ReadOnlySpan<Tool> tools)
    {
        foreach (var tool in tools)
        {
            var (path, remedy) = tool switch
            {
                Tool.Node => (Path.Combine(Peers, "node_modules", "mqtt"), $"npm ci in {Peers}"),
                Tool.Viewer => (Path.Combine(Root, "agent", "viewer", "dist", "index.html"), "npm ci && npm run build in agent/viewer"),
                Tool.Chromium => ("/usr/bin/chromium", "apt-get install chromium"),
                Tool.Firefox => ("/usr/bin/firefox-esr", "apt-get install firefox-esr"),
                Tool.Aiortc => ("/usr/lib/python3/dist-packages/aiortc", "apt-get install python3-aiortc python3-av"),
                Tool.Ffmpeg => ("/usr/bin/ffmpeg", "apt-get install ffmpeg"),
                Tool.Mosquitto => ("/usr/sbin/mosquitto", "apt-get install mosquitto"),
                Tool.Coturn => ("/usr/bin/turnserver", "apt-get install coturn"),
                Tool.Nft => ("/usr/sbin/nft", "apt-get install nftables"),
                Tool.Certutil => ("/usr/bin/certutil", "apt-get install libnss3-tools"),
                Tool.Janus => (Path.Exists("/usr/bin/janus") ? Path.Combine(Peers, "node_modules", "simple-whip-server", "server.js") : "/usr/bin/janus", "tests/run.sh gets janus and simple-whip-server"),
                Tool.Tshark => ("/usr/bin/tshark", "apt-get install tshark"),
                _ => throw new ArgumentOutOfRangeException(nameof(tools)),
            };
            Assert.SkipUnless(Path.Exists(path), $"{tool} is missing: {remedy}");
        }
    }

    /// <summary>Built in the same configuration as these tests.</summary>
    private static string Built(string project, string program)
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(Root, project, "bin", framework.Parent!.Name, framework.Name, program);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EdgeCam.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("EdgeCam.sln is not above the tests");
    }
}
