using System.Net;
using System.Net.Sockets;
using EdgeCam.Agent.Peers;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>What the kernel hands to which socket of the one port.</summary>
public sealed class MediaPortTests : IDisposable
{
    private readonly MediaPort _port = new(0);

    public static TheoryData<string, bool, string> Datagrams { get; } = new()
    {
        { "transport feedback", true, "8F CD 00 05" },
        { "an estimate (REMB)", true, "8F CE 00 05" },
        { "a receiver report, GCM", true, Report(1, 4 + 16) },
        { "a receiver report, counter mode", true, Report(1, 4 + 10) },
        { "a receiver report of two streams", true, Report(2, 4 + 16) },
        { "a receiver report of none", true, Report(0, 4 + 16) },
        { "transport feedback by a relay", true, "40 01 00 60 8F CD 00 05" },
        { "a receiver report by a relay", true, "40 01 00 34 " + Report(1, 4 + 16) },
        { "a receiver report by a relay, padded", true, "40 01 00 2E " + Report(1, 4 + 10 + 2) },
        { "a receiver report and what follows", false, Report(1, 4 + 16 + 12) },
        { "a receiver report and what follows by a relay", false, "40 01 00 40 " + Report(1, 4 + 16 + 12) },
        { "NACK", false, "81 CD 00 03" },
        { "NACK by a relay", false, "40 01 00 30 81 CD 00 03" },
        { "PLI", false, "81 CE 00 02" },
        { "FIR", false, "84 CE 00 04" },
        { "a sender report", false, "80 C8 00 06" },
        { "BYE", false, "81 CB 00 01" },
        { "an extended report", false, "80 CF 00 06" },
        { "RTP", false, "80 60 00 01" },
        { "STUN", false, "00 01 00 00" },
        { "DTLS", false, "16 FE FD 00" },
        { "nothing", false, "" },
        { "a byte", false, "8F" },
        { "a byte by a relay", false, "40 01 00 01 8F" },
        { "the head of ChannelData", false, "40 01" },
        { "no RTCP version", false, "CF CD 00 05" },
    };

    public void Dispose() => _port.Dispose();

    [Theory]
    [MemberData(nameof(Datagrams))]
    public void Reports_that_have_time_come_to_a_socket_of_their_own(string name, bool hasTime, string start)
    {
        Assert.Equal(_port.Sockets.Length, _port.Reports.Length);
        var datagram = Convert.FromHexString(start.Replace(" ", "", StringComparison.Ordinal));
        if (hasTime && datagram.Length < 20)
            datagram = [.. datagram, .. new byte[60]]; // of any length
        for (var family = 0; family < _port.Sockets.Length; family++)
        {
            var address = family == 0 ? IPAddress.Loopback : IPAddress.IPv6Loopback;
            using var sender = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            for (var i = 0; i < 4; i++) // without the program it is by the sender's port
            {
                sender.SendTo(datagram, new IPEndPoint(address, _port.Port));
                Assert.True(hasTime == HasOne(_port.Reports[family]), $"{name} to {address}");
                Assert.True(hasTime != HasOne(_port.Sockets[family]), $"{name} to {address}");
            }
        }

        static bool HasOne(Socket socket)
        {
            if (!socket.Poll(TimeSpan.Zero, SelectMode.SelectRead))
                return false;
            socket.Receive(new byte[200]);
            return true;
        }
    }

    [Fact]
    public void Nobody_else_has_the_port()
    {
        Assert.Throws<SocketException>(() => new MediaPort(_port.Port));
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Assert.Throws<SocketException>(() => other.Bind(new IPEndPoint(IPAddress.Any, _port.Port)));
    }

    [Fact]
    public void It_is_free_again_once_it_is_closed()
    {
        var number = _port.Port;
        _port.Dispose();
        using var again = new MediaPort(number);
        Assert.Equal(number, again.Port);
    }

    /// <summary>With so many blocks, and so many bytes behind them.</summary>
    private static string Report(int blocks, int behind) => Convert.ToHexString([(byte)(0x80 | blocks), 201, 0, (byte)(1 + (6 * blocks)), .. new byte[4 + (24 * blocks) + behind]]);
}
