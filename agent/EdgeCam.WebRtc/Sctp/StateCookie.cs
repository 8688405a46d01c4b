using System.Buffers.Binary;
using System.Security.Cryptography;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>All that the responder must know, given to the initiator to keep until COOKIE ECHO, and authenticated (RFC 9260 §5.1.3).</summary>
internal readonly record struct StateCookie(
    Instant Created,
    uint LocalTag,
    uint PeerTag,
    Tsn LocalInitialTsn,
    PeerParameters Peer,
    uint LocalTieTag,
    uint PeerTieTag)
{
    public const int Size = BodySize + HMACSHA256.HashSizeInBytes;
    private const int BodySize = 8 + (7 * 4) + (2 * 2) + 4;

    public void Write(Span<byte> destination, ReadOnlySpan<byte> key)
    {
        BinaryPrimitives.WriteInt64BigEndian(destination, Created.Ticks);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], LocalTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], PeerTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], LocalInitialTsn.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], Peer.InitialTsn.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[24..], Peer.ReceiverWindow);
        BinaryPrimitives.WriteUInt32BigEndian(destination[28..], LocalTieTag);
        BinaryPrimitives.WriteUInt32BigEndian(destination[32..], PeerTieTag);
        BinaryPrimitives.WriteUInt16BigEndian(destination[36..], Peer.OutboundStreams);
        BinaryPrimitives.WriteUInt16BigEndian(destination[38..], Peer.InboundStreams);
        BinaryPrimitives.WriteUInt32BigEndian(destination[40..], (Peer.ForwardTsn ? 1u : 0) | (Peer.StreamReset ? 2u : 0));
        HMACSHA256.HashData(key, destination[..BodySize], destination[BodySize..Size]);
    }

    /// <summary>False for anything that was not written with this key.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> key, out StateCookie cookie)
    {
        cookie = default;
        if (bytes.Length != Size)
            return false;
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, bytes[..BodySize], expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, bytes[BodySize..]))
            return false;

        var features = BinaryPrimitives.ReadUInt32BigEndian(bytes[40..]);
        var peer = new PeerParameters(
            new(BinaryPrimitives.ReadUInt32BigEndian(bytes[20..])),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt16BigEndian(bytes[36..]),
            BinaryPrimitives.ReadUInt16BigEndian(bytes[38..]),
            (features & 1) != 0,
            (features & 2) != 0);
        cookie = new(
            new(BinaryPrimitives.ReadInt64BigEndian(bytes)),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
            new(BinaryPrimitives.ReadUInt32BigEndian(bytes[16..])),
            peer,
            BinaryPrimitives.ReadUInt32BigEndian(bytes[28..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[32..]));
        return true;
    }
}
