using EdgeCam.Sims.Camera.Interop;

namespace EdgeCam.Sims.Camera;

/// <summary>Where the stream goes: stdout for <c>-</c>, a file, or nowhere.</summary>
internal sealed class CameraOutput(string path) : IDisposable
{
    private const int StandardOutput = 1;
    private readonly FileStream? _file = path is "" or "-" ? null : new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);

    /// <returns>False when nobody reads any more.</returns>
    public bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        _file?.Write(bytes);
        return path is not "-" || LibC.TryWriteAll(StandardOutput, bytes);
    }

    public void Dispose() => _file?.Dispose();
}
