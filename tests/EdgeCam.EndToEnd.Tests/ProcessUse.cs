using System.Globalization;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>What a process holds, from /proc.</summary>
internal sealed record ProcessUse(int ResidentKilobytes, int Threads, int Descriptors)
{
    public static ProcessUse Of(int process)
    {
        var status = File.ReadAllLines($"/proc/{process}/status");
        int Number(string key) => int.Parse(
            status.First(line => line.StartsWith(key, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return new(Number("VmRSS:"), Number("Threads:"), Directory.GetFileSystemEntries($"/proc/{process}/fd").Length);
    }

    public override string ToString() => $"{ResidentKilobytes / 1024} MB, {Threads} threads, {Descriptors} descriptors";
}
