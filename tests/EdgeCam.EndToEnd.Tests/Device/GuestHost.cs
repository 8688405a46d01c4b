using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>This machine as the place where guests run: what they are built into is built once, and what an aborted run left is removed.</summary>
internal static partial class GuestHost
{
    private static readonly TimeSpan s_build = TimeSpan.FromMinutes(20);
    private static readonly SemaphoreSlim s_once = new(1);
    private static readonly HashSet<string> s_built = [];
    private static string? s_sims;
    private static int s_count;

    private static string Script { get; } = Path.Combine(Workplace.Root, "hardware-sims", "device", "device.sh");

    /// <summary>Skips the test, with a reason, where no guest can run.</summary>
    public static void Need()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("EDGECAM_GUEST") == "0", "EDGECAM_GUEST=0 asks for no ARM64 guests");
        var isThere = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "qemu-system-aarch64")));
        Assert.SkipUnless(isThere, "QEMU is missing: hardware-sims/device/device.sh build installs it and builds the guest");
    }

    /// <summary>One of device.sh's commands.</summary>
    public static async Task<string> DeviceAsync(TimeSpan limit, params string[] arguments) =>
        (await GuestProgram.RunAsync(Script, arguments, limit)).Succeeded($"device.sh {string.Join(' ', arguments)}").Trim();

    /// <summary>Builds a suite's guest unless that was done: then it takes no time, else 3 to 5 minutes.</summary>
    public static async Task BuildAsync(string suite)
    {
        await s_once.WaitAsync();
        try
        {
            if (s_built.Count == 0)
                await SweepAsync();
            if (s_built.Add(suite))
                await DeviceAsync(s_build, "build", suite);
        }
        finally
        {
            s_once.Release();
        }
    }

    /// <summary>The simulated hardware's program for ARM64, compiled once in a run.</summary>
    public static async Task<string> SimsAsync()
    {
        await s_once.WaitAsync();
        try
        {
            return s_sims ??= (await DeviceAsync(s_build, "sims")).Split('\n')[^1];
        }
        finally
        {
            s_once.Release();
        }
    }

    /// <summary>An archive of the guest's own libavcodec with libx264: a folder <c>libav</c> of libraries. Fetched once.</summary>
    public static async Task<string> LibAvAsync(string suite = "trixie") =>
        (await GuestProgram.RunAsync(Path.Combine(Workplace.Root, "hardware-sims", "device", "libav.sh"), [suite], s_build)).Succeeded("fetching libavcodec").Trim();

    /// <summary>A program for the guest that stops one thread of another process: <c>freeze THREAD</c>.</summary>
    public static async Task<string> FreezerAsync()
    {
        var made = Path.Combine(Path.GetTempPath(), $"edgecam-freeze-{Environment.UserName}");
        (await GuestProgram.RunAsync("aarch64-linux-gnu-gcc", ["-O", "-static", "-o", made, Path.Combine(Workplace.Root, "hardware-sims", "device", "tools", "freeze.c")], s_build)).Succeeded("compiling freeze.c");
        return made;
    }

    /// <summary>A guest's name, which tells whose it is.</summary>
    public static string NextName() => string.Create(CultureInfo.InvariantCulture, $"t{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}");

    private static async Task SweepAsync()
    {
        foreach (var line in (await DeviceAsync(TimeSpan.FromSeconds(30), "status")).Split('\n'))
        {
            if (Ours().Match(line) is { Success: true } match && !Path.Exists($"/proc/{match.Groups[2].Value}"))
                await DeviceAsync(TimeSpan.FromSeconds(30), "stop", match.Groups[1].Value);
        }
    }

    [GeneratedRegex(@"^(t(\d+)-\d+):")]
    private static partial Regex Ours();
}
