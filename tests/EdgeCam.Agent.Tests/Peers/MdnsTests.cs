using System.Collections.Concurrent;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers.Mdns;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>Names in place of addresses: what is asked on the wire, and which answers count.</summary>
public sealed class MdnsTests
{
    private const string Name = "df3cd4ab-44ca-49ff-9ca9-0dad4ce798d6.local";

    [Theory]
    [InlineData(Name, true)]
    [InlineData("DF3CD4AB-44CA-49FF-9CA9-0DAD4CE798D6.LOCAL", true)]
    [InlineData("printer.local", false)]
    [InlineData("df3cd4ab-44ca-49ff-9ca9-0dad4ce798d.local", false)]
    [InlineData("a.df3cd4ab-44ca-49ff-9ca9-0dad4ce798d6.local", false)]
    [InlineData("df3cd4ab.44ca-49ff-9ca9-0dad4ce798d6.local", false)]
    [InlineData("df3cd4ab-44ca-49ff-9ca9-0dad4ce798d6.lan", false)]
    [InlineData("", false)]
    public void Only_names_that_browsers_make_up_are_asked_for(string name, bool isAsked) => Assert.Equal(isAsked, MdnsMessage.IsCandidateName(name));

    [Fact]
    public void A_query_is_read_back_by_its_own_wire_format()
    {
        var query = new byte[MdnsMessage.MaxQuery];
        var length = MdnsMessage.WriteQuery(query, 0x1234, Name, MdnsMessage.TypeAaaa);
        Assert.Equal(
            "1234" + "0000" + "0001" + "0000" + "0000" + "0000" + "24" + Convert.ToHexString(Encoding.ASCII.GetBytes(Name[..36])) + "05" + "6C6F63616C" + "00" + "001C" + "0001",
            Convert.ToHexString(query.AsSpan(0, length)));
        Assert.Null(MdnsMessage.FindAddress(query.AsSpan(0, length), 0x1234, Name)); // a question is no answer
    }

    [Fact]
    public void Answers_count_for_the_name_and_the_query_alone()
    {
        var mine = IPAddress.Parse("192.0.2.7");
        Assert.Equal(mine, MdnsMessage.FindAddress(Answer(0x1234, Name, mine, withQuestion: true), 0x1234, Name));
        Assert.Equal(mine, MdnsMessage.FindAddress(Answer(0, Name.ToUpperInvariant(), mine), 0x1234, Name)); // by multicast
        Assert.Equal(IPAddress.Parse("fd00::2"), MdnsMessage.FindAddress(Answer(0, Name, IPAddress.Parse("fd00::2"), withQuestion: true), 0x1234, Name));
        Assert.Null(MdnsMessage.FindAddress(Answer(0x4321, Name, mine), 0x1234, Name));
        Assert.Null(MdnsMessage.FindAddress(Answer(0, Name.Replace('d', 'e'), mine), 0x1234, Name));
        Assert.Null(MdnsMessage.FindAddress(Answer(0, Name[..36], mine), 0x1234, Name));
    }

    [Fact]
    public void Random_and_cut_messages_neither_throw_nor_run_for_ever()
    {
        var random = new Random(3);
        var good = Answer(0, Name, IPAddress.Parse("192.0.2.7"), withQuestion: true);
        for (var i = 0; i < 20_000; i++)
        {
            var bad = good[..random.Next(good.Length + 1)];
            for (var flips = random.Next(4); flips > 0 && bad.Length > 0; flips--)
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            _ = MdnsMessage.FindAddress(bad, 0x1234, Name);
        }

        var noise = new byte[512];
        for (var i = 0; i < 20_000; i++)
        {
            random.NextBytes(noise);
            (noise[0], noise[1], noise[2], noise[3]) = (0, 0, 0x84, 0);
            _ = MdnsMessage.FindAddress(noise.AsSpan(0, random.Next(512)), 0x1234, Name);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_responder_on_the_link_is_heard_whether_it_answers_by_unicast_or_to_the_group(bool byUnicast)
    {
        using var responder = new Responder(byUnicast);
        using var drops = new DropCounters();
        using var stop = new CancellationTokenSource();
        var resolver = new MdnsResolver(Loopback, drops);
        var running = resolver.RunAsync(stop.Token);
        var found = new ConcurrentQueue<IPAddress>();

        resolver.Resolve("alice", "printer.local", found.Enqueue);
        resolver.Resolve("alice", Name.Replace('d', 'e'), found.Enqueue); // nobody has it
        resolver.Resolve("alice", Name, found.Enqueue);
        await Wait.UntilAsync(() => !found.IsEmpty, "an address");
        Assert.Equal(IPAddress.Parse("192.0.2.7"), Assert.Single(found));
        Assert.Equal(1, drops[Stage.Signaling, DropReason.Malformed]);

        await stop.CancelAsync();
        await running;
        Assert.Single(found);
        Assert.DoesNotContain(responder.Asked, name => name.Contains("printer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_flood_of_names_is_bounded_and_counted()
    {
        using var drops = new DropCounters();
        using var stop = new CancellationTokenSource();
        var resolver = new MdnsResolver(Loopback, drops);
        for (var i = 0; i < 1000; i++)
            resolver.Resolve($"viewer {i}", $"{Guid.NewGuid():D}.local", static _ => { });
        Assert.Equal(1000 - 64, drops[Stage.Signaling, DropReason.QueueFull]);
        var running = resolver.RunAsync(stop.Token);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task One_viewers_names_leave_room_for_anothers()
    {
        using var responder = new Responder(byUnicast: true);
        using var drops = new DropCounters();
        using var stop = new CancellationTokenSource();
        var resolver = new MdnsResolver(Loopback, drops);
        for (var i = 0; i < 1000; i++)
            resolver.Resolve("mallory", $"{Guid.NewGuid():D}.local", static _ => { });
        Assert.Equal(1000 - 4, drops[Stage.Signaling, DropReason.TooMany]);

        var found = new ConcurrentQueue<string>();
        resolver.Resolve("alice", Name, _ => found.Enqueue("alice"));
        var running = resolver.RunAsync(stop.Token);
        await Wait.UntilAsync(() => found.Contains("alice"), "the other's address");
        await Wait.UntilAsync(() => resolver.Pending == 0, "the end of all queries");
        resolver.Resolve("mallory", Name, _ => found.Enqueue("mallory"));
        await Wait.UntilAsync(() => found.Contains("mallory"), "an address, now that the bad names have had their time");
        Assert.Equal(0, drops[Stage.Signaling, DropReason.QueueFull]);
        await stop.CancelAsync();
        await running;
    }

    private static IEnumerable<NetworkInterface> Loopback() =>
        NetworkInterface.GetAllNetworkInterfaces().Where(network => network.NetworkInterfaceType == NetworkInterfaceType.Loopback);

    private static byte[] Answer(ushort id, string name, IPAddress address, bool withQuestion = false)
    {
        byte[] encoded = [.. name.Split('.').SelectMany(label => Encoding.ASCII.GetBytes(label).Prepend((byte)label.Length)), 0];
        var data = address.GetAddressBytes();
        byte[] type = [0, data.Length == 4 ? (byte)1 : (byte)28];
        byte[] question = withQuestion ? [.. encoded, .. type, 0, 1] : [];
        byte[] answered = withQuestion ? [0xC0, 12] : encoded; // a pointer to the question's name
        return [(byte)(id >> 8), (byte)id, 0x84, 0, 0, withQuestion ? (byte)1 : (byte)0, 0, 1, 0, 0, 0, 0,
            .. question, .. answered, .. type, 0x80, 1, 0, 0, 0, 120, 0, (byte)data.Length, .. data];
    }

    /// <summary>Has one name, on loopback.</summary>
    private sealed class Responder : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        private readonly Thread _thread;
        private volatile bool _isOver;

        public Responder(bool byUnicast)
        {
            _socket.SetRawSocketOption(1, 2, [1, 0, 0, 0]);
            _socket.SetRawSocketOption(1, 15, [1, 0, 0, 0]);
            _socket.Bind(new IPEndPoint(IPAddress.Any, MdnsLink.Port));
            _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(IPAddress.Parse("224.0.0.251"), IPAddress.Loopback));
            _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());
            _socket.ReceiveTimeout = 100;
            _thread = new Thread(() => Run(byUnicast)) { IsBackground = true };
            _thread.Start();
        }

        public ConcurrentQueue<string> Asked { get; } = new();

        public void Dispose()
        {
            _isOver = true;
            _thread.Join();
            _socket.Dispose();
        }

        private void Run(bool byUnicast)
        {
            var buffer = new byte[512];
            while (!_isOver)
            {
                EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                try
                {
                    var length = _socket.ReceiveFrom(buffer, ref from);
                    if ((buffer[2] & 0x80) != 0)
                        continue;
                    var name = $"{Encoding.ASCII.GetString(buffer, 13, buffer[12])}.local";
                    Asked.Enqueue(name);
                    if (name != Name || buffer[length - 3] != MdnsMessage.TypeA)
                        continue;
                    var id = byUnicast ? (ushort)((buffer[0] << 8) | buffer[1]) : (ushort)0;
                    _socket.SendTo(Answer(id, name, IPAddress.Parse("192.0.2.7")), byUnicast ? from : new IPEndPoint(IPAddress.Parse("224.0.0.251"), MdnsLink.Port));
                }
                catch (SocketException)
                {
                    // nobody asks
                }
            }
        }
    }
}
