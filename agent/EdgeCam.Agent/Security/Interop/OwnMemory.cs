namespace EdgeCam.Agent.Security.Interop;

/// <summary>What this process has in its memory: keys, passwords, and devices that it holds open.</summary>
internal static class OwnMemory
{
    private const int SetDumpable = 4; // PR_SET_DUMPABLE

    /// <summary>
    /// From now on no other process of the same user traces this one, reads or writes its memory, takes its descriptors, or sees its environment
    /// (prctl(2), proc(5)); root may. For programs that it starts it is not so: a child's descriptors can still be copied.
    /// </summary>
    public static void Close() => _ = ProcessControl.Set(SetDumpable, 0);
}
