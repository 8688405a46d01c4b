namespace EdgeCam.Agent.Tests.Fleet;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>Files that only their user may read.</summary>
internal static class OwnFiles
{
    public static string Write(string folder, string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }
}
