using System.Buffers.Binary;

namespace EdgeCam.WebRtc.Turn;

/// <summary>The ChannelData message (RFC 8656 §12.4): a channel number and a length in front of a peer's datagram.</summary>
public static class ChannelData
{
    public const int HeaderSize = 4;

    internal const ushort FirstChannel = 0x4000;
    internal const ushort LastChannel = 0x4FFF; // §12

    /// <summary>RFC 7983 §7: what begins with 64 to 79 is ChannelData.</summary>
    public static bool Is(ReadOnlySpan<byte> message) => message.Length > 0 && message[0] >> 4 == 4;

    /// <summary>Over TCP and TLS a message is padded to four bytes, which its length does not count (§12.5).</summary>
    public static int Padding(int size) => -size & 3;

    /// <summary>A datagram may be longer than its message: padding is allowed over UDP too.</summary>
    internal static bool TryParse(Span<byte> message, out ushort channel, out Span<byte> data)
    {
        channel = 0;
        data = default;
        if (message.Length < HeaderSize || !Is(message))
            return false;
        var length = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        if (length > message.Length - HeaderSize)
            return false;
        channel = BinaryPrimitives.ReadUInt16BigEndian(message);
        data = message.Slice(HeaderSize, length);
        return true;
    }

    internal static void WriteHeader(Span<byte> message, ushort channel)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message, channel);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], (ushort)(message.Length - HeaderSize));
    }
}
