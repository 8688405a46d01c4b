using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Diagnostics.Interop;

/// <summary>The code and constants of this program and its libraries, as they are mapped from their files.</summary>
internal static unsafe partial class ProgramPages
{
    private const uint Load = 1; // PT_LOAD (elf(5))
    private const uint Writable = 2; // PF_W
    private const int DontNeed = 4; // MADV_DONTNEED

    /// <summary>
    /// Gives back the pages that were never written (madvise(2)): those in use come back from the page cache by themselves, the rest no longer counts as
    /// this process's memory, and the kernel may drop it without looking at us. What relocation wrote lies in writable segments, which are left alone.
    /// </summary>
    public static void Release() => _ = IterateSegments(&ReleaseObject, 0);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ReleaseObject(ObjectInfo* loaded, nuint size, nint data)
    {
        var page = (nuint)Environment.SystemPageSize;
        for (var i = 0; i < loaded->HeaderCount; i++)
        {
            ref readonly var header = ref loaded->Headers[i];
            if (header.Type != Load || (header.Flags & Writable) != 0)
                continue;
            var start = (loaded->Address + header.VirtualAddress) & ~(page - 1);
            var end = (loaded->Address + header.VirtualAddress + header.MemorySize + page - 1) & ~(page - 1);
            _ = Advise((void*)start, end - start, DontNeed); // refused of the kernel's own pages (vdso(7)): those are no file's
        }

        return 0;
    }

    [LibraryImport("libc", EntryPoint = "dl_iterate_phdr")]
    private static partial int IterateSegments(delegate* unmanaged[Cdecl]<ObjectInfo*, nuint, nint, int> callback, nint data);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);

    /// <summary>The beginning of struct dl_phdr_info (dl_iterate_phdr(3)), in its 64-bit layout.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct ObjectInfo
    {
        public readonly nuint Address;
        public readonly byte* Name;
        public readonly ProgramHeader* Headers;
        public readonly ushort HeaderCount;
    }

    /// <summary>Elf64_Phdr (elf(5)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct ProgramHeader
    {
        public readonly uint Type;
        public readonly uint Flags;
        public readonly nuint Offset;
        public readonly nuint VirtualAddress;
        public readonly nuint PhysicalAddress;
        public readonly nuint FileSize;
        public readonly nuint MemorySize;
        public readonly nuint Alignment;
    }
}
