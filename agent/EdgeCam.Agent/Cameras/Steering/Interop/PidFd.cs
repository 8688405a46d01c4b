using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Cameras.Steering.Interop;

/// <summary>A handle to a process, and copies of its descriptors. The calls' numbers are the same on all architectures since Linux 5.6.</summary>
internal static partial class PidFd
{
    public const int NotPermitted = 1; // EPERM
    public const int NoSuchCall = 38; // ENOSYS

    private const nint PidFdOpen = 434;
    private const nint PidFdGetFd = 438;

    /// <returns>Null, and errno.</returns>
    public static SafeFileHandle? Open(int processId, out int error) => Handle(Call(PidFdOpen, processId, 0, 0), out error);

    /// <returns>A copy of the other process's descriptor that is closed on exec; null, and errno.</returns>
    public static SafeFileHandle? Take(SafeFileHandle process, int descriptor, out int error) => Handle(Call(PidFdGetFd, process, descriptor, 0), out error);

    private static SafeFileHandle? Handle(nint result, out int error)
    {
        error = result < 0 ? Marshal.GetLastPInvokeError() : 0;
        return result < 0 ? null : new(result, ownsHandle: true);
    }

    // syscall is variadic; with integers both architectures pass those as they pass named arguments.
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint first, nint second, nint third);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, SafeFileHandle first, nint second, nint third);
}
