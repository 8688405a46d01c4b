using EdgeCam.Agent.Cameras.Rtsp;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Cameras.Rtsp;

/// <summary>NUT as ffmpeg writes it, and what is made of damage.</summary>
public sealed class NutReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-nut-").FullName;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1500)]
    [InlineData(1_000_000)]
    public void Frames_come_whole_in_order_and_with_their_times_however_the_bytes_come(int chunk)
    {
        var nut = Make(seconds: chunk == 1 ? 1 : 3);
        var (frames, reader) = Read(nut, chunk);
        Assert.Null(reader.Fault);
        Assert.Equal(("H264", nut.Length), (reader.Codec, reader.Bytes));
        Assert.Equal(chunk == 1 ? 25 : 75, frames.Count);
        Assert.True(frames[0].Frame.IsKey);
        Assert.All(frames, frame => Assert.InRange(frame.Bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0, 0, 1]), 0, 1));
        for (var i = 0; i < frames.Count; i++)
            Assert.Equal(40.0 * i, (frames[i].Frame.Time - frames[0].Frame.Time).TotalMilliseconds, 1.0);
        Assert.Equal(7, reader.CodecData[4] & 0x1F);
    }

    [Fact]
    public void All_bytes_are_those_that_went_in()
    {
        var nut = Make(seconds: 2);
        File.WriteAllBytes(Path.Combine(_folder, "a.nut"), nut);
        Tool.Read("ffmpeg", "-v", "error", "-i", Path.Combine(_folder, "a.nut"), "-map", "0:v", "-c", "copy", "-f", "data", Path.Combine(_folder, "a.bytes"));
        byte[] bytes = [.. Read(nut, 4096).Frames.SelectMany(frame => frame.Bytes)];
        Assert.Equal(File.ReadAllBytes(Path.Combine(_folder, "a.bytes")), bytes);
    }

    [Fact]
    public void Other_codecs_are_told_by_their_letters()
    {
        var nut = Make(seconds: 1, codec: "mpeg4");
        var reader = new NutReader();
        Feed(reader, nut);
        reader.TryRead(out _, out _);
        Assert.Equal("FMP4", reader.Codec);
    }

    [Fact]
    public void Damage_ends_in_a_sentence_or_other_frames_and_never_in_an_exception()
    {
        var nut = Make(seconds: 1);
        var random = new Random(11);
        var faults = new HashSet<string>();
        for (var round = 0; round < 3000; round++)
        {
            var damaged = nut.AsSpan(0, random.Next(1, nut.Length)).ToArray();
            for (var i = random.Next(1, 8); i > 0; i--)
                damaged[random.Next(Math.Min(damaged.Length, round % 2 == 0 ? 400 : damaged.Length))] = (byte)random.Next(256);
            var (_, reader) = Read(damaged, 65_536);
            if (reader.Fault is { } fault)
                faults.Add(fault);
        }

        Assert.True(faults.Count > 5, string.Join('\n', faults));
    }

    [Fact]
    public void A_second_main_header_with_fewer_time_bases_needs_its_stream_again()
    {
        byte[] stream = [.. Identity, .. MainHeader(timeBases: 2), .. StreamHeader(timeBase: 1), Frame];
        Assert.Single(Read(stream, 4096).Frames);
        var (frames, reader) = Read([.. stream, .. MainHeader(timeBases: 1), Frame], 4096);
        Assert.Single(frames);
        Assert.Equal("a frame comes before its headers", reader.Fault);
        Assert.Equal(2, Read([.. stream, .. MainHeader(timeBases: 1), .. StreamHeader(timeBase: 0), Frame], 4096).Frames.Count);
    }

    [Fact]
    public void A_number_without_an_end_is_a_fault_at_its_tenth_byte()
    {
        var endless = Enumerable.Repeat((byte)0x80, 10);
        var (_, reader) = Read([.. Identity, .. BitConverter.GetBytes(StartCode(0x4E4D_7A56_1F5F_04AD)), .. endless], 1);
        Assert.NotNull(reader.Fault);
        Assert.Equal(Identity.Length + sizeof(ulong) + 10, reader.Bytes);
    }

    [Fact]
    public void A_table_that_announces_more_numbers_than_a_version_could_have_is_damaged() =>
        Assert.Equal("its table of frames is damaged", Read([.. Identity, .. MainHeader(timeBases: 1, reserved: 17)], 4096).Reader.Fault);

    [Fact]
    public void A_frame_that_announces_more_numbers_than_it_could_have_is_not_waited_for()
    {
        const int ReservedFlag = 128;
        byte[] stream = [.. Identity, .. MainHeader(timeBases: 1, flags: ReservedFlag), .. StreamHeader(timeBase: 0), Frame];
        Assert.Null(Read([.. stream, .. Number(16), .. new byte[16]], 4096).Reader.Fault);
        Assert.Equal("it has a frame that cannot be read", Read([.. stream, .. Number(1L << 40), .. new byte[20]], 4096).Reader.Fault);
    }

    [Fact]
    public void Something_else_is_no_nut()
    {
        var (frames, reader) = Read("HTTP/1.0 200 OK\r\nServer: camera\r\n\r\n"u8.ToArray(), 10);
        Assert.Empty(frames);
        Assert.Equal("it is no NUT", reader.Fault);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private byte[] Make(int seconds, string codec = "libx264")
    {
        Tool.Need("ffmpeg", "ffmpeg");
        var path = Path.Combine(_folder, $"made-{seconds}-{codec}.nut");
        Tool.Read(
            "ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=25", "-t", $"{seconds}", "-pix_fmt", "yuv420p", "-c:v", codec, "-g", "25", "-bf", "0",
            "-flush_packets", "1", "-f", "nut", path);
        return File.ReadAllBytes(path);
    }

    private const byte Frame = 0; // of no bytes, by its code in the table

    private static byte[] Identity { get; } = [.. "nut/multimedia container\0"u8];

    /// <summary>With a table that makes of each value the same frame.</summary>
    private static byte[] MainHeader(int timeBases, int reserved = 0, int flags = 1)
    {
        List<byte> packet = [3, 1, 0, (byte)timeBases];
        for (var i = 0; i < timeBases; i++)
            packet.AddRange([1, 25]);
        // Flags, six fields: pts delta, multiplier, stream, size, reserved, count.
        packet.AddRange([.. Number(flags), 6, .. Number(1), .. Number(1), .. Number(0), .. Number(0), .. Number(reserved), .. Number(255), .. Number(0)]);
        return Packet(0x4E4D_7A56_1F5F_04AD, [.. packet]);
    }

    private static byte[] StreamHeader(byte timeBase) => Packet(0x4E53_1140_5BF2_F9DB, [0, 0, 4, .. "H264"u8, timeBase, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

    private static byte[] Packet(ulong code, byte[] content) =>
        [.. BitConverter.GetBytes(StartCode(code)), .. Number(content.Length + sizeof(uint)), .. content, 0, 0, 0, 0];

    private static ulong StartCode(ulong code) => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(code);

    private static byte[] Number(long value)
    {
        List<byte> bytes = [(byte)(value & 0x7F)];
        while ((value >>= 7) > 0)
            bytes.Insert(0, (byte)(0x80 | (value & 0x7F)));
        return [.. bytes];
    }

    private static (List<(NutFrame Frame, byte[] Bytes)> Frames, NutReader Reader) Read(byte[] nut, int chunk)
    {
        var reader = new NutReader();
        List<(NutFrame, byte[])> frames = [];
        for (var at = 0; at < nut.Length; at += chunk)
        {
            Feed(reader, nut.AsSpan(at, Math.Min(chunk, nut.Length - at)));
            while (reader.TryRead(out var frame, out var bytes))
                frames.Add((frame, bytes.ToArray()));
        }

        return (frames, reader);
    }

    private static void Feed(NutReader reader, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(reader.GetSpan(bytes.Length));
        reader.Advance(bytes.Length);
    }
}
