using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>Writes the packets of a compound one after another into the caller's buffer.</summary>
/// <param name="destination">Large enough: <see cref="MaxCompound"/> holds all that a sender of two SSRCs writes.</param>
internal ref struct RtcpWriter(Span<byte> destination)
{
    /// <summary>28 of SR, 2 * (4 + 2 + 255 and padding) of SDES, 12 of BYE, rounded up.</summary>
    public const int MaxCompound = 600;

    private const byte CnameItem = 1; // RFC 3550 §6.5.1

    private readonly Span<byte> _destination = destination;

    public int Length { get; private set; }

    /// <summary>RFC 3550 §6.4.1, without report blocks: this agent receives no media.</summary>
    public void AddSenderReport(Ssrc source, NtpTime time, RtpTimestamp timestamp, uint packetCount, uint octetCount)
    {
        var body = Begin(RtcpPacketType.SenderReport, count: 0, bodySize: 24);
        BinaryPrimitives.WriteUInt32BigEndian(body, source.Value);
        BinaryPrimitives.WriteUInt64BigEndian(body[4..], time.Value);
        BinaryPrimitives.WriteUInt32BigEndian(body[12..], timestamp.Value);
        BinaryPrimitives.WriteUInt32BigEndian(body[16..], packetCount);
        BinaryPrimitives.WriteUInt32BigEndian(body[20..], octetCount);
    }

    /// <summary>SDES with CNAME (RFC 3550 §6.5), a chunk for each source.</summary>
    public void AddSourceDescription(ReadOnlySpan<byte> cname, params ReadOnlySpan<Ssrc> sources)
    {
        var chunkSize = (4 + 2 + cname.Length + 1 + 3) & ~3; // SSRC, item header, text, at least one null octet, to a multiple of four
        var body = Begin(RtcpPacketType.SourceDescription, sources.Length, chunkSize * sources.Length);
        body.Clear();
        foreach (var source in sources)
        {
            BinaryPrimitives.WriteUInt32BigEndian(body, source.Value);
            body[4] = CnameItem;
            body[5] = (byte)cname.Length;
            cname.CopyTo(body[6..]);
            body = body[chunkSize..];
        }
    }

    /// <summary>BYE without a reason (RFC 3550 §6.6).</summary>
    public void AddGoodbye(params ReadOnlySpan<Ssrc> sources)
    {
        var body = Begin(RtcpPacketType.Goodbye, sources.Length, 4 * sources.Length);
        for (var i = 0; i < sources.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(body[(4 * i)..], sources[i].Value);
    }

    private Span<byte> Begin(RtcpPacketType type, int count, int bodySize)
    {
        var packet = _destination.Slice(Length, 4 + bodySize);
        packet[0] = (byte)(0x80 | count);
        packet[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(bodySize / 4));
        Length += packet.Length;
        return packet[4..];
    }
}
