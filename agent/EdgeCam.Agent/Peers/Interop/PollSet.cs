using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Peers.Interop;

/// <summary>Waits for a few sockets and a wake signal with nanosecond timeouts (ppoll(2)); epoll and Task wake-ups round to milliseconds or cost a thread hop.</summary>
/// <param name="others">Are waited for where that is asked for.</param>
internal sealed unsafe class PollSet(WakeSignal wake, Socket[] sockets, Socket[] others)
{
    private readonly Libc.PollDescriptor[] _descriptors = new Libc.PollDescriptor[1 + sockets.Length + others.Length];

    /// <summary>Waits at most <paramref name="timeout"/>. <paramref name="wantWrite"/> asks for the sockets with unsent messages.</summary>
    /// <returns>False where nothing came.</returns>
    public bool Wait(TimeSpan timeout, ReadOnlySpan<bool> wantWrite, bool withOthers = true)
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

        for (var i = 0; i < others.Length; i++)
            _descriptors[1 + sockets.Length + i] = new() { Descriptor = (int)others[i].SafeHandle.DangerousGetHandle(), Events = Libc.PollIn };
        return Wait(withOthers ? _descriptors.Length : 1 + sockets.Length, timeout);
    }

    public bool IsWoken => _descriptors[0].Returned != 0;

    public bool IsReadable(int socket) => (_descriptors[socket + 1].Returned & ~Libc.PollOut) != 0; // errors count: reading clears them

    private bool Wait(int count, TimeSpan timeout)
    {
        var time = new Libc.TimeSpec
        {
            Seconds = timeout.Ticks / TimeSpan.TicksPerSecond,
            Nanoseconds = timeout.Ticks % TimeSpan.TicksPerSecond * 100,
        };
        fixed (Libc.PollDescriptor* descriptors = _descriptors)
        {
            var ready = Libc.ppoll(descriptors, (nuint)count, &time, null);
            if (ready >= 0)
                return ready > 0;
            foreach (ref var descriptor in _descriptors.AsSpan())
                descriptor.Returned = 0;
            return Marshal.GetLastPInvokeError() == Libc.Interrupted ? false : throw new IOException($"ppoll failed with error {Marshal.GetLastPInvokeError()}");
        }
    }
}
