using System.Buffers.Binary;

namespace EdgeCam.Agent.Recording.Mp4;

/// <summary>
/// Reads a segment that was not closed, fragment by fragment, and says how far it is whole: kill or power cut left a part of the last one
/// behind, or less than the disk was told. What does not prove itself by its checksum counts as not written.
/// </summary>
/// <param name="Length">Bytes up to the end of the last whole fragment; 0 where there is none.</param>
/// <param name="Index">The IDR pictures of the whole ones.</param>
internal sealed record SegmentScan(long Length, SegmentEnd End, IReadOnlyList<SyncSample> Index)
{
    private const int MaxHead = 1024 * 1024; // of a moof: some 87,000 pictures
    private const int MaxData = 256 * 1024 * 1024;

    public static SegmentScan Run(long length, ReadAt read)
    {
        var position = FirstFragment(length, read);
        List<SyncSample> index = [];
        long ticks = 0, whole = 0;
        uint pictures = 0, number = 1;
        while (position > 0 && TryReadFragment(position, length, read, number, index, ref ticks, ref pictures) is { } next)
        {
            whole = position = next;
            number++;
        }

        return new(whole, new(ticks, pictures), index);
    }

    /// <returns>Where the first fragment may begin; 0 where the head is not whole.</returns>
    private static long FirstFragment(long length, ReadAt read)
    {
        Span<byte> header = stackalloc byte[BoxReader.HeaderSize];
        long position = 0;
        foreach (var expected in (ReadOnlySpan<uint>)[BoxReader.Type("ftyp"u8), BoxReader.Type("uuid"u8), BoxReader.Type("moov"u8)])
        {
            if (!read(position, header) || !BoxReader.TryReadHeader(header, out var size, out var type) || type != expected || size > SegmentHead.MaxSize || position + size > length)
                return 0;
            position += size;
        }

        return position;
    }

    /// <returns>Where it ends; null where it is not whole.</returns>
    private static long? TryReadFragment(long position, long length, ReadAt read, uint number, List<SyncSample> index, ref long ticks, ref uint pictures)
    {
        Span<byte> header = stackalloc byte[BoxReader.HeaderSize];
        if (!read(position, header) || !BoxReader.TryReadHeader(header, out var headSize, out var type) || type != BoxReader.Type("moof"u8) || headSize > MaxHead)
            return null;
        var head = new byte[headSize];
        if (!read(position, head))
            return null;
        if (!read(position + headSize, header) || !BoxReader.TryReadHeader(header, out var dataSize, out type) || type != BoxReader.Type("mdat"u8) || dataSize > MaxData)
            return null;
        var end = position + headSize + dataSize;
        if (end + FragmentCheck.Size > length || !IsWhole(head, position + headSize, dataSize, read))
            return null;
        return TryReadSamples(head, position, number, index, ref ticks, ref pictures) ? end + FragmentCheck.Size : null;
    }

    private static bool IsWhole(ReadOnlySpan<byte> head, long data, uint size, ReadAt read)
    {
        var sum = FragmentCheck.Add(FragmentCheck.Start, head);
        var chunk = new byte[64 * 1024];
        for (var end = data + size; data < end;)
        {
            var part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, end - data));
            if (!read(data, part))
                return false;
            sum = FragmentCheck.Add(sum, part);
            data += part.Length;
        }

        Span<byte> check = stackalloc byte[FragmentCheck.Size];
        return read(data, check) && FragmentCheck.Is(check, sum);
    }

    private static bool TryReadSamples(ReadOnlySpan<byte> moof, long position, uint number, List<SyncSample> index, ref long ticks, ref uint pictures)
    {
        if (!BoxReader.TryFind(moof[BoxReader.HeaderSize..], "mfhd"u8, out var head) || head.Length != 8 || BinaryPrimitives.ReadUInt32BigEndian(head[4..]) != number
            || !BoxReader.TryFind(moof[BoxReader.HeaderSize..], "traf"u8, out var track)
            || !BoxReader.TryFind(track, "tfdt"u8, out var time) || time.Length != 12
            || !BoxReader.TryFind(track, "trun"u8, out var run) || run.Length < 12)
            return false;
        var at = BinaryPrimitives.ReadInt64BigEndian(time[4..]);
        var count = BinaryPrimitives.ReadUInt32BigEndian(run[4..]);
        if (run.Length != 12 + (12L * count) || at < ticks)
            return false;
        for (var i = 0; i < count; i++)
        {
            var sample = run[(12 + (12 * i))..];
            if ((BinaryPrimitives.ReadUInt32BigEndian(sample[8..]) & 0x0001_0000) == 0)
                index.Add(new(at, position, (uint)i + 1));
            at += BinaryPrimitives.ReadUInt32BigEndian(sample);
        }

        ticks = at;
        pictures += count;
        return true;
    }
}
