using System.Buffers.Binary;
using System.Text;

namespace EdgeCam.Agent.Recording.Mp4;

/// <summary>What stands at the beginning of a segment: <c>ftyp</c>, a box of our own, and <c>moov</c> with one track and no picture (ISO/IEC 14496-12 §8.8).</summary>
/// <param name="Start">When the first picture was taken, by the device's clock.</param>
/// <param name="Label">What its recording was called; may be empty.</param>
internal sealed record SegmentHead(DateTimeOffset Start, string Label)
{
    /// <summary>Ticks in a second of all times in a segment, as RTP has them for video.</summary>
    public const uint Timescale = 90_000;

    /// <summary>The largest that is read back.</summary>
    public const int MaxSize = 16 * 1024;

    private const uint Track = 1;

    private static readonly byte[] s_mark = [.. "uuid"u8, .. BoxId];
    private static readonly DateTimeOffset s_epoch = new(1904, 1, 1, 0, 0, 0, TimeSpan.Zero); // §8.2.2

    /// <summary>Tells our boxes from those of others (§11.1).</summary>
    internal static ReadOnlySpan<byte> BoxId => [0x8E, 0x1B, 0x6D, 0x40, 0x5C, 0x27, 0x4F, 0x93, 0xA1, 0x6E, 0x0D, 0x52, 0xC4, 0x39, 0xE7, 0x18];

    private static ReadOnlySpan<byte> Brands => "\0\0\0 ftypiso6\0\0\0\0iso6iso5mp41avc1"u8; // a whole box: the space is its size

    public void Write(BoxWriter writer, AvcTrack track)
    {
        writer.Put(Brands);
        var box = writer.Begin("uuid"u8);
        writer.Put(BoxId);
        writer.Put64((ulong)Start.ToUnixTimeMilliseconds());
        writer.Put(Encoding.UTF8.GetBytes(Label));
        writer.End(box);

        box = writer.Begin("moov"u8);
        var movie = writer.Begin("mvhd"u8, version: 1, flags: 0);
        WriteTimes(writer);
        writer.Put32(Timescale);
        writer.Put64(0); // how long it is, its fragments say
        writer.Put32(0x0001_0000); // rate
        writer.Put16(0x0100); // volume
        writer.PutZeros(10);
        WriteMatrix(writer);
        writer.PutZeros(24);
        writer.Put32(Track + 1);
        writer.End(movie);
        WriteTrack(writer, track);
        var extends = writer.Begin("mvex"u8);
        var defaults = writer.Begin("trex"u8, 0, 0);
        writer.Put32(Track);
        writer.Put32(1); // the sample description
        writer.PutZeros(12);
        writer.End(defaults);
        writer.End(extends);
        writer.End(box);
    }

    /// <summary>As far as these first bytes of a file go, they may be of a segment of ours.</summary>
    public static bool Begins(ReadOnlySpan<byte> start)
    {
        var box = start.Length > Brands.Length ? start[Brands.Length..] : []; // of any size, for it has the label
        return start.CommonPrefixLength(Brands) == Math.Min(start.Length, Brands.Length)
            && (box.Length <= 4 || box[4..].CommonPrefixLength(s_mark) == Math.Min(box.Length - 4, s_mark.Length));
    }

    /// <summary>Reads what the first bytes of a file say; null where it is no segment of ours.</summary>
    public static SegmentHead? TryRead(ReadOnlySpan<byte> start)
    {
        if (!BoxReader.TryFind(start, "uuid"u8, out var body) || body.Length < BoxId.Length + 8 || !body.StartsWith(BoxId))
            return null;
        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(body[BoxId.Length..]);
        return milliseconds is >= 0 and < 253_402_300_800_000 // the year 10000
            ? new(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), Encoding.UTF8.GetString(body[(BoxId.Length + 8)..]))
            : null;
    }

    private void WriteTrack(BoxWriter writer, AvcTrack track)
    {
        var box = writer.Begin("trak"u8);
        var head = writer.Begin("tkhd"u8, version: 1, flags: 3); // enabled, and part of the movie
        WriteTimes(writer);
        writer.Put32(Track);
        writer.PutZeros(4);
        writer.Put64(0); // duration
        writer.PutZeros(16); // layer, group, volume
        WriteMatrix(writer);
        writer.Put32((uint)track.Width << 16);
        writer.Put32((uint)track.Height << 16);
        writer.End(head);

        var media = writer.Begin("mdia"u8);
        head = writer.Begin("mdhd"u8, version: 1, flags: 0);
        WriteTimes(writer);
        writer.Put32(Timescale);
        writer.Put64(0);
        writer.Put16(0x55C4); // language: und
        writer.PutZeros(2);
        writer.End(head);
        head = writer.Begin("hdlr"u8, 0, 0);
        writer.PutZeros(4);
        writer.Put("vide"u8);
        writer.PutZeros(12);
        writer.Put("EdgeCam\0"u8);
        writer.End(head);

        var information = writer.Begin("minf"u8);
        head = writer.Begin("vmhd"u8, version: 0, flags: 1);
        writer.PutZeros(8);
        writer.End(head);
        var data = writer.Begin("dinf"u8);
        head = writer.Begin("dref"u8, 0, 0);
        writer.Put32(1);
        writer.End(writer.Begin("url "u8, version: 0, flags: 1)); // in this file
        writer.End(head);
        writer.End(data);
        WriteSampleTable(writer, track);
        writer.End(information);
        writer.End(media);
        writer.End(box);
    }

    private static void WriteSampleTable(BoxWriter writer, AvcTrack track)
    {
        var box = writer.Begin("stbl"u8);
        var descriptions = writer.Begin("stsd"u8, 0, 0);
        writer.Put32(1);
        var entry = writer.Begin("avc1"u8); // §12.1.3
        writer.PutZeros(6);
        writer.Put16(1); // data reference
        writer.PutZeros(16);
        writer.Put16((ushort)track.Width);
        writer.Put16((ushort)track.Height);
        writer.Put32(0x0048_0000); // 72 dpi
        writer.Put32(0x0048_0000);
        writer.PutZeros(4);
        writer.Put16(1); // one picture to a sample
        writer.PutZeros(32); // the compressor's name
        writer.Put16(0x0018); // depth
        writer.Put16(0xFFFF);
        track.Write(writer);
        writer.End(entry);
        writer.End(descriptions);
        foreach (var table in (ReadOnlySpan<string>)["stts", "stsc", "stco"])
        {
            var empty = writer.Begin(Encoding.ASCII.GetBytes(table), 0, 0);
            writer.Put32(0);
            writer.End(empty);
        }

        var sizes = writer.Begin("stsz"u8, 0, 0);
        writer.PutZeros(8);
        writer.End(sizes);
        writer.End(box);
    }

    private void WriteTimes(BoxWriter writer)
    {
        var seconds = (ulong)Math.Max(0, (long)(Start - s_epoch).TotalSeconds);
        writer.Put64(seconds);
        writer.Put64(seconds);
    }

    private static void WriteMatrix(BoxWriter writer) // as it is: neither turned nor scaled
    {
        foreach (var value in (ReadOnlySpan<uint>)[0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000])
            writer.Put32(value);
    }
}
