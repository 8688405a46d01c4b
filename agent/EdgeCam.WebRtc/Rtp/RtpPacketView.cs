using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>An RTP packet where it lies (RFC 3550 §5.1). Every length is checked in <see cref="TryParse"/>; nothing afterwards can fail.</summary>
internal readonly ref struct RtpPacketView
{
    private readonly ReadOnlySpan<byte> _packet;
    private readonly ReadOnlySpan<byte> _elements;

    private RtpPacketView(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> elements, ReadOnlySpan<byte> payload, int headerSize)
    {
        _packet = packet;
        _elements = elements;
        Payload = payload;
        HeaderSize = headerSize;
    }

    public bool Marker => (_packet[1] & 0x80) != 0;

    public byte PayloadType => (byte)(_packet[1] & 0x7F);

    public SequenceNumber SequenceNumber => new(BinaryPrimitives.ReadUInt16BigEndian(_packet[2..]));

    public RtpTimestamp Timestamp => new(BinaryPrimitives.ReadUInt32BigEndian(_packet[4..]));

    public Ssrc Ssrc => new(BinaryPrimitives.ReadUInt32BigEndian(_packet[8..]));

    /// <summary>Fixed header, CSRCs and extension.</summary>
    public int HeaderSize { get; }

    /// <summary>Without padding.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    public static bool TryParse(ReadOnlySpan<byte> packet, out RtpPacketView view)
    {
        view = default;
        if (packet.Length < RtpLimits.HeaderSize || packet[0] >> 6 != 2)
            return false;
        var headerSize = RtpLimits.HeaderSize + ((packet[0] & 0x0F) * 4); // CSRCs
        var elements = ReadOnlySpan<byte>.Empty;
        if ((packet[0] & 0x10) != 0)
        {
            if (packet.Length < headerSize + 4)
                return false;
            var profile = BinaryPrimitives.ReadUInt16BigEndian(packet[headerSize..]);
            var size = BinaryPrimitives.ReadUInt16BigEndian(packet[(headerSize + 2)..]) * 4;
            headerSize += 4;
            if (packet.Length < headerSize + size)
                return false;
            if (profile == 0xBEDE)
                elements = packet.Slice(headerSize, size);
            headerSize += size;
        }

        var padding = (packet[0] & 0x20) != 0 ? packet[^1] : 0;
        if (packet.Length < headerSize + padding || ((packet[0] & 0x20) != 0 && padding == 0))
            return false;
        view = new(packet, elements, packet[headerSize..^padding], headerSize);
        return true;
    }

    /// <summary>The data of a one-byte header extension (RFC 8285 §4.2).</summary>
    public bool TryGetExtension(int id, out ReadOnlySpan<byte> data)
    {
        var rest = _elements;
        while (rest.Length > 0 && rest[0] >> 4 != 15) // 15 ends the list
        {
            if (rest[0] == 0) // padding
            {
                rest = rest[1..];
                continue;
            }

            var length = (rest[0] & 0x0F) + 1;
            if (rest.Length < 1 + length)
                break;
            data = rest.Slice(1, length);
            if (rest[0] >> 4 == id)
                return true;
            rest = rest[(1 + length)..];
        }

        data = default;
        return false;
    }
}
