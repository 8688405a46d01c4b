using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Srtp;

namespace EdgeCam.WebRtc.Tests.Srtp;

/// <summary>Two sessions with each other's keys, and the packets for them.</summary>
internal sealed class SrtpPair : IDisposable
{
    public SrtpPair(SrtpProfile profile)
    {
        var saltLength = profile == SrtpProfile.AeadAes128Gcm ? 12 : 14;
        byte[] a = Bytes(16, 1), b = Bytes(16, 2), aSalt = Bytes(saltLength, 3), bSalt = Bytes(saltLength, 4);
        Sender = new(new(profile, a, aSalt, b, bSalt));
        Receiver = new(new(profile, b, bSalt, a, aSalt));
    }

    public SrtpSession Sender { get; }

    public SrtpSession Receiver { get; }

    public static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static byte[] Rtp(int sequenceNumber, uint ssrc = 0xCAFE, int payload = 100, int csrcs = 0, int extensionWords = -1)
    {
        var header = 12 + (csrcs * 4) + (extensionWords < 0 ? 0 : 4 + (extensionWords * 4));
        var packet = Bytes(header + payload, sequenceNumber);
        packet[0] = (byte)(0x80 | csrcs | (extensionWords < 0 ? 0 : 0x10));
        packet[1] = 96;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)sequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        if (extensionWords >= 0)
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12 + (csrcs * 4)), 0xBEDE_0000 | (uint)extensionWords);
        return packet;
    }

    public static byte[] Rtcp(uint ssrc = 0xCAFE, int length = 28)
    {
        var packet = Bytes(length, 9);
        packet[0] = 0x80;
        packet[1] = 200;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)((length / 4) - 1));
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), ssrc);
        return packet;
    }

    public byte[] Protect(byte[] packet)
    {
        var buffer = new byte[packet.Length + SrtpSession.MaxRtpOverhead];
        packet.CopyTo(buffer, 0);
        return buffer[..Sender.Protect(buffer, packet.Length)];
    }

    public byte[] ProtectRtcp(byte[] packet)
    {
        var buffer = new byte[packet.Length + SrtpSession.MaxRtcpOverhead];
        packet.CopyTo(buffer, 0);
        return buffer[..Sender.ProtectRtcp(buffer, packet.Length)];
    }

    /// <summary>The plain packet, or null where it is refused.</summary>
    public byte[]? Unprotect(byte[] packet)
    {
        var copy = packet.ToArray();
        return Receiver.TryUnprotect(copy, out var length) ? copy[..length] : null;
    }

    public byte[]? UnprotectRtcp(byte[] packet)
    {
        var copy = packet.ToArray();
        return Receiver.TryUnprotectRtcp(copy, out var length) ? copy[..length] : null;
    }

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
    }
}
