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

    /// <summary>Hundredths of a second of processor time so far, of all its threads.</summary>
    public static long TicksOf(int process)
    {
        var fields = File.ReadAllText($"/proc/{process}/stat").Split(") ")[1].Split(' ');
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    }

    public override string ToString() => $"{ResidentKilobytes / 1024} MB, {Threads} threads, {Descriptors} descriptors";
}
