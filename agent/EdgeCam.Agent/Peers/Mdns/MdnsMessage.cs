using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace EdgeCam.Agent.Peers.Mdns;

/// <summary>Questions for one name's address, and answers to them (RFC 6762 §5.1 and §6, RFC 1035 §4).</summary>
/// <remarks>Left out: every other kind of record, negative answers, known answers, the cache.</remarks>
internal static class MdnsMessage
{
    public const ushort TypeA = 1;
    public const ushort TypeAaaa = 28;
    public const int MaxQuery = 64; // a header, a name of 42 letters and its type

    private const int Header = 12;
    private const int NameLength = 36;
    private const int MaxRecords = 64;
    private const ushort ClassInternet = 1;
    private const ushort ClassMask = 0x7FFF; // without the cache-flush bit, RFC 6762 §10.2
    private const string Suffix = ".local";

    /// <summary>Whether it is a name that a browser makes up for an address: a UUID and <c>.local</c> (draft-ietf-mmusic-mdns-ice-candidates §3.1.1).</summary>
    public static bool IsCandidateName(string name) =>
        name.Length == NameLength + Suffix.Length && name.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase) && Guid.TryParseExact(name[..NameLength], "D", out _);

    /// <summary>Writes a query with one question: Chromium's responder reads no more.</summary>
    public static int WriteQuery(Span<byte> buffer, ushort id, string name, ushort type)
    {
        buffer[..Header].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(buffer, id);
        buffer[5] = 1; // QDCOUNT
        var at = Header;
        foreach (var label in name.Split('.'))
        {
            buffer[at++] = (byte)label.Length;
            at += Encoding.ASCII.GetBytes(label, buffer[at..]);
        }

        buffer[at++] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[at..], type);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[(at + 2)..], ClassInternet);
        return at + 4;
    }

    /// <summary>The first address that the message has for the name; null where it is no response, has none, or makes no sense.</summary>
    /// <param name="id">Of our query, which an answer by unicast repeats (§6.7); one by multicast has 0 (§18.1).</param>
    public static IPAddress? FindAddress(ReadOnlySpan<byte> message, ushort id, string name)
    {
        if (message.Length < Header || (message[2] & 0x80) == 0 || (message[3] & 0x0F) != 0 || BinaryPrimitives.ReadUInt16BigEndian(message) is var theirs && theirs != 0 && theirs != id)
            return null;
        int questions = BinaryPrimitives.ReadUInt16BigEndian(message[4..]), answers = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        var at = Header;
        for (var i = 0; i < Math.Min(questions, MaxRecords); i++)
        {
            if (!TrySkipName(message, ref at) || at + 4 > message.Length)
                return null;
            at += 4;
        }

        for (var i = 0; i < Math.Min(answers, MaxRecords); i++)
        {
            var start = at;
            if (!TrySkipName(message, ref at) || at + 10 > message.Length)
                return null;
            var type = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            var isInternet = (BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]) & ClassMask) == ClassInternet;
            int length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
            at += 10;
            if (at + length > message.Length)
                return null;
            if (isInternet && (type, length) is (TypeA, 4) or (TypeAaaa, 16) && IsName(message, start, name))
                return new IPAddress(message.Slice(at, length));
            at += length;
        }

        return null;
    }

    private static bool TrySkipName(ReadOnlySpan<byte> message, ref int at)
    {
        while (at < message.Length)
        {
            var length = message[at];
            if (length >= 0xC0) // a pointer ends the name, RFC 1035 §4.1.4
            {
                at += 2;
                return at <= message.Length;
            }

            at += 1 + length;
            if (length == 0)
                return true;
        }

        return false;
    }

    /// <summary>Compares label by label. A pointer leads back only, so this ends.</summary>
    private static bool IsName(ReadOnlySpan<byte> message, int at, string name)
    {
        Span<byte> wanted = stackalloc byte[NameLength + Suffix.Length];
        Encoding.ASCII.GetBytes(name, wanted);
        var limit = message.Length;
        while (at < limit)
        {
            var length = message[at];
            if (length == 0)
                return wanted.IsEmpty;
            if (length >= 0xC0)
            {
                if (at + 1 >= message.Length)
                    return false;
                var target = ((length & 0x3F) << 8) | message[at + 1];
                if (target >= at)
                    return false;
                (limit, at) = (at, target);
                continue;
            }

            if (length > wanted.Length || at + 1 + length > message.Length || !Ascii.EqualsIgnoreCase(message.Slice(at + 1, length), wanted[..length]))
                return false;
            wanted = wanted[length..];
            if (!wanted.IsEmpty)
            {
                if (wanted[0] != '.')
                    return false;
                wanted = wanted[1..];
            }

            at += 1 + length;
        }

        return false;
    }
}
