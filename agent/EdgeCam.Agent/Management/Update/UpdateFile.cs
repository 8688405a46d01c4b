using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Management.Update;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>A small file of JSON that is there whole or not at all.</summary>
internal static class UpdateFile
{
    public const int MaxLength = 32 * 1024; // bytes

    private const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Null where there is none, or none that can be read.</summary>
    public static T? Read<T>(string path, JsonTypeInfo<T> type) where T : class => SmallJson.Read(path, type, MaxLength);

    /// <summary>Returns once it is on the disk.</summary>
    /// <param name="isOpen">All may read it; else its owner alone.</param>
    public static void Write<T>(string path, T content, JsonTypeInfo<T> type, bool isOpen) =>
        DurableFile.Write(path, $"{path}.new", JsonSerializer.SerializeToUtf8Bytes(content, type), isOpen ? All : OwnerOnly);
}
