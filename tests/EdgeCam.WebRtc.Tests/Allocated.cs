namespace EdgeCam.WebRtc.Tests;

/// <summary>Bytes that work allocates on this thread.</summary>
internal static class Allocated
{
    /// <summary>
    /// Of one round. Where the collector runs beside it, for another test, the rest of what the thread may allocate from is counted as if it
    /// had been allocated: then of another one.
    /// </summary>
    public static long By(Action round)
    {
        var bytes = 0L;
        for (var (i, isDisturbed) = (0, true); i < 10 && isDisturbed; i++)
        {
            var (collections, before) = (GC.CollectionCount(0), GC.GetAllocatedBytesForCurrentThread());
            round();
            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            isDisturbed = bytes > 0 && GC.CollectionCount(0) != collections;
        }

        return bytes;
    }
}
