using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Recording;

/// <summary>A fragmented MP4 file, read as ISO/IEC 14496-12 says, with nothing of the code that wrote it.</summary>
internal sealed class Mp4File
{
    private readonly byte[] _bytes;

    public Mp4File(byte[] bytes)
    {
        _bytes = bytes;
        Boxes = Split(0, bytes.Length);
        for (var i = 0; i < Boxes.Count; i++)
        {
            if (Boxes[i].Type == "moof")
                Samples.AddRange(ReadFragment(Boxes[i]));
        }
    }

    public Mp4File(string path)
        : this(File.ReadAllBytes(path))
    {
    }

    /// <summary>At the file's top level.</summary>
    public IReadOnlyList<Box> Boxes { get; }

    public List<Sample> Samples { get; } = [];

    public ReadOnlySpan<byte> Bytes => _bytes;

    public IReadOnlyList<Box> Fragments => [.. Boxes.Where(static box => box.Type == "moof")];

    /// <summary>Where each fragment ends with all that belongs to it.</summary>
    public IReadOnlyList<int> FragmentEnds => [.. Boxes.Where(static box => box.Type == "free").Select(static box => box.End)];

    /// <summary>The body of a box below others, such as <c>moov/trak/mdia</c>; those whose children begin later have that said: <c>stsd+8</c>.</summary>
    public ReadOnlySpan<byte> Find(string path, Box? from = null)
    {
        var (start, end) = from is { } box ? (box.Body, box.End) : (0, _bytes.Length);
        foreach (var step in path.Split('/'))
        {
            var (name, skip) = step.Split('+') is [var left, var right] ? (left, int.Parse(right, CultureInfo.InvariantCulture)) : (step, 0);
            var found = Split(start, end).FirstOrDefault(child => child.Type == name);
            Assert.True(found.Type == name, $"there is no {step} of {path}");
            (start, end) = (found.Body + skip, found.End);
        }

        return _bytes.AsSpan(start, end - start);
    }

    /// <summary>What another program decodes: how many pictures, and their times in ticks. Fails on the least complaint.</summary>
    public static IReadOnlyList<long> Decode(string path)
    {
        Tool.Need("ffprobe", "ffmpeg");
        var lines = Tool.Read("ffprobe", "-v", "warning", "-select_streams", "v", "-show_entries", "frame=pts", "-of", "csv=p=0", path).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(static line => long.TryParse(line.TrimEnd(','), NumberStyles.None, CultureInfo.InvariantCulture, out var time) ? time : throw new InvalidDataException(line))];
    }

    private List<Box> Split(int start, int end)
    {
        List<Box> found = [];
        while (start < end)
        {
            Assert.True(end - start >= 8, $"{end - start} bytes are no box");
            var size = BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(start));
            var type = Encoding.ASCII.GetString(_bytes, start + 4, 4);
            Assert.True(size >= 8 && size <= end - start, $"{type} has {size} bytes of {end - start}");
            found.Add(new(type, start, start + 8, start + size));
            start += size;
        }

        return found;
    }

    private List<Sample> ReadFragment(Box moof)
    {
        Assert.Equal("mdat", Boxes[Boxes.ToList().IndexOf(moof) + 1].Type);
        Assert.Equal(0x02_0000u, BinaryPrimitives.ReadUInt32BigEndian(Find("traf/tfhd", moof)));
        var time = BinaryPrimitives.ReadInt64BigEndian(Find("traf/tfdt", moof)[4..]);
        var run = Find("traf/trun", moof);
        Assert.Equal(0x701u, BinaryPrimitives.ReadUInt32BigEndian(run));
        var count = BinaryPrimitives.ReadInt32BigEndian(run[4..]);
        var offset = moof.Start + BinaryPrimitives.ReadInt32BigEndian(run[8..]);
        List<Sample> samples = [];
        for (var i = 0; i < count; i++)
        {
            var row = run[(12 + (i * 12))..];
            var (duration, size, flags) = (BinaryPrimitives.ReadUInt32BigEndian(row), BinaryPrimitives.ReadInt32BigEndian(row[4..]), BinaryPrimitives.ReadUInt32BigEndian(row[8..]));
            samples.Add(new(time, duration, _bytes.AsSpan(offset, size).ToArray(), (flags & 0x1_0000) == 0, moof.Start, i + 1));
            (time, offset) = (time + duration, offset + size);
        }

        Assert.Equal(Boxes[Boxes.ToList().IndexOf(moof) + 1].End, offset);
        return samples;
    }

    internal readonly record struct Box(string Type, int Start, int Body, int End);

    internal sealed record Sample(long Time, uint Duration, byte[] Data, bool IsSync, int Fragment, int Number);
}
