namespace EdgeCam.WebRtc.Stun;

/// <summary>Where things lie in a STUN message (RFC 8489 §5, §14).</summary>
internal static class StunHeader
{
    public const int Size = 20;
    public const int LengthOffset = 2;
    public const int CookieOffset = 4;
    public const int TransactionIdOffset = 8;
    public const uint MagicCookie = 0x2112A442;

    public const int AttributeHeaderSize = 4;
    public const int IntegritySize = 20; // HMAC-SHA1
    public const int FingerprintSize = 4;
    public const uint FingerprintMask = 0x5354554E; // §14.7

    /// <summary>Attribute values are padded to four bytes.</summary>
    public static int Padded(int length) => (length + 3) & ~3;

    /// <summary>The class bits lie between the method's bits.</summary>
    public static ushort Join(StunMethod method, StunClass messageClass)
    {
        var bits = (int)method;
        return (ushort)((bits & 0x00F) | ((bits & 0x070) << 1) | ((bits & 0xF80) << 2) | (int)messageClass);
    }

    public static StunMethod Method(ushort type) => (StunMethod)((type & 0x000F) | ((type & 0x00E0) >> 1) | ((type & 0x3E00) >> 2));

    public static StunClass Class(ushort type) => (StunClass)(type & 0x0110);
}
