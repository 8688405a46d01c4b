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

    /// <summary>Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1) on packets that came, each soon after the one before.</summary>
    /// <param name="first">Number of the first that came.</param>
    /// <param name="lost">So many before it did not.</param>
    public static byte[] TransportFeedback(ushort first, byte lost, params ReadOnlySpan<TimeSpan> arrivals)
    {
        var reference = arrivals[0].Ticks / TimeSpan.TicksPerMillisecond / 64;
        var begin = (ushort)(first - lost);
        List<byte> content =
        [
            (byte)(begin >> 8), (byte)begin, 0, checked((byte)(lost + arrivals.Length)), (byte)(reference >> 16), (byte)(reference >> 8), (byte)reference, 0,
        ];
        if (lost > 0)
            content.AddRange([0, lost]); // a run of "not received"
        content.AddRange([0x20, (byte)arrivals.Length]); // a run of small deltas
        var at = reference * 256; // in 250 us
        foreach (var arrival in arrivals)
        {
            var delta = (arrival.Ticks / 2500) - at;
            content.Add(checked((byte)delta));
            at += delta;
        }

        while (content.Count % 4 != 0)
            content.Add(0);
        return Feedback(205, 15, 0, [.. content]);
    }

    public static byte[] UInt32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
