using System.Buffers.Binary;

namespace EdgeCam.Fuzz;

/// <summary>Makes a bad input of good ones: the same for the same seed and number.</summary>
internal sealed class Mutator(FuzzTarget target, int seed)
{
    private const int MaxLength = 256 * 1024;

    private static readonly uint[] s_edges = [0, 1, 2, 3, 4, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF];

    private readonly List<byte> _bytes = [];

    /// <summary>The input with this number; every run of a seed has the same ones in the same order.</summary>
    public byte[] Create(long number)
    {
        var random = new Random(HashCode(seed, number));
        _bytes.Clear();
        _bytes.AddRange(Pick(target.Corpus, random));
        // Few changes reach deep, many reach odd corners.
        for (var changes = 1 << random.Next(5); changes > 0; changes--)
            Change(random);
        return [.. _bytes];
    }

    private void Change(Random random)
    {
        var at = random.Next(_bytes.Count + 1);
        var length = Math.Min(random.Next(2) == 0 ? random.Next(1, 9) : random.Next(1, 65), _bytes.Count - at);
        switch (random.Next(10))
        {
            case 0 when length > 0: _bytes[at] ^= (byte)(1 << random.Next(8)); break;
            case 1 when length > 0: _bytes[at] = (byte)random.Next(256); break;
            case 2: _bytes.RemoveRange(at, length); break;
            case 3: Insert(at, [.. _bytes.GetRange(at, length)]); break;
            case 4: OverwriteWithEdge(at, random); break;
            case 5: Insert(at, Enumerable.Repeat((byte)random.Next(256), random.Next(1, 33)).ToArray()); break;
            case 6 when target.Words.Count > 0: Insert(at, Pick(target.Words, random)); break;
            case 7: Splice(at, random); break;
            case 8: _bytes.RemoveRange(at, _bytes.Count - at); break;
            case 9 when random.Next(20) == 0: Repeat(at, length, random); break;
            default: Insert(at, [(byte)random.Next(256)]); break;
        }
    }

    private void OverwriteWithEdge(int at, Random random)
    {
        Span<byte> edge = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(edge, s_edges[random.Next(s_edges.Length)]);
        edge = edge[random.Next(4)..]; // the low 1 to 4 bytes, in network order
        for (var i = 0; i < edge.Length && at + i < _bytes.Count; i++)
            _bytes[at + i] = edge[i];
    }

    /// <summary>Goes on with the end of another good input.</summary>
    private void Splice(int at, Random random)
    {
        var other = Pick(target.Corpus, random);
        _bytes.RemoveRange(at, _bytes.Count - at);
        Insert(at, other[random.Next(other.Length + 1)..]);
    }

    private void Repeat(int at, int length, Random random)
    {
        var piece = _bytes.GetRange(at, length).ToArray();
        for (var times = random.Next(1, 2000); times > 0 && _bytes.Count < MaxLength; times--)
            Insert(at, piece);
    }

    private void Insert(int at, byte[] piece)
    {
        if (_bytes.Count + piece.Length <= MaxLength)
            _bytes.InsertRange(at, piece);
    }

    private static byte[] Pick(IReadOnlyList<byte[]> from, Random random) => from[random.Next(from.Count)];

    /// <summary>Not <see cref="System.HashCode"/>, which is another one in each process.</summary>
    private static int HashCode(int seed, long number)
    {
        var mixed = ((ulong)(uint)seed << 32 ^ (ulong)number) * 0x9E37_79B9_7F4A_7C15;
        return (int)(mixed >> 32);
    }
}
