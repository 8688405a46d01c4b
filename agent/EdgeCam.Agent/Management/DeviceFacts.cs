namespace EdgeCam.Agent.Management;

/// <summary>What the machine says about itself.</summary>
internal sealed record DeviceFacts(string Model, string System)
{
    public static DeviceFacts Read(string root = "/") => new(
        FirstText(Path.Combine(root, "proc/device-tree/model"), Path.Combine(root, "sys/class/dmi/id/product_name")) ?? "unknown",
        SystemName(Path.Combine(root, "etc/os-release")) ?? "Linux");

    private static string? FirstText(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            // A device tree's strings end with a zero byte.
            if (TryRead(path)?.Trim('\0', ' ', '\n') is { Length: > 0 and <= 128 } text)
                return text;
        }

        return null;
    }

    private static string? SystemName(string path) =>
        TryRead(path)?.Split('\n').FirstOrDefault(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?["PRETTY_NAME=".Length..].Trim('"');

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
