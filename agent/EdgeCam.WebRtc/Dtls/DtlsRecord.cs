using System.Buffers.Binary;

namespace EdgeCam.WebRtc.Dtls;

/// <summary>The record header (RFC 6347 §4.1): type, version, epoch, sequence number, length.</summary>
internal static class DtlsRecord
{
    public const int HeaderLength = 13;

    /// <summary>Explicit nonce and tag of AES-GCM (RFC 5288 §3), the only kind of cipher suite that is negotiated.</summary>
    public const int ProtectionOverhead = 8 + 16;

    private const int ChangeCipherSpec = 20;
    private const int ApplicationData = 23;

    /// <summary>
    /// True where the datagram is a sequence of whole records of DTLS 1.x, and those of the protected epochs have room for nonce and
    /// tag. libssl 3.0 ends the association over a shorter one, which anybody could forge; RFC 6347 §4.1.2.7 wants it discarded.
    /// </summary>
    public static bool IsSequence(ReadOnlySpan<byte> datagram)
    {
        if (datagram.IsEmpty)
            return false;
        while (!datagram.IsEmpty)
        {
            if (datagram.Length < HeaderLength || datagram[0] is < ChangeCipherSpec or > ApplicationData || datagram[1] != 0xFE)
                return false;
            var isProtected = BinaryPrimitives.ReadUInt16BigEndian(datagram[3..]) != 0;
            var length = BinaryPrimitives.ReadUInt16BigEndian(datagram[11..]);
            if (length > datagram.Length - HeaderLength || (isProtected && length < ProtectionOverhead))
                return false;
            datagram = datagram[(HeaderLength + length)..];
        }

        return true;
    }
}
