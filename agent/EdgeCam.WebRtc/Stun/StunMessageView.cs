using System.Buffers.Binary;
using System.Security.Cryptography;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Stun;

/// <summary>A STUN message read where it lies (RFC 8489). What <see cref="TryParse"/> accepts is sound: lengths, bounds, fingerprint.</summary>
/// <remarks>
/// Left out of RFC 8489: MESSAGE-INTEGRITY-SHA256, password algorithms, USERHASH, DNS discovery and the classic STUN of RFC 3489
/// without a magic cookie. Strings are compared as the bytes they are, without OpaqueString preparation: ICE credentials are ASCII. The
/// TCP and TLS framing is that of TURN, beside its client.
/// </remarks>
internal readonly ref struct StunMessageView
{
    /// <summary>The most that is copied to the stack to verify integrity: no STUN message over UDP should be longer than one MTU (§6.1).</summary>
    private const int MaxAuthenticatedSize = 1500;

    private readonly ReadOnlySpan<byte> _message;
    private readonly int _end; // of the attributes that count: what follows MESSAGE-INTEGRITY is not protected and ignored, §14.5
    private readonly bool _hasIntegrity;

    private StunMessageView(ReadOnlySpan<byte> message, int end, bool hasIntegrity)
    {
        _message = message;
        _end = end;
        _hasIntegrity = hasIntegrity;
    }

    public StunClass Class => StunHeader.Class(BinaryPrimitives.ReadUInt16BigEndian(_message));

    public StunMethod Method => StunHeader.Method(BinaryPrimitives.ReadUInt16BigEndian(_message));

    public TransactionId TransactionId => TransactionId.Read(_message[StunHeader.TransactionIdOffset..]);

    /// <summary>Bytes of the whole message.</summary>
    public int Size => _message.Length;

    public bool HasIntegrity => _hasIntegrity;

    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunMessageView message)
    {
        message = default;
        if (datagram.Length < StunHeader.Size || datagram[0] >> 6 != 0
            || BinaryPrimitives.ReadUInt32BigEndian(datagram[StunHeader.CookieOffset..]) != StunHeader.MagicCookie
            || BinaryPrimitives.ReadUInt16BigEndian(datagram[StunHeader.LengthOffset..]) != datagram.Length - StunHeader.Size
            || datagram.Length % 4 != 0)
            return false;

        var end = datagram.Length;
        var hasIntegrity = false;
        for (var at = StunHeader.Size; at < datagram.Length;)
        {
            // The length is a multiple of four, so an attribute's header is never cut.
            var type = (StunAttributeType)BinaryPrimitives.ReadUInt16BigEndian(datagram[at..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(datagram[(at + 2)..]);
            var next = at + StunHeader.AttributeHeaderSize + StunHeader.Padded(length);
            if (next > datagram.Length)
                return false;

            if (type == StunAttributeType.Fingerprint)
            {
                if (length != StunHeader.FingerprintSize || next != datagram.Length || !IsFingerprintValid(datagram, at))
                    return false;
            }
            else if (type == StunAttributeType.MessageIntegrity && !hasIntegrity)
            {
                if (length != StunHeader.IntegritySize)
                    return false;
                hasIntegrity = true;
                end = at;
            }

            at = next;
        }

        message = new(datagram, end, hasIntegrity);
        return true;
    }

    /// <summary>The first attribute of the type; of several only the first counts (§14).</summary>
    public bool TryGet(StunAttributeType type, out ReadOnlySpan<byte> value)
    {
        for (var at = StunHeader.Size; at < _end;)
        {
            var found = ReadAttribute(at, out value, out at);
            if (found == type)
                return true;
        }

        value = default;
        return false;
    }

    public bool Has(StunAttributeType type) => TryGet(type, out _);

    public bool TryGetUInt32(StunAttributeType type, out uint value)
    {
        var found = TryGet(type, out var bytes) && bytes.Length == sizeof(uint);
        value = found ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;
        return found;
    }

    public bool TryGetUInt64(StunAttributeType type, out ulong value)
    {
        var found = TryGet(type, out var bytes) && bytes.Length == sizeof(ulong);
        value = found ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0;
        return found;
    }

    /// <summary>XOR-MAPPED-ADDRESS and its kin (§14.2).</summary>
    public bool TryGetXorAddress(StunAttributeType type, out TransportAddress address)
    {
        address = default;
        if (!TryGet(type, out var value) || value.Length < 4)
            return false;

        var port = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ (StunHeader.MagicCookie >> 16));
        var family = value[1];
        value = value[4..];
        Span<byte> plain = stackalloc byte[16];
        if (value.Length > plain.Length)
            return false;
        for (var i = 0; i < value.Length; i++)
            plain[i] = (byte)(value[i] ^ _message[StunHeader.CookieOffset + i]);

        switch (family, value.Length)
        {
            case (1, 4):
                address = TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(plain), port);
                return true;
            case (2, 16):
                address = TransportAddress.FromIPv6(plain, port);
                return true;
            default:
                return false;
        }
    }

    /// <summary>MAPPED-ADDRESS and its kin, such as ALTERNATE-SERVER (§14.1).</summary>
    public bool TryGetAddress(StunAttributeType type, out TransportAddress address)
    {
        address = default;
        if (!TryGet(type, out var value) || value.Length < 4)
            return false;
        var port = BinaryPrimitives.ReadUInt16BigEndian(value[2..]);
        switch (value[1], value.Length)
        {
            case (1, 8):
                address = TransportAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(value[4..]), port);
                return true;
            case (2, 20):
                address = TransportAddress.FromIPv6(value[4..], port);
                return true;
            default:
                return false;
        }
    }

    /// <summary>ERROR-CODE's class and number as one (§14.8).</summary>
    public bool TryGetErrorCode(out StunErrorCode code)
    {
        code = default;
        if (!TryGet(StunAttributeType.ErrorCode, out var value) || value.Length < 4 || (value[2] & 7) is < 3 or > 6 || value[3] > 99)
            return false;
        code = (StunErrorCode)(((value[2] & 7) * 100) + value[3]);
        return true;
    }

    /// <summary>The comprehension-required attributes that are not among the known (§6.3), as many as fit.</summary>
    /// <returns>How many were written.</returns>
    public int CopyUnknownAttributes(ReadOnlySpan<StunAttributeType> known, Span<StunAttributeType> unknown)
    {
        var count = 0;
        for (var at = StunHeader.Size; at < _end && count < unknown.Length;)
        {
            var type = ReadAttribute(at, out _, out at);
            if ((ushort)type < 0x8000 && !known.Contains(type))
                unknown[count++] = type;
        }

        return count;
    }

    /// <summary>MESSAGE-INTEGRITY (§14.5), compared in constant time; false where there is none.</summary>
    /// <param name="key">The password of a short-term credential, the hash of a long-term one (§9.1.1, §9.2.2).</param>
    public bool IsAuthenticatedBy(ReadOnlySpan<byte> key)
    {
        if (!_hasIntegrity || _end > MaxAuthenticatedSize)
            return false;

        // The hash covers the message as if it ended with this attribute, so the length in its header is another.
        Span<byte> covered = stackalloc byte[_end];
        _message[.._end].CopyTo(covered);
        BinaryPrimitives.WriteUInt16BigEndian(
            covered[StunHeader.LengthOffset..],
            (ushort)(_end + StunHeader.AttributeHeaderSize + StunHeader.IntegritySize - StunHeader.Size));
        Span<byte> expected = stackalloc byte[StunHeader.IntegritySize];
        HMACSHA1.HashData(key, covered, expected);
        return CryptographicOperations.FixedTimeEquals(
            expected, _message.Slice(_end + StunHeader.AttributeHeaderSize, StunHeader.IntegritySize));
    }

    private static bool IsFingerprintValid(ReadOnlySpan<byte> datagram, int at) =>
        BinaryPrimitives.ReadUInt32BigEndian(datagram[(at + StunHeader.AttributeHeaderSize)..])
        == (Crc32.Compute(datagram[..at]) ^ StunHeader.FingerprintMask);

    private StunAttributeType ReadAttribute(int at, out ReadOnlySpan<byte> value, out int next)
    {
        var type = (StunAttributeType)BinaryPrimitives.ReadUInt16BigEndian(_message[at..]);
        var length = BinaryPrimitives.ReadUInt16BigEndian(_message[(at + 2)..]);
        value = _message.Slice(at + StunHeader.AttributeHeaderSize, length);
        next = at + StunHeader.AttributeHeaderSize + StunHeader.Padded(length);
        return type;
    }
}
