using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Tests.H264;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Rtp;

/// <summary>A sender and a viewer that asks for what it misses, on a network that loses, delays and reorders.</summary>
public sealed class RepairTests
{
    private static readonly Ssrc s_media = new(0x11111111), s_rtx = new(0x22222222);

    [Theory]
    [InlineData(true, 0.1)]
    [InlineData(false, 0.1)]
    [InlineData(true, 0.3)]
    public void Every_lost_packet_is_repaired(bool rtx, double loss)
    {
        var frames = new RtpTestFrames();
        var network = new VirtualNetwork(seed: 3)
        {
            Loss = loss,
            Duplication = 0.02,
            Latency = TimeSpan.FromMilliseconds(20),
            Jitter = TimeSpan.FromMilliseconds(8),
        };
        using var camera = new SenderNode(frames, rtx, network.Now);
        var viewer = new ViewerNode(rtx);
        network.Attach(camera, Address(1));
        network.Attach(viewer, Address(2));
        network.RunFor(TimeSpan.FromSeconds(5));
        camera.IsEnded = true;
        network.RunFor(TimeSpan.FromSeconds(1));

        var statistics = camera.Sender.Statistics;
        Assert.True(network.Lost > 50);
        Assert.Equal(0, viewer.Missing);
        Assert.InRange(statistics.PacketsSent - viewer.Received, 0, 2); // the first and the last packets leave no gap
        Assert.True(viewer.Depacketize().Count > 140);
        Assert.InRange(statistics.PacketsRetransmitted, 1, 3 * network.Lost);
        Assert.InRange(statistics.RoundTripTime!.Value.TotalMilliseconds, 38, 60);
        camera.Dispose();
        Assert.Equal(0, frames.Pool.Outstanding);
    }

    private static TransportAddress Address(byte host) => TransportAddress.FromIPv4(0x0A000000u | host, 5000);

    private sealed class SenderNode : IVirtualNode, IDisposable
    {
        private readonly TagProtector _protector = new();
        private readonly RtpTestFrames _frames;
        private Instant _nextFrame;
        private int _count;

        public SenderNode(RtpTestFrames frames, bool rtx, Instant start)
        {
            _frames = frames;
            _nextFrame = start;
            Sender = new(new(102, s_media, "camera", rtx ? (byte)103 : null, s_rtx, new(TransportSequenceNumber: 4)), new SeededRandom(5), new(start, new(1UL << 60)));
        }

        public VideoSender Sender { get; }

        public bool IsEnded { get; set; }

        public Instant NextTimeout => Instant.Min(IsEnded ? Instant.Never : _nextFrame, Sender.NextTimeout);

        public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now) => Sender.HandleRtcp(_protector.Unprotect(datagram), now);

        public void HandleTimeout(Instant now)
        {
            Sender.HandleTimeout(now);
            if (now < _nextFrame || IsEnded)
                return;
            _nextFrame += TimeSpan.FromMilliseconds(33);
            var isIdr = _count++ % 30 == 0;
            using var frame = _frames.Make(isIdr ? 25_000 : 5000, isIdr, now);
            Sender.SendFrame(frame, now);
        }

        public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
        {
            var path = new NetworkPath(Address(1), Address(2));
            if (Sender.TryTransmitRtcp(buffer, now, _protector, out var length))
            {
                transmit = new(path, length, length);
                return true;
            }

            var any = Sender.TryTransmit(buffer, now, _protector, out length, out var segmentSize);
            transmit = new(path, length, segmentSize);
            return any;
        }

        public void Dispose() => Sender.Dispose();
    }

    private sealed class ViewerNode(bool rtx) : IVirtualNode
    {
        private readonly TagProtector _protector = new();
        private readonly SortedDictionary<int, byte[]> _payloads = [];
        private readonly Queue<byte[]> _out = new();
        private int _first = -1;
        private int _highest;
        private uint _lastReport;
        private Instant _lastReportAt;

        public Instant NextTimeout { get; private set; } = new(0);

        public int Received => _payloads.Count;

        public int Missing { get; private set; }

        public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now)
        {
            var packet = _protector.Unprotect(datagram);
            if (packet[1] is >= 200 and <= 207)
            {
                _lastReport = (uint)((packet[10] << 24) | (packet[11] << 16) | (packet[12] << 8) | packet[13]);
                _lastReportAt = now;
                return;
            }

            Assert.True(RtpPacketView.TryParse(packet, out var view));
            var payload = view.Payload;
            int sequenceNumber = view.SequenceNumber.Value;
            if (view.PayloadType == 103)
            {
                Assert.True(rtx);
                Assert.Equal(s_rtx, view.Ssrc);
                sequenceNumber = (payload[0] << 8) | payload[1];
                payload = payload[2..];
            }

            if (_first < 0)
                _first = _highest = sequenceNumber;
            if (sequenceNumber < _first) // reordered at the very beginning
                _first = sequenceNumber;
            if (_payloads.TryGetValue(sequenceNumber, out var known))
                Assert.True(payload.SequenceEqual(known));
            _payloads[sequenceNumber] = payload.ToArray();
            _highest = Math.Max(_highest, sequenceNumber);
        }

        public void HandleTimeout(Instant now)
        {
            NextTimeout = now + TimeSpan.FromMilliseconds(20);
            var delay = (uint)((now - _lastReportAt).TotalSeconds * 65536);
            var compound = new List<byte>(RtcpBytes.Report(s_media, lastReport: _lastReport, delay: delay));
            Missing = 0;
            for (var i = Math.Max(_first, 0); i < _highest; i++)
            {
                if (_payloads.ContainsKey(i))
                    continue;
                Missing++;
                compound.AddRange(RtcpBytes.Nack(s_media, (ushort)i, 0));
            }

            _out.Enqueue([.. compound]);
        }

        public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
        {
            transmit = default;
            if (!_out.TryDequeue(out var compound))
                return false;
            compound.CopyTo(buffer);
            var length = _protector.ProtectRtcp(buffer, compound.Length);
            transmit = new(new(Address(2), Address(1)), length, length);
            return true;
        }

        public List<byte[]> Depacketize()
        {
            var depacketizer = new H264Depacketizer();
            foreach (var (_, payload) in _payloads)
                depacketizer.Add(payload);
            return depacketizer.NalUnits;
        }
    }
}
