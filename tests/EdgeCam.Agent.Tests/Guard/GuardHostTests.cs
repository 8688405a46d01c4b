using System.Collections.Concurrent;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using EdgeCam.Agent.Devices.Guard;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Guard;

/// <summary>The guard's loop in this process, to be broken from inside.</summary>
public sealed class GuardHostTests
{
    [Fact]
    public async Task A_fault_of_its_own_ends_it_only_after_everything_is_safe()
    {
        using var toGuard = new AnonymousPipeServerStream(PipeDirection.Out);
        using var fromGuard = new AnonymousPipeServerStream(PipeDirection.In);
        var output = new GuardOutput(fromGuard.ClientSafePipeHandle, "output");
        var device = new Device();
        using var host = new GuardHost(toGuard.ClientSafePipeHandle, output, output, (_, _) => device);
        var running = Task.Factory.StartNew(host.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        toGuard.Write(new GuardMessage(GuardMessageKind.Open) { Port = 1, Plan = new("port", "test:/", ["start;"u8.ToArray()], ["safe;"u8.ToArray()]) }.ToFrame());
        await Wait.UntilAsync(() => device.Written.Count == 1, "safe, since nobody looks after it");

        host.Post(static () => throw new InvalidOperationException("bug"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => running.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(["safe;", "safe;"], device.Written);
        output.End(TimeSpan.FromSeconds(1));
    }

    private sealed class Device : IPort
    {
        public ConcurrentQueue<string> Written { get; } = [];

        public SafeHandle? Descriptor => null;

        public void Receive()
        {
        }

        public byte[] Write(ReadOnlySpan<byte> data, int read)
        {
            Written.Enqueue(System.Text.Encoding.ASCII.GetString(data));
            return [];
        }

        public bool Hurry() => false;

        public void Dispose()
        {
        }
    }
}
