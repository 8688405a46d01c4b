using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Devices.Ports.Interop;

/// <summary>Wakes a thread that waits in poll: any thread may set it, as often as it likes; who waited clears it.</summary>
internal sealed class Signal : IDisposable
{
    public SafeFileHandle Descriptor { get; } = LibC.CreateEvent();

    public void Set()
    {
        try
        {
            _ = LibC.Write(Descriptor, BitConverter.GetBytes(1UL)); // fails only where it is set to the brim
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
        }
    }

    public void Clear() => _ = LibC.Read(Descriptor, stackalloc byte[8]); // EAGAIN where it is not set

    public void Dispose() => Descriptor.Dispose();
}
