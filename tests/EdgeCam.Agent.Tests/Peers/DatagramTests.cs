using System.Net;
using System.Net.Sockets;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Peers.Interop;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>The media port's system calls on loopback: bursts, their fallback, and the addresses of both ends.</summary>
public sealed class DatagramTests : IDisposable
{
    private readonly MediaPort _port = new(0);
    private readonly MediaPort _other = new(0);
    private readonly DatagramReceiver _receiver = new();

    public void Dispose()
    {
        _receiver.Dispose();
        _port.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.2", true)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    [InlineData("::1", "::1", true)]
    [InlineData("::1", "::1", false)]
    public void A_burst_arrives_as_equal_datagrams_from_the_address_that_it_was_sent_from(string from, string to, bool segmentation)
    {
        var path = Path(from, to);
        using var sender = new DatagramSender(SocketFor(path), segmentation);

        Add(sender, path, 2900, 1000);
        sender.Flush();

        Assert.False(sender.IsPending);
        Assert.Equal((3, 0, 0), (sender.Sent, sender.Refused, sender.EgressesWithoutSegmentation));
        var received = Receive(path, 3);
        Assert.Equal([1000, 1000, 900], received.Select(datagram => datagram.Data.Length));
        Assert.Equal(Bytes(2900), received.SelectMany(datagram => datagram.Data));
        Assert.All(received, datagram => Assert.Equal(new(path.Remote, path.Local), datagram.Path)); // the same path, seen from there
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void What_the_kernel_will_not_segment_is_sent_one_by_one_and_that_is_remembered(string address)
    {
        var path = Path(address, address);
        var elsewhere = Path(address == "::1" ? "::1" : "127.0.0.3", address);
        using var sender = new DatagramSender(SocketFor(path));

        Add(sender, path, 2600, 20); // 130 segments: above the limit of any kernel, hence EINVAL
        Add(sender, elsewhere, 2000, 1000);
        sender.Flush();

        Assert.Equal((132, 0, 1), (sender.Sent, sender.Refused, sender.EgressesWithoutSegmentation));
        var received = Receive(path, 132);
        Assert.Equal(Bytes(2600).Concat(Bytes(2000)), received.SelectMany(datagram => datagram.Data));
        Assert.Equal((130, 2), (received.Count(datagram => datagram.Data.Length == 20), received.Count(datagram => datagram.Data.Length == 1000)));

        Add(sender, path, 3000, 1000); // would be taken, but this egress is not trusted any more
        sender.Flush();
        Assert.Equal(135, sender.Sent);
        Assert.Equal([1000, 1000, 1000], Receive(path, 3).Select(datagram => datagram.Data.Length));
        Assert.Equal(1, sender.EgressesWithoutSegmentation);
    }

    [Fact]
    public void One_message_that_is_refused_does_not_hold_up_the_others()
    {
        var path = Path("127.0.0.1", "127.0.0.1");
        using var sender = new DatagramSender(SocketFor(path));

        Add(sender, path, 100, 100);
        Add(sender, new(TransportAddress.From(IPAddress.Parse("192.0.2.1"), _port.Port), path.Remote), 100, 100); // not an address of ours
        Add(sender, new(path.Local, path.Remote.WithPort(0)), 100, 100); // nowhere
        Add(sender, path, 200, 200);
        sender.Flush();

        Assert.Equal((2, 2), (sender.Sent, sender.Refused));
        Assert.Equal([100, 200], Receive(path, 2).Select(datagram => datagram.Data.Length));
    }

    [Fact]
    public void There_is_no_room_for_more_than_the_sender_can_hold_and_room_again_after_sending()
    {
        var path = Path("127.0.0.1", "127.0.0.1");
        using var sender = new DatagramSender(SocketFor(path), segmentation: false);
        var messages = 0;
        for (; sender.HasRoom; messages++)
            Add(sender, path, 640, 10);
        Assert.InRange(messages, 7, 8); // 64 datagrams each

        while (true)
        {
            sender.Flush();
            Receive(path, 0);
            if (!sender.IsPending)
                break;
        }

        Assert.True(sender.HasRoom);
        Assert.Equal(messages * 64, sender.Sent + sender.Refused);
    }

    [Fact]
    public void More_than_a_batch_is_read_in_several_and_an_empty_socket_gives_none()
    {
        var path = Path("127.0.0.1", "127.0.0.1");
        using var sender = new DatagramSender(SocketFor(path));
        Assert.Equal(0, _receiver.Receive(_other.Sockets[0]));
        for (var i = 0; i < 3; i++)
            Add(sender, path, 40 * 100, 100);
        sender.Flush();
        Assert.Equal(120, Receive(path, 120).Count);
    }

    [Fact]
    public void Empty_and_oversized_datagrams_are_read_without_harm()
    {
        var path = Path("127.0.0.1", "127.0.0.1");
        using var raw = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var target = new IPEndPoint(IPAddress.Loopback, _other.Port);
        raw.SendTo([], target);
        raw.SendTo(new byte[60000], target);
        raw.SendTo([1], target);
        Assert.Equal([0, 2048, 1], Receive(path, 3).Select(datagram => datagram.Data.Length)); // cut: no protocol here has so long ones
    }

    private NetworkPath Path(string from, string to)
    {
        Assert.SkipWhen(from.Contains(':', StringComparison.Ordinal) && _port.Sockets.Length + _other.Sockets.Length < 4, "this machine has no IPv6");
        return new(TransportAddress.From(IPAddress.Parse(from), _port.Port), TransportAddress.From(IPAddress.Parse(to), _other.Port));
    }

    private Socket SocketFor(NetworkPath path) => _port.Sockets[_port.IndexFor(path.Remote)];

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 7))];

    private static void Add(DatagramSender sender, NetworkPath path, int length, int segmentSize)
    {
        Assert.True(sender.HasRoom);
        Bytes(length).CopyTo(sender.Free);
        sender.Add(new(path, length, segmentSize));
    }

    private List<(byte[] Data, NetworkPath Path)> Receive(NetworkPath path, int count)
    {
        List<(byte[] Data, NetworkPath Path)> received = [];
        var socket = _other.Sockets[_other.IndexFor(path.Remote)];
        while (received.Count < count ? socket.Poll(TimeSpan.FromSeconds(5), SelectMode.SelectRead) : socket.Available > 0)
        {
            var batch = _receiver.Receive(socket);
            Assert.InRange(batch, 1, 64);
            for (var i = 0; i < batch; i++)
                received.Add((_receiver.Datagram(i).ToArray(), _receiver.Path(i, (ushort)_other.Port)));
        }

        return received;
    }
}
