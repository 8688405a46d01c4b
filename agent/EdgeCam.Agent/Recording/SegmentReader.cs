using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Recording;

/// <summary>A segment's bytes, lent until it is disposed.</summary>
internal sealed class SegmentReader(SafeFileHandle file, Segment segment, Action returned) : IDisposable
{
    private Action? _returned = returned;

    public Segment Segment => segment;

    /// <summary>What it had when it was lent: all of it plays.</summary>
    public long Length => segment.Bytes;

    /// <returns>Bytes read; 0 at the end.</returns>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken stop) =>
        offset >= Length ? ValueTask.FromResult(0) : RandomAccess.ReadAsync(file, buffer[..(int)Math.Min(buffer.Length, Length - offset)], offset, stop);

    public void Dispose()
    {
        file.Dispose();
        Interlocked.Exchange(ref _returned, null)?.Invoke();
    }
}
