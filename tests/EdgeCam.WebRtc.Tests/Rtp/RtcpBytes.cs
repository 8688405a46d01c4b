using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests.Rtp;

/// <summary>RTCP as a viewer writes it.</summary>
internal static class RtcpBytes
{
    public const uint Viewer = 0x0BADCAFE;

    public static byte[] Packet(int count, int type, params ReadOnlySpan<byte> body)
    {
        var packet = new byte[4 + body.Length];
        packet[0] = (byte)(0x80 | count);
        packet[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)(body.Length / 4));
        body.CopyTo(packet.AsSpan(4));
        return packet;
    }

    public static byte[] Feedback(int type, int format, uint media, params ReadOnlySpan<byte> content) =>
        Packet(format, type, [.. UInt32(Viewer), .. UInt32(media), .. content]);

    public static byte[] Nack(Ssrc media, params ReadOnlySpan<ushort> pidsAndMasks)
    {
        var content = new byte[pidsAndMasks.Length * 2];
        for (var i = 0; i < pidsAndMasks.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(content.AsSpan(2 * i), pidsAndMasks[i]);
        return Feedback(205, 1, media.Value, content);
    }

    public static byte[] Pli(Ssrc media) => Feedback(206, 1, media.Value);

    public static byte[] Fir(Ssrc media, byte number) => Feedback(206, 4, 0, [.. UInt32(media.Value), number, 0, 0, 0]);

    public static byte[] Report(Ssrc source, byte fractionLost = 0, int lost = 0, uint jitter = 0, uint lastReport = 0, uint delay = 0) =>
        Packet(1, 201, [.. UInt32(Viewer), .. UInt32(source.Value), .. UInt32(((uint)fractionLost << 24) | ((uint)lost & 0xFFFFFF)),
            .. UInt32(0), .. UInt32(jitter), .. UInt32(lastReport), .. UInt32(delay)]);

    public static byte[] UInt32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
