using System.Runtime.InteropServices;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests;

/// <summary>A call that is over leaves nothing behind, neither in the managed heap nor in OpenSSL's.</summary>
[Collection(nameof(Alone))]
public sealed partial class MemoryTests
{
    [Fact]
    public void Calls_that_are_over_leave_no_memory_behind()
    {
        // Code that is compiled anew while it warms up takes memory too, but not in each round; what leaks does.
        var grown = new List<string>();
        for (var round = 0; round < 5; round++)
        {
            var (managed, native) = Measure();
            for (var i = 0; i < 60; i++)
                Call(i);
            var (managedAfter, nativeAfter) = Measure();
            if (managedAfter - managed < 300_000 && nativeAfter - native < 300_000)
                return;
            grown.Add($"managed: {managed:N0} -> {managedAfter:N0} bytes, native: {native:N0} -> {nativeAfter:N0} bytes");
        }

        Assert.Fail(string.Join('\n', grown));
    }

    private static void Call(int seed)
    {
        var network = new VirtualNetwork(seed);
        var (device, browser) = (TransportAddress.FromIPv4(0xC0000201, 50000), TransportAddress.FromIPv4(0xC0000202, 40000));
        using var agent = new VirtualAgent(seed, device, network.Now);
        using var viewer = new VirtualViewer(seed + 1000, browser, network.Now);
        network.Attach(agent, device);
        network.Attach(viewer, browser);
        viewer.HandleAnswer(agent.Accept(viewer.Offer, network.Now)!, network.Now);
        Assert.True(network.RunUntil(() => viewer.IsConnected && agent.Peer!.IsConnected, TimeSpan.FromSeconds(5)));
        agent.SendPicture(20_000, isIdr: true, network.Now);
        network.RunFor(TimeSpan.FromSeconds(1));
        if (seed % 3 == 0)
            agent.Peer!.Close(network.Now);
        network.RunFor(TimeSpan.FromSeconds(1));
    }

    private static (long Managed, long Native) Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return (GC.GetTotalMemory(forceFullCollection: true), (long)mallinfo2().InUse);
    }

    [LibraryImport("libc")]
    private static partial MallocInformation mallinfo2();

    /// <summary>struct mallinfo2 (mallinfo(3)).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MallocInformation
    {
        private readonly nuint _arena, _ordblks, _smblks, _hblks, _hblkhd, _usmblks, _fsmblks;
        public nuint InUse;
        private readonly nuint _fordblks, _keepcost;
    }
}
