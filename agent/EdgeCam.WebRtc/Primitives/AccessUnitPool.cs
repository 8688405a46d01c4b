using System.Buffers;
using System.Collections.Concurrent;

namespace EdgeCam.WebRtc.Primitives;

/// <summary>Lends access units. Counts what is out, so that a test fails on a block that nobody gave back.</summary>
public sealed class AccessUnitPool
{
    private const int Kept = 256; // units kept for reuse; above that they go to the collector
    private const int FirstBlock = 16 * 1024;

    private readonly ConcurrentQueue<AccessUnit> _free = new();
    private int _outstanding;

    /// <summary>Access units lent and not yet returned.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>An empty access unit with one reference, the caller's.</summary>
    public AccessUnit Rent()
    {
        if (!_free.TryDequeue(out var unit))
            unit = new AccessUnit(this, ArrayPool<byte>.Shared.Rent(FirstBlock));
        unit.Reset();
        Interlocked.Increment(ref _outstanding);
        return unit;
    }

    internal void Return(AccessUnit unit)
    {
        Interlocked.Decrement(ref _outstanding);
        if (_free.Count < Kept)
        {
            unit.Trim(FirstBlock);
            _free.Enqueue(unit);
        }
        else
        {
            ArrayPool<byte>.Shared.Return(unit.Buffer);
        }
    }

    internal static byte[] Grow(byte[] block, int used, int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, block.Length * 2));
        block.AsSpan(0, used).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(block);
        return larger;
    }
}
