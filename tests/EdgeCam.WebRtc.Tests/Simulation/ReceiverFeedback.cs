using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests.Simulation;

/// <summary>What a browser tells of how packets arrive: receiver reports, transport-wide feedback, REMB. Written from the RFCs and drafts.</summary>
internal sealed class ReceiverFeedback
{
    public const int TransportExtension = 4;

    private readonly SortedDictionary<long, Instant> _arrivals = [];
    private long _highestTransport = -1, _nextTransport = -1;
    private byte _feedbackNumber;
    private uint _lastSenderReport;
    private Instant _lastSenderReportAt;
    private long _first = -1, _highest = -1, _received, _reportedExpected, _reportedReceived;

    public long Received => _received;

    /// <summary>Packets of the video stream that never came, as of now.</summary>
    public long Lost => _first < 0 ? 0 : _highest - _first + 1 - _received;

    /// <param name="packet">Decrypted RTP.</param>
    public void Add(ReadOnlySpan<byte> packet, bool isRetransmission, Instant now)
    {
        if (!isRetransmission)
        {
            var sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
            var index = _highest < 0 ? sequence : _highest + (short)(sequence - (ushort)_highest);
            _first = _first < 0 ? index : _first;
            _highest = Math.Max(_highest, index);
            _received++;
        }

        if (!TryFindTransportNumber(packet, out var number))
            return;
        var wide = _highestTransport < 0 ? number : _highestTransport + (short)(number - (ushort)_highestTransport);
        _highestTransport = Math.Max(_highestTransport, wide);
        if (_nextTransport < 0)
            _nextTransport = wide;
        _arrivals[wide] = now;
        _nextTransport = Math.Min(_nextTransport, wide); // it came late: reported once more
    }

    public void HandleSenderReport(ReadOnlySpan<byte> report, Instant now)
    {
        _lastSenderReport = BinaryPrimitives.ReadUInt32BigEndian(report[10..]);
        _lastSenderReportAt = now;
    }

    /// <summary>RFC 3550 §6.4.2.</summary>
    public byte[] Report(uint media, Instant now)
    {
        var expected = _highest - _first + 1;
        var (newExpected, newReceived) = (expected - _reportedExpected, _received - _reportedReceived);
        (_reportedExpected, _reportedReceived) = (expected, _received);
        var packet = new byte[32];
        packet[0] = 0x81;
        packet[1] = 201;
        packet[3] = 7;
        packet[7] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), media);
        var fraction = newExpected <= 0 ? 0 : Math.Clamp((newExpected - newReceived) * 256 / newExpected, 0, 255);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), ((uint)fraction << 24) | ((uint)(expected - _received) & 0xFFFFFF));
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), (uint)_highest);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(24), _lastSenderReport);
        if (_lastSenderReport != 0)
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(28), (uint)((now - _lastSenderReportAt).TotalSeconds * 65536));
        return packet;
    }

    /// <summary>draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1, with two-bit status vectors only; null where nothing is new.</summary>
    public byte[]? Transport(uint media, Instant now)
    {
        if (_arrivals.Count == 0 || _nextTransport > _highestTransport)
            return null;
        var (first, count) = (_nextTransport, (int)(_highestTransport - _nextTransport + 1));
        _nextTransport = _highestTransport + 1;
        var firstArrival = _arrivals.First(pair => pair.Key >= first).Value;
        var reference = firstArrival.Ticks / TimeSpan.TicksPerMillisecond / 64;
        var at = reference * 64 * 4; // in 250 us
        var chunks = new List<byte>();
        var deltas = new List<byte>();
        var vector = 0xC000;
        for (var i = 0; i < count; i++)
        {
            var symbol = 0;
            if (_arrivals.TryGetValue(first + i, out var arrival))
            {
                var delta = (arrival.Ticks / 2500) - at;
                at += delta;
                symbol = delta is >= 0 and <= 255 ? 1 : 2;
                if (symbol == 2)
                    deltas.Add((byte)(delta >> 8));
                deltas.Add((byte)delta);
            }

            vector |= symbol << (12 - (i % 7 * 2));
            if (i % 7 == 6 || i == count - 1)
            {
                chunks.AddRange([(byte)(vector >> 8), (byte)vector]);
                vector = 0xC000;
            }
        }

        foreach (var old in _arrivals.Keys.TakeWhile(key => key < first - 500).ToArray())
            _arrivals.Remove(old);
        List<byte> packet = [0x8F, 205, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, (byte)(first >> 8), (byte)first, (byte)(count >> 8), (byte)count,
            (byte)(reference >> 16), (byte)(reference >> 8), (byte)reference, _feedbackNumber++, .. chunks, .. deltas];
        while (packet.Count % 4 != 0)
            packet.Add(0);
        var bytes = packet.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), media);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)((bytes.Length / 4) - 1));
        return bytes;
    }

    /// <summary>draft-alvestrand-rmcat-remb-03 §2.2.</summary>
    public static byte[] MaximumBitrate(uint media, long bitsPerSecond)
    {
        var exponent = 0;
        while (bitsPerSecond >= 1 << 18)
        {
            bitsPerSecond >>= 1;
            exponent++;
        }

        var packet = new byte[24];
        ReadOnlySpan<byte> head = [0x8F, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, .. "REMB"u8];
        head.CopyTo(packet);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), (1u << 24) | ((uint)exponent << 18) | (uint)bitsPerSecond);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(20), media);
        return packet;
    }

    private static bool TryFindTransportNumber(ReadOnlySpan<byte> packet, out ushort number)
    {
        number = 0;
        if ((packet[0] & 0x10) == 0)
            return false;
        var end = 16 + (BinaryPrimitives.ReadUInt16BigEndian(packet[14..]) * 4);
        for (var at = 16; at < end; at += packet[at] == 0 ? 1 : 2 + (packet[at] & 15))
        {
            if (packet[at] >> 4 != TransportExtension)
                continue;
            number = BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 1)..]);
            return true;
        }

        return false;
    }
}
