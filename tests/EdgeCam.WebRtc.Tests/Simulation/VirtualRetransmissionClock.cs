using System.Diagnostics;
using EdgeCam.WebRtc.Dtls;

namespace EdgeCam.WebRtc.Tests.Simulation;

/// <summary>For virtual time: whatever the interval, libssl's timer runs one real millisecond, and is waited for where the virtual clock is ahead.</summary>
internal sealed class VirtualRetransmissionClock : IRetransmissionClock
{
    private static readonly TimeSpan s_roundedDown = TimeSpan.FromMilliseconds(15); // what libssl takes for nothing

    public TimeSpan LibraryInterval(TimeSpan interval) => s_roundedDown + TimeSpan.FromMilliseconds(1);

    public void AwaitLibrary(TimeSpan left)
    {
        var start = Stopwatch.GetTimestamp();
        var wait = left - s_roundedDown + TimeSpan.FromMilliseconds(0.1);
        while (Stopwatch.GetElapsedTime(start) < wait)
            Thread.SpinWait(20);
    }
}
