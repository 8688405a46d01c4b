using System.Buffers.Binary;

namespace EdgeCam.Agent.Recording.Mp4;

/// <summary>
/// What stands at the end of a segment that was closed: a box of our own with its figures, and <c>mfra</c> (ISO/IEC 14496-12 §8.8.9), by which
/// players find the picture of a moment, and a listing finds the figures without reading the rest.
/// </summary>
/// <param name="Ticks">How long it lasts.</param>
/// <param name="Pictures">How many it has.</param>
internal sealed record SegmentEnd(long Ticks, uint Pictures)
{
    public const int MaxIndex = 4 * 1024 * 1024;

    private const int FiguresSize = BoxReader.HeaderSize + 16 + 12;
    private const int FooterSize = 16; // mfro

    public void Write(BoxWriter writer, IReadOnlyList<SyncSample> index)
    {
        var box = writer.Begin("uuid"u8);
        writer.Put(SegmentHead.BoxId);
        writer.Put64((ulong)Ticks);
        writer.Put32(Pictures);
        writer.End(box);

        var start = writer.Length;
        box = writer.Begin("mfra"u8);
        var table = writer.Begin("tfra"u8, version: 1, flags: 0);
        writer.Put32(1); // the track
        writer.Put32(3); // numbers of a sample have four bytes, those of traf and trun one
        writer.Put32((uint)index.Count);
        foreach (var sample in index)
        {
            writer.Put64((ulong)sample.Time);
            writer.Put64((ulong)sample.Fragment);
            writer.Put8(1);
            writer.Put8(1);
            writer.Put32(sample.Number);
        }

        writer.End(table);
        var footer = writer.Begin("mfro"u8, 0, 0);
        writer.Put32((uint)(writer.Length - start + 4));
        writer.End(footer);
        writer.End(box);
    }

    /// <summary>Reads it off a file's end; null where the segment was not closed.</summary>
    /// <param name="read">Fills a span from an offset of the file; false where that lies beyond it.</param>
    public static SegmentEnd? TryRead(long length, ReadAt read)
    {
        Span<byte> footer = stackalloc byte[FooterSize];
        if (length < FooterSize + FiguresSize || !read(length - FooterSize, footer) || !BoxReader.TryReadHeader(footer, out var size, out var type)
            || size != FooterSize || type != BoxReader.Type("mfro"u8))
            return null;
        var index = BinaryPrimitives.ReadUInt32BigEndian(footer[12..]);
        Span<byte> figures = stackalloc byte[FiguresSize];
        if (index is < FooterSize or > MaxIndex || length - index < FiguresSize || !read(length - index - FiguresSize, figures)
            || !BoxReader.TryFind(figures, "uuid"u8, out var body) || body.Length != FiguresSize - BoxReader.HeaderSize || !body.StartsWith(SegmentHead.BoxId))
            return null;
        return new(BinaryPrimitives.ReadInt64BigEndian(body[16..]), BinaryPrimitives.ReadUInt32BigEndian(body[24..]));
    }
}
