using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Peers.Interop;

/// <summary>Wakes a loop that waits in poll (eventfd(2)): any thread may set it, the loop clears it.</summary>
internal sealed unsafe class WakeSignal : IDisposable
{
    private const int NonBlocking = 0x800; // EFD_NONBLOCK
    private const int CloseOnExec = 0x80000; // EFD_CLOEXEC

    private readonly SafeFileHandle _descriptor;

    public WakeSignal()
    {
        var descriptor = Libc.eventfd(0, NonBlocking | CloseOnExec);
        if (descriptor < 0)
            throw new IOException($"eventfd failed with error {Marshal.GetLastPInvokeError()}: raise the limit of open files (ulimit -n)");
        _descriptor = new SafeFileHandle(descriptor, ownsHandle: true);
    }

    internal SafeFileHandle Descriptor => _descriptor;

    public void Set()
    {
        ulong one = 1;
        try
        {
            _ = Libc.write(_descriptor, &one, sizeof(ulong)); // fails only when already set to the brim: then the loop wakes anyway
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended; whoever comes late wakes nobody.
        }
    }

    public void Clear()
    {
        ulong value;
        _ = Libc.read(_descriptor, &value, sizeof(ulong)); // EAGAIN where nobody set it
    }

    public void Dispose() => _descriptor.Dispose();
}
