using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Peers.Interop;

/// <summary>Waits for a few sockets and a wake signal with nanosecond timeouts (ppoll(2)); epoll and Task wake-ups round to milliseconds or cost a thread hop.</summary>
internal sealed unsafe class PollSet(WakeSignal wake, Socket[] sockets)
{
    private readonly Libc.PollDescriptor[] _descriptors = new Libc.PollDescriptor[sockets.Length + 1];

    /// <summary>Waits at most <paramref name="timeout"/>. <paramref name="wantWrite"/> asks for the sockets with unsent messages.</summary>
    public void Wait(TimeSpan timeout, ReadOnlySpan<bool> wantWrite)
    {
        _descriptors[0] = new() { Descriptor = (int)wake.Descriptor.DangerousGetHandle(), Events = Libc.PollIn };
        for (var i = 0; i < sockets.Length; i++)
        {
            _descriptors[i + 1] = new()
            {
                Descriptor = (int)sockets[i].SafeHandle.DangerousGetHandle(),
                Events = (short)(Libc.PollIn | (wantWrite[i] ? Libc.PollOut : 0)),
            };
        }

        Wait(_descriptors.Length, timeout);
    }

    /// <summary>Waits at most <paramref name="timeout"/> for the wake signal alone.</summary>
    /// <returns>Whether it was set.</returns>
    public bool WaitForWake(TimeSpan timeout)
    {
        _descriptors[0] = new() { Descriptor = (int)wake.Descriptor.DangerousGetHandle(), Events = Libc.PollIn };
        Wait(1, timeout);
        return IsWoken;
    }

    public bool IsWoken => _descriptors[0].Returned != 0;

    public bool IsReadable(int socket) => (_descriptors[socket + 1].Returned & ~Libc.PollOut) != 0; // errors count: reading clears them

    private void Wait(int count, TimeSpan timeout)
    {
        var time = new Libc.TimeSpec
        {
            Seconds = timeout.Ticks / TimeSpan.TicksPerSecond,
            Nanoseconds = timeout.Ticks % TimeSpan.TicksPerSecond * 100,
        };
        fixed (Libc.PollDescriptor* descriptors = _descriptors)
        {
            if (Libc.ppoll(descriptors, (nuint)count, &time, null) < 0)
            {
                foreach (ref var descriptor in _descriptors.AsSpan())
                    descriptor.Returned = 0;
                if (Marshal.GetLastPInvokeError() != Libc.Interrupted)
                    throw new IOException($"ppoll failed with error {Marshal.GetLastPInvokeError()}");
            }
        }
    }
}
