namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>A folder that goes with its test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("edgecam-device-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
