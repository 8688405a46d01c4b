using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Stun;

/// <summary>
/// Writes a STUN message into the caller's buffer (RFC 8489 §5, §14). The header's length is right after each attribute, so the message is
/// complete at any moment; integrity comes after all it protects, the fingerprint last. A buffer that is too small throws: it is our own.
/// </summary>
internal ref struct StunMessageWriter
{
    private readonly Span<byte> _buffer;
    private int _length;

    public StunMessageWriter(Span<byte> buffer, StunMethod method, StunClass messageClass, TransactionId transaction)
    {
        _buffer = buffer;
        _length = StunHeader.Size;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, StunHeader.Join(method, messageClass));
        BinaryPrimitives.WriteUInt16BigEndian(buffer[StunHeader.LengthOffset..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[StunHeader.CookieOffset..], StunHeader.MagicCookie);
        transaction.Write(buffer[StunHeader.TransactionIdOffset..]);
    }

    /// <summary>Bytes written: the message's size.</summary>
    public readonly int Length => _length;

    public void Add(StunAttributeType type, ReadOnlySpan<byte> value) => value.CopyTo(Append(type, value.Length));

    /// <summary>An attribute whose presence says all.</summary>
    public void AddFlag(StunAttributeType type) => Append(type, 0);

    public void AddText(StunAttributeType type, string text) => Encoding.UTF8.GetBytes(text, Append(type, Encoding.UTF8.GetByteCount(text)));

    public void AddUInt32(StunAttributeType type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(Append(type, sizeof(uint)), value);

    public void AddUInt64(StunAttributeType type, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Append(type, sizeof(ulong)), value);

    /// <summary>XOR-MAPPED-ADDRESS and its kin (§14.2).</summary>
    public void AddXorAddress(StunAttributeType type, TransportAddress address)
    {
        var value = Append(type, address.IsIPv4 ? 8 : 20);
        value[0] = 0;
        value[1] = (byte)(address.IsIPv4 ? 1 : 2);
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(address.Port ^ (StunHeader.MagicCookie >> 16)));
        value = value[4..];
        address.WriteAddress(value);
        for (var i = 0; i < value.Length; i++)
            value[i] ^= _buffer[StunHeader.CookieOffset + i];
    }

    /// <summary>ERROR-CODE with an empty reason: the number says it (§14.8).</summary>
    public void AddErrorCode(StunErrorCode code)
    {
        var (hundreds, number) = Math.DivRem((int)code, 100);
        AddUInt32(StunAttributeType.ErrorCode, (uint)((hundreds << 8) | number));
    }

    /// <summary>UNKNOWN-ATTRIBUTES (§14.9).</summary>
    public void AddUnknownAttributes(ReadOnlySpan<StunAttributeType> types)
    {
        var value = Append(StunAttributeType.UnknownAttributes, types.Length * sizeof(ushort));
        for (var i = 0; i < types.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(value[(i * sizeof(ushort))..], (ushort)types[i]);
    }

    /// <summary>MESSAGE-INTEGRITY over all before it (§14.5).</summary>
    public void AddIntegrity(ReadOnlySpan<byte> key)
    {
        var covered = _length;
        var value = Append(StunAttributeType.MessageIntegrity, StunHeader.IntegritySize); // first: the hash covers the length with it
        HMACSHA1.HashData(key, _buffer[..covered], value);
    }

    /// <summary>FINGERPRINT over all before it (§14.7).</summary>
    public void AddFingerprint()
    {
        var covered = _length;
        var value = Append(StunAttributeType.Fingerprint, StunHeader.FingerprintSize);
        BinaryPrimitives.WriteUInt32BigEndian(value, Crc32.Compute(_buffer[..covered]) ^ StunHeader.FingerprintMask);
    }

    private Span<byte> Append(StunAttributeType type, int length)
    {
        var attribute = _buffer.Slice(_length, StunHeader.AttributeHeaderSize + StunHeader.Padded(length));
        BinaryPrimitives.WriteUInt16BigEndian(attribute, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(attribute[2..], (ushort)length);
        attribute[(StunHeader.AttributeHeaderSize + length)..].Clear();
        _length += attribute.Length;
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[StunHeader.LengthOffset..], (ushort)(_length - StunHeader.Size));
        return attribute.Slice(StunHeader.AttributeHeaderSize, length);
    }
}
