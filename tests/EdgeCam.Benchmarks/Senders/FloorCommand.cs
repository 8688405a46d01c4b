using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers.Interop;
using EdgeCam.Benchmarks.Feed;
using EdgeCam.Benchmarks.Load;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Srtp.Interop;

namespace EdgeCam.Benchmarks.Senders;

/// <summary>
/// <c>floor</c>, the program of <see cref="FloorSender"/>: the least that encrypted video costs. Each picture is cut into packets of equal size, each is
/// copied, sealed with AES-GCM and sent, a GSO message per viewer, one system call for all. No protocol, no pacing, no memory of what was sent.
/// </summary>
internal static class FloorCommand
{
    private const int HeaderSize = 24; // of RTP with two extensions
    private const int MaxPayload = 1160;

    public static int Run(Arguments arguments)
    {
        var clip = Clip.Load(arguments.Count("width", 1920), arguments.Count("height", 1080), arguments.Count("bitrate", 4_000_000));
        var ports = (arguments.Text("ports") ?? throw new ArgumentException("--ports are where the viewers are")).Split(',').Select(int.Parse);
        arguments.MustBeKnown();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { SendBufferSize = 4 * 1024 * 1024 };
        socket.Bind(new IPEndPoint(LoadLoop.Address, 0));
        using var sender = new DatagramSender(socket);
        var local = TransportAddress.From(LoadLoop.Address, ((IPEndPoint)socket.LocalEndPoint!).Port);
        var viewers = ports.Select(port => (Path: new NetworkPath(local, TransportAddress.From(LoadLoop.Address, port)), Cipher: new AesGaloisCounterMode(new byte[16], isEncryption: true))).ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready {Environment.ProcessId}"));
        var began = MonotonicClock.Now;
        for (var number = 0; ; number++)
        {
            var wait = began + TimeSpan.FromSeconds((double)number / clip.FrameRate) - MonotonicClock.Now;
            if (wait > TimeSpan.Zero)
                Thread.Sleep(wait);
            var picture = clip.Pictures[number % clip.Pictures.Count];
            foreach (var (path, cipher) in viewers)
            {
                if (!sender.HasRoom)
                    sender.Flush();
                Write(sender, path, cipher, picture);
            }

            sender.Flush();
        }
    }

    private static void Write(DatagramSender sender, NetworkPath path, AesGaloisCounterMode cipher, ReadOnlySpan<byte> picture)
    {
        Span<byte> iv = stackalloc byte[12];
        var packets = (picture.Length + MaxPayload - 1) / MaxPayload;
        var payload = (picture.Length + packets - 1) / packets;
        var segment = HeaderSize + payload + AesGaloisCounterMode.TagLength;
        while (!picture.IsEmpty)
        {
            var buffer = sender.Free;
            var length = 0;
            for (var i = 0; i < DatagramSender.MaxSegments && !picture.IsEmpty && length + segment <= buffer.Length; i++)
            {
                var size = Math.Min(payload, picture.Length);
                var packet = buffer.Slice(length, HeaderSize + size + AesGaloisCounterMode.TagLength);
                packet[0] = 0x90;
                packet[1] = 108;
                picture[..size].CopyTo(packet[HeaderSize..]);
                picture = picture[size..];
                cipher.Seal(iv, packet[..HeaderSize], packet.Slice(HeaderSize, size), packet[(HeaderSize + size)..]);
                length += packet.Length;
            }

            sender.Add(new(path, length, segment));
        }
    }
}
