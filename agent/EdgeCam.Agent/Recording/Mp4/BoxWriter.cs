using System.Buffers.Binary;

namespace EdgeCam.Agent.Recording.Mp4;

/// <summary>Writes boxes (ISO/IEC 14496-12 §4.2): a size, a type, a body, all numbers big-endian. It grows, and is used again.</summary>
internal sealed class BoxWriter
{
    private byte[] _bytes = new byte[4096];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    /// <returns>Where the box begins, for <see cref="End"/>.</returns>
    /// <param name="type">Four characters.</param>
    public int Begin(ReadOnlySpan<byte> type)
    {
        var start = Length;
        Put32(0);
        Put(type);
        return start;
    }

    /// <summary>A box with a version and flags (§4.2.2).</summary>
    public int Begin(ReadOnlySpan<byte> type, byte version, uint flags)
    {
        var start = Begin(type);
        Put32(((uint)version << 24) | flags);
        return start;
    }

    /// <summary>Says how long the box has become.</summary>
    public void End(int start) => Patch32(start, (uint)(Length - start));

    public void Patch32(int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(_bytes.AsSpan(at), value);

    public void Put8(byte value) => Take(1)[0] = value;

    public void Put16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Take(2), value);

    public void Put32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Take(4), value);

    public void Put64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Take(8), value);

    public void Put(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void PutZeros(int count) => Take(count).Clear();

    private Span<byte> Take(int count)
    {
        if (Length + count > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        var taken = _bytes.AsSpan(Length, count);
        Length += count;
        return taken;
    }
}
