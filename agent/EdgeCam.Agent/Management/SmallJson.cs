using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EdgeCam.Agent.Management;

/// <summary>
/// Reads a small file of JSON. One that is not there, or cannot be read, is none: whoever writes such files writes them whole, so that is a
/// disk's damage or a stranger's work.
/// </summary>
internal static class SmallJson
{
    /// <param name="maxLength">Bytes; a larger one is not read.</param>
    public static T? Read<T>(string path, JsonTypeInfo<T> type, int maxLength) where T : class
    {
        try
        {
            var file = new FileInfo(path);
            return file.Exists && file.Length <= maxLength ? Parse(File.ReadAllBytes(path), type) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static T? Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
