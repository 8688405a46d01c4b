using System.Buffers.Binary;

namespace EdgeCam.WebRtc.Primitives;

/// <summary>Where the engine's randomness comes from: the system's generator in the agent, a seeded one in tests.</summary>
public abstract class RandomSource
{
    // RFC 8839 §5.1: ice-char but for + and /, which a deployed WHIP server reads as a regular expression; two others are there twice for them.
    private const string IceCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789Zz";

    public abstract void Fill(Span<byte> destination);

    public uint NextUInt32()
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    public ulong NextUInt64() => ((ulong)NextUInt32() << 32) | NextUInt32();

    /// <summary>A string of letters and digits, 5.9 random bits a character (RFC 8445 §5.3 asks for 24 bits in a ufrag, 128 in a password).</summary>
    public string NextIceString(int length) => string.Create(length, this, static (text, random) =>
    {
        Span<byte> bytes = stackalloc byte[text.Length];
        random.Fill(bytes);
        for (var i = 0; i < text.Length; i++)
            text[i] = IceCharacters[bytes[i] & 63];
    });
}
