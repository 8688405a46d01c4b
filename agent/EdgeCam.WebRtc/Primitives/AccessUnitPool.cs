using System.Buffers;

namespace EdgeCam.WebRtc.Primitives;

/// <summary>Lends access units. Counts what is out, so that a test fails on a block that nobody gave back.</summary>
public sealed class AccessUnitPool
{
    private const int Kept = 256; // units kept for reuse; above that they go to the collector
    private const int FirstBlock = 16 * 1024;

    private readonly AccessUnit?[] _free = new AccessUnit?[Kept]; // the first is lent first: those that a busy moment took besides are not touched after it
    private int _outstanding;

    /// <summary>Access units lent and not yet returned.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>An empty access unit with one reference, the caller's.</summary>
    public AccessUnit Rent()
    {
        AccessUnit? unit = null;
        for (var i = 0; i < _free.Length && unit is null; i++)
            unit = _free[i] is null ? null : Interlocked.Exchange(ref _free[i], null);
        unit ??= new AccessUnit(this, ArrayPool<byte>.Shared.Rent(FirstBlock));
        unit.Reset();
        Interlocked.Increment(ref _outstanding);
        return unit;
    }

    internal void Return(AccessUnit unit)
    {
        Interlocked.Decrement(ref _outstanding);
        unit.Trim(FirstBlock);
        for (var i = 0; i < _free.Length; i++)
        {
            if (_free[i] is null && Interlocked.CompareExchange(ref _free[i], unit, null) is null)
                return;
        }

        ArrayPool<byte>.Shared.Return(unit.Buffer);
    }

    internal static byte[] Grow(byte[] block, int used, int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, block.Length * 2));
        block.AsSpan(0, used).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(block);
        return larger;
    }
}
