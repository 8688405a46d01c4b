namespace EdgeCam.Agent.Http;

/// <summary>A file's bytes, lent for an answer.</summary>
/// <param name="tag">Another one when there are other bytes.</param>
/// <param name="read">Fills a buffer from an offset; 0 at the end.</param>
internal sealed class FileContent(string name, string tag, long length, Func<Memory<byte>, long, CancellationToken, ValueTask<int>> read, IDisposable lent) : IDisposable
{
    public string Name => name;

    public string Tag => tag;

    public long Length => length;

    public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken stop) => read(buffer, offset, stop);

    public void Dispose() => lent.Dispose();
}
