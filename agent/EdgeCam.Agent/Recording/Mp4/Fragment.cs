using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Recording.Mp4;

/// <summary>
/// Collects pictures until they are written in one piece: <c>moof</c> and <c>mdat</c> (ISO/IEC 14496-12 §8.8), and a checksum in a <c>free</c>
/// box behind, which players pass over: after a power cut it tells a whole fragment from one of which the disk has only parts.
/// </summary>
internal sealed class Fragment
{
    private const uint SyncFlags = 0x0200_0000; // sample_depends_on: on none (§8.8.3.1)
    private const uint DependentFlags = 0x0101_0000; // on others, and not to begin with

    private readonly List<Sample> _samples = [];
    private byte[] _data = new byte[256 * 1024];
    private int _length;

    public int Count => _samples.Count;

    /// <summary>Bytes of its pictures.</summary>
    public int Bytes => _length;

    /// <summary>Ticks from the segment's start to its first picture.</summary>
    public long Time => _samples[0].Time;

    /// <summary>To its last one.</summary>
    public long LastTime => _samples[^1].Time;

    /// <summary>Its pictures, each NAL unit behind its length.</summary>
    public ReadOnlyMemory<byte> Data => _data.AsMemory(0, _length);

    /// <summary>The IDR pictures among them, numbered from 1.</summary>
    public IEnumerable<(long Time, uint Number)> SyncSamples => _samples.Select(static (sample, index) => (sample, index)).Where(static item => item.sample.IsSync).Select(static item => (item.sample.Time, (uint)item.index + 1));

    public void Clear()
    {
        _samples.Clear();
        _length = 0;
        if (_data.Length > 8 * 1024 * 1024)
            _data = new byte[256 * 1024];
    }

    /// <param name="time">Ticks from the segment's start; later than those before.</param>
    public void Add(AccessUnit unit, long time)
    {
        var before = _length;
        foreach (var nal in unit.NalUnits)
        {
            var bytes = unit.Block.Slice(nal.Offset, nal.Length);
            if (AvcTrack.IsLeftOut(bytes))
                continue;
            if (_length + 4 + bytes.Length > _data.Length)
                Array.Resize(ref _data, Math.Max(_data.Length * 2, _length + 4 + bytes.Length));
            BinaryPrimitives.WriteUInt32BigEndian(_data.AsSpan(_length), (uint)bytes.Length);
            bytes.CopyTo(_data.AsSpan(_length + 4));
            _length += 4 + bytes.Length;
        }

        _samples.Add(new(time, _length - before, unit.IsIdr));
    }

    /// <summary>Writes what stands before <see cref="Data"/>.</summary>
    /// <param name="number">The fragment's, from 1.</param>
    /// <param name="end">When the picture after its last one begins, in ticks.</param>
    public void WriteHead(BoxWriter writer, uint number, long end)
    {
        var start = writer.Length;
        var box = writer.Begin("moof"u8);
        var head = writer.Begin("mfhd"u8, 0, 0);
        writer.Put32(number);
        writer.End(head);
        var track = writer.Begin("traf"u8);
        head = writer.Begin("tfhd"u8, version: 0, flags: 0x02_0000); // offsets count from the moof
        writer.Put32(1);
        writer.End(head);
        head = writer.Begin("tfdt"u8, version: 1, flags: 0);
        writer.Put64((ulong)Time);
        writer.End(head);
        head = writer.Begin("trun"u8, version: 0, flags: 0x701); // where the data lies; of each sample duration, size and flags
        writer.Put32((uint)_samples.Count);
        var offset = writer.Length;
        writer.Put32(0);
        for (var i = 0; i < _samples.Count; i++)
        {
            var sample = _samples[i];
            var next = i + 1 < _samples.Count ? _samples[i + 1].Time : end;
            writer.Put32((uint)Math.Clamp(next - sample.Time, 1, int.MaxValue));
            writer.Put32((uint)sample.Size);
            writer.Put32(sample.IsSync ? SyncFlags : DependentFlags);
        }

        writer.End(head);
        writer.End(track);
        writer.End(box);
        writer.Patch32(offset, (uint)(writer.Length - start + BoxReader.HeaderSize));
        writer.Put32((uint)(BoxReader.HeaderSize + _length));
        writer.Put("mdat"u8);
    }

    private readonly record struct Sample(long Time, int Size, bool IsSync);
}
