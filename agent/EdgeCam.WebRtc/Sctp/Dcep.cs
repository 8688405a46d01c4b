using System.Buffers.Binary;
using System.Text;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>Messages of the Data Channel Establishment Protocol (RFC 8832 §5).</summary>
internal static class Dcep
{
    /// <summary>Longest label or protocol in bytes that we accept and send. The format has room for 65535.</summary>
    public const int MaxName = 1024;

    private const byte OpenType = 3;
    private const byte AckType = 2;
    private const int OpenFixed = 12;
    private const byte UnorderedBit = 0x80;
    private const byte Reliable = 0;
    private const byte LimitedRetransmits = 1;
    private const byte LimitedLifetime = 2;
    private const ushort NormalPriority = 256; // RFC 8831 §6.4

    public static bool IsAck(ReadOnlySpan<byte> message) => message is [AckType, ..];

    public static byte[] MakeAck() => [AckType];

    public static bool TryReadOpen(ReadOnlySpan<byte> message, out string label, out string protocol, out ChannelReliability reliability)
    {
        label = protocol = "";
        reliability = ChannelReliability.Reliable;
        if (message.Length < OpenFixed || message[0] != OpenType)
            return false;
        var labelLength = BinaryPrimitives.ReadUInt16BigEndian(message[8..]);
        var protocolLength = BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        if (labelLength > MaxName || protocolLength > MaxName || message.Length < OpenFixed + labelLength + protocolLength)
            return false;

        var isOrdered = (message[1] & UnorderedBit) == 0;
        var parameter = BinaryPrimitives.ReadUInt32BigEndian(message[4..]);
        switch (message[1] & ~UnorderedBit)
        {
            case Reliable:
                reliability = new(isOrdered);
                break;
            case LimitedRetransmits:
                reliability = new(isOrdered, MaxRetransmits: (int)Math.Min(parameter, int.MaxValue - 1));
                break;
            case LimitedLifetime:
                reliability = new(isOrdered, MaxLifetime: TimeSpan.FromMilliseconds(parameter));
                break;
            default:
                return false;
        }

        label = Encoding.UTF8.GetString(message.Slice(OpenFixed, labelLength)); // invalid bytes become U+FFFD
        protocol = Encoding.UTF8.GetString(message.Slice(OpenFixed + labelLength, protocolLength));
        return true;
    }

    public static byte[] MakeOpen(string label, string protocol, ChannelReliability reliability)
    {
        var labelLength = Encoding.UTF8.GetByteCount(label);
        var protocolLength = Encoding.UTF8.GetByteCount(protocol);
        var message = new byte[OpenFixed + labelLength + protocolLength];
        message[0] = OpenType;
        var kind = reliability.MaxRetransmits is not null ? LimitedRetransmits : reliability.MaxLifetime is not null ? LimitedLifetime : Reliable;
        message[1] = (byte)(kind | (reliability.IsOrdered ? 0 : UnorderedBit));
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), NormalPriority);
        var parameter = (uint?)reliability.MaxRetransmits ?? (uint)(reliability.MaxLifetime?.TotalMilliseconds ?? 0);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), parameter);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(8), (ushort)labelLength);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(10), (ushort)protocolLength);
        Encoding.UTF8.GetBytes(label, message.AsSpan(OpenFixed));
        Encoding.UTF8.GetBytes(protocol, message.AsSpan(OpenFixed + labelLength));
        return message;
    }
}
