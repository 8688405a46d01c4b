using System.Net;
using System.Net.Sockets;
using EdgeCam.Agent.Peers.Interop;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>What ends a wait: a datagram or the wake signal, and while the loop rests the signal alone.</summary>
public sealed class PollSetTests : IDisposable
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(20);

    private readonly WakeSignal _wake = new();
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly PollSet _poll;

    public PollSetTests()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _poll = new(_wake, [_socket]);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _wake.Dispose();
    }

    [Fact]
    public void A_datagram_ends_a_wait_and_no_rest()
    {
        _socket.SendTo([1], _socket.LocalEndPoint!);
        Assert.False(_poll.WaitForWake(TimeSpan.FromMilliseconds(1)));
        _poll.Wait(s_long, [false]);
        Assert.True(_poll.IsReadable(0));
        Assert.False(_poll.IsWoken);
    }

    [Fact]
    public void The_signal_ends_both()
    {
        _wake.Set();
        Assert.True(_poll.WaitForWake(s_long));
        _poll.Wait(s_long, [false]);
        Assert.True(_poll.IsWoken);
        Assert.False(_poll.IsReadable(0));
        _wake.Clear();
        Assert.False(_poll.WaitForWake(TimeSpan.FromMilliseconds(1)));
    }
}
