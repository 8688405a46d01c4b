using System.Globalization;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>What a process holds, from /proc; descriptors are 0 where they are closed to us, as the agent's are to all but root.</summary>
internal sealed record ProcessUse(int ResidentKilobytes, int Threads, int Descriptors)
{
    public static ProcessUse Of(int process)
    {
        var status = File.ReadAllLines($"/proc/{process}/status");
        int Number(string key) => int.Parse(
            status.First(line => line.StartsWith(key, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        return new(Number("VmRSS:"), Number("Threads:"), CountDescriptors(process));
    }

    /// <summary>Hundredths of a second of processor time so far, of all its threads.</summary>
    public static long TicksOf(int process)
    {
        var fields = File.ReadAllText($"/proc/{process}/stat").Split(") ")[1].Split(' ');
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    }

    private static int CountDescriptors(int process)
    {
        try
        {
            return Directory.GetFileSystemEntries($"/proc/{process}/fd").Length;
        }
        catch (UnauthorizedAccessException)
        {
            return 0;
        }
    }

    public override string ToString() => $"{ResidentKilobytes / 1024} MB, {Threads} threads, {Descriptors} descriptors";
}
