namespace EdgeCam.WebRtc.Tests;

/// <summary>Bytes that work allocates on this thread.</summary>
internal static class Allocated
{
    /// <summary>
    /// The least of a few rounds: where the collector runs beside it, for another test, the rest of what the thread may allocate from is
    /// counted as if it had been allocated.
    /// </summary>
    public static long By(Action round)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 10 && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
