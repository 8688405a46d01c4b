using System.Net;
using System.Net.Sockets;
using EdgeCam.Agent.Peers.Interop;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>What ends a wait: a datagram or the wake signal, and one at the other sockets where those are waited for.</summary>
public sealed class PollSetTests : IDisposable
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(20);

    private readonly WakeSignal _wake = new();
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Socket _other = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly PollSet _poll;

    public PollSetTests()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _poll = new(_wake, [_socket], [_other]);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _other.Dispose();
        _wake.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_datagram_ends_a_wait(bool withOthers)
    {
        Assert.False(_poll.Wait(TimeSpan.FromMilliseconds(1), [false], withOthers));
        _socket.SendTo([1], _socket.LocalEndPoint!);
        Assert.True(_poll.Wait(s_long, [false], withOthers));
        Assert.True(_poll.IsReadable(0));
        Assert.False(_poll.IsWoken);
    }

    [Fact]
    public void One_at_the_other_sockets_only_where_they_are_waited_for()
    {
        _socket.SendTo([1], _other.LocalEndPoint!);
        Assert.False(_poll.Wait(TimeSpan.FromMilliseconds(1), [false], withOthers: false));
        Assert.True(_poll.Wait(s_long, [false]));
        Assert.False(_poll.IsReadable(0) || _poll.IsWoken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_signal_ends_it(bool withOthers)
    {
        _wake.Set();
        Assert.True(_poll.Wait(s_long, [false], withOthers));
        Assert.True(_poll.IsWoken);
        Assert.False(_poll.IsReadable(0));
        _wake.Clear();
        Assert.False(_poll.Wait(TimeSpan.FromMilliseconds(1), [false], withOthers));
        Assert.False(_poll.IsWoken);
    }
}
