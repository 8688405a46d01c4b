using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests.H264;

public sealed class AnnexBReaderTests
{
    [Fact]
    public void Nal_units_are_the_same_for_any_chunk_boundaries()
    {
        byte[][] nalUnits = [.. Enumerable.Range(0, 60).Select(i => H264Samples.Slice([0x41, 0x9A, 0, 0, 3, 1], 10 + (i * i), i))];
        var stream = H264Samples.AnnexB(nalUnits);
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var longest = seed % 2 == 0 ? 5 : 3000;
            var reader = new AnnexBReader();
            var read = new List<byte[]>();
            for (var at = 0; at < stream.Length;)
            {
                var size = Math.Min(random.Next(0, longest), stream.Length - at);
                reader.Append(stream.AsSpan(at, size));
                at += size;
                Drain(reader, read);
            }

            reader.Flush();
            Drain(reader, read);
            H264Samples.AssertSame(nalUnits, read);
            Assert.Equal(0, reader.SkippedBytes);
        }
    }

    [Fact]
    public void Bytes_read_into_the_lent_memory_are_split_like_appended_ones()
    {
        byte[][] nalUnits = [.. Enumerable.Range(1, 20).Select(i => H264Samples.Slice([0x41, 0x9A], i * 9000, i))];
        var stream = H264Samples.AnnexB(nalUnits);
        var reader = new AnnexBReader();
        var read = new List<byte[]>();
        for (var at = 0; at < stream.Length;)
        {
            var memory = reader.GetMemory();
            var size = Math.Min(memory.Length, stream.Length - at);
            stream.AsMemory(at, size).CopyTo(memory);
            reader.Advance(size);
            at += size;
            Drain(reader, read);
        }

        reader.Flush();
        Drain(reader, read);
        H264Samples.AssertSame(nalUnits, read);
    }

    [Fact]
    public void Trailing_zeros_and_empty_units_are_left_out()
    {
        var reader = new AnnexBReader();
        reader.Append([0, 0, 0, 0, 0, 1, 0x41, 7, 0, 0, 0, 0, 1, 0, 0, 1, 0x42, 8, 0, 0, 0, 0, 0, 0]);
        reader.Flush();
        var read = new List<byte[]>();
        Drain(reader, read);
        Assert.Equal([[0x41, 7], [0x42, 8]], read);
        Assert.Equal(0, reader.SkippedBytes);
    }

    [Fact]
    public void The_last_unit_waits_for_the_next_start_code_or_a_flush()
    {
        var reader = new AnnexBReader();
        reader.Append([0, 0, 1, 0x41, 7]);
        Assert.False(reader.TryReadNalUnit(out _));
        reader.Flush();
        Assert.True(reader.TryReadNalUnit(out var nalUnit));
        Assert.Equal([0x41, 7], nalUnit.ToArray());
        reader.Append([0, 0]);
        Assert.False(reader.TryReadNalUnit(out _));
        reader.Append([1, 0x42, 8, 0, 0, 1]);
        Assert.True(reader.TryReadNalUnit(out nalUnit));
        Assert.Equal([0x42, 8], nalUnit.ToArray());
        Assert.Equal(0, reader.PrematureFlushes);
    }

    /// <summary>Whoever would flush need not wait where there is nothing to flush.</summary>
    [Fact]
    public void It_is_open_while_only_a_flush_or_a_start_code_ends_what_came()
    {
        var reader = new AnnexBReader();
        Assert.False(reader.IsOpen);
        reader.Append([0, 0, 1, 0x41, 7]);
        Assert.False(reader.TryReadNalUnit(out _));
        Assert.True(reader.IsOpen);
        reader.Append([0, 0, 0, 1, 9, 0xF0, 0, 0, 0, 1]); // a delimiter, and what follows it is still to come
        Assert.True(reader.TryReadNalUnit(out _));
        Assert.True(reader.TryReadNalUnit(out _));
        Assert.False(reader.TryReadNalUnit(out _));
        Assert.False(reader.IsOpen);
        reader.Append([0x41]);
        Assert.False(reader.TryReadNalUnit(out _));
        Assert.True(reader.IsOpen);
        reader.Flush();
        Assert.True(reader.TryReadNalUnit(out _));
        Assert.False(reader.IsOpen);
    }

    [Fact]
    public void Zeros_before_a_flush_may_be_part_of_the_next_start_code()
    {
        var reader = new AnnexBReader();
        reader.Append([0, 0, 1, 0x41, 7, 0, 0, 0]);
        reader.Flush();
        Assert.True(reader.TryReadNalUnit(out _));
        reader.Append([1, 0x42, 8]);
        reader.Flush();
        Assert.True(reader.TryReadNalUnit(out var nalUnit));
        Assert.Equal([0x42, 8], nalUnit.ToArray());
    }

    [Fact]
    public void A_flush_within_a_unit_is_noticed_once_and_costs_that_unit_only()
    {
        var reader = new AnnexBReader();
        reader.Append([0, 0, 1, 0x41, 7]);
        reader.Flush();
        Assert.True(reader.TryReadNalUnit(out _));
        reader.Append([9, 9, 9, 9]);
        Assert.False(reader.TryReadNalUnit(out _));
        reader.Append([9, 9, 9, 0, 0, 1, 0x42, 8, 0, 0, 1]);
        Assert.True(reader.TryReadNalUnit(out var nalUnit));
        Assert.Equal([0x42, 8], nalUnit.ToArray());
        Assert.Equal(1, reader.PrematureFlushes);
        Assert.Equal(7, reader.SkippedBytes);
    }

    [Fact]
    public void More_bytes_cancel_a_flush_that_was_not_used()
    {
        var reader = new AnnexBReader();
        reader.Append([0, 0, 1, 0x41, 7]);
        reader.Flush();
        reader.Append([8]);
        Assert.False(reader.TryReadNalUnit(out _));
    }

    [Fact]
    public void A_unit_without_end_is_dropped_and_the_next_one_read()
    {
        var reader = new AnnexBReader();
        var filler = new byte[256 * 1024];
        filler.AsSpan().Fill(0x55);
        reader.Append([0, 0, 1]);
        for (var i = 0; i < 40; i++)
        {
            reader.Append(filler);
            Assert.False(reader.TryReadNalUnit(out _));
            Assert.True(reader.GetMemory(1).Length < 3 * AnnexBReader.MaxNalUnitSize);
        }

        reader.Append([0, 0, 1, 0x41, 7, 0, 0, 1]);
        Assert.True(reader.TryReadNalUnit(out var nalUnit));
        Assert.Equal([0x41, 7], nalUnit.ToArray());
        Assert.Equal(1, reader.OversizedNalUnits);
    }

    [Fact]
    public void The_arrival_is_that_of_the_start_code()
    {
        var reader = new AnnexBReader();
        reader.Append([0, 0, 1, 0x41], new(10));
        Assert.False(reader.TryReadNalUnit(out _));
        reader.Append([7, 7], new(20));
        Assert.False(reader.TryReadNalUnit(out _));
        reader.Append([0, 0, 1, 0x42, 8], new(30));
        Assert.True(reader.TryReadNalUnit(out _));
        Assert.Equal(new Instant(10), reader.Arrival);
        reader.Flush();
        Assert.True(reader.TryReadNalUnit(out _));
        Assert.Equal(new Instant(30), reader.Arrival);
    }

    [Fact]
    public void Noise_with_random_flushes_never_loses_the_stream()
    {
        var random = new Random(5);
        var reader = new AnnexBReader();
        var chunk = new byte[64];
        for (var i = 0; i < 20_000; i++)
        {
            var size = random.Next(chunk.Length);
            for (var j = 0; j < size; j++)
                chunk[j] = (byte)random.Next(0, 3); // start codes everywhere
            reader.Append(chunk.AsSpan(0, size));
            if (random.Next(4) == 0)
                reader.Flush();
            while (reader.TryReadNalUnit(out var nalUnit))
            {
                Assert.NotEqual(0, nalUnit[^1]);
                Assert.True(nalUnit.IndexOf([(byte)0, (byte)0, (byte)1]) < 0);
            }
        }

        reader.Append([0, 0, 1, 0x41, 7, 0, 0, 1]);
        var read = new List<byte[]>();
        Drain(reader, read);
        Assert.Equal([0x41, 7], read[^1]);
    }

    private static void Drain(AnnexBReader reader, List<byte[]> into)
    {
        while (reader.TryReadNalUnit(out var nalUnit))
            into.Add(nalUnit.ToArray());
    }
}
