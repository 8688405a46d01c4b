using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>
/// Namespaces are named <c>edgecam-PID-...</c> after the test process that made them: those of processes that are gone, killed before
/// they could clean up, are removed.
/// </summary>
internal static partial class Leftovers
{
    private static readonly Lock s_lock = new();
    private static string? s_refusal;
    private static bool s_swept;

    public static string Prefix { get; } = string.Create(CultureInfo.InvariantCulture, $"edgecam-{Environment.ProcessId}-");

    /// <summary>Skips the test where this machine makes no network namespaces.</summary>
    public static void Need()
    {
        lock (s_lock)
        {
            s_refusal ??= Try();
            Assert.SkipWhen(s_refusal.Length > 0, $"This machine makes no network namespaces: {s_refusal}");
            if (!s_swept)
                Sweep();
            s_swept = true;
        }
    }

    private static string Try()
    {
        if (!File.Exists("/usr/sbin/ip") && !File.Exists("/usr/bin/ip") && !File.Exists("/sbin/ip"))
            return "ip is missing (apt-get install iproute2)";
        var name = $"{Prefix}try";
        var (status, _, error) = Command.TryRun("ip", ["netns", "add", name]);
        if (status != 0)
            return error.Trim();
        try
        {
            (status, _, error) = Command.TryRun("ip", ["netns", "exec", name, "nft", "list", "ruleset"]);
            return status == 0 ? "" : $"nft: {error.Trim()}";
        }
        finally
        {
            NetNamespace.Delete(name);
        }
    }

    private static void Sweep()
    {
        foreach (var line in Command.Run("ip", ["netns", "list"]).Split('\n'))
        {
            if (Ours().Match(line) is { Success: true } match && !Path.Exists($"/proc/{match.Groups[1].Value}"))
                NetNamespace.Delete(match.Value);
        }
    }

    [GeneratedRegex(@"^edgecam-(\d+)-[a-z]+")]
    private static partial Regex Ours();
}
