namespace EdgeCam.Agent.Devices.Ports;

/// <summary>Who has a device open.</summary>
internal static class PortHolder
{
    /// <returns>Name and process id of a program that has it open; null where none is seen, be it for lack of permission.</returns>
    public static string? Find(string path)
    {
        try
        {
            var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            return Directory.EnumerateDirectories("/proc").Where(process => IsHeldBy(process, target)).Select(Describe).FirstOrDefault();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsHeldBy(string process, string target)
    {
        var id = Path.GetFileName(process);
        if (!char.IsAsciiDigit(id[0]) || id == $"{Environment.ProcessId}")
            return false;
        try
        {
            return Directory.EnumerateFileSystemEntries(Path.Combine(process, "fd")).Any(link => new FileInfo(link).LinkTarget == target);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false; // another user's, or just ended
        }
    }

    private static string Describe(string process)
    {
        try
        {
            return $"{File.ReadAllText(Path.Combine(process, "comm")).Trim()} (process {Path.GetFileName(process)})";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"process {Path.GetFileName(process)}";
        }
    }
}
