using System.Buffers;
using System.Text;

namespace EdgeCam.Agent.Devices.Board;

/// <summary>A file of procfs or sysfs: read once, up to a bound, and null whenever that does not work.</summary>
internal static class SystemFile
{
    private const int Most = 16 * 1024; // bytes; all of /proc/meminfo is a tenth of that

    public static string? TryRead(string path)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Most);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return Encoding.UTF8.GetString(buffer.AsSpan(0, file.ReadAtLeast(buffer.AsSpan(0, Most), Most, throwOnEndOfStream: false)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Folders whose names begin so; none where there is no such folder.</summary>
    public static IEnumerable<string> Folders(string folder, string begin)
    {
        try
        {
            return Directory.Exists(folder) ? Directory.GetDirectories(folder, begin + "*").Order(StringComparer.Ordinal).Take(64) : [];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
