using EdgeCam.WebRtc.Srtp;

namespace EdgeCam.WebRtc.Tests.Srtp;

public class SrtpStreamTests
{
    [Theory] // RFC 3711 appendix A
    [InlineData(0x0_0010, 0x0011, 0x0_0011)]
    [InlineData(0x0_FFFF, 0x0000, 0x1_0000)]
    [InlineData(0x1_0000, 0xFFFF, 0x0_FFFF)]
    [InlineData(0x2_8000, 0x0000, 0x2_0000)]
    [InlineData(0x2_8001, 0x0000, 0x3_0000)]
    [InlineData(0x2_7FFF, 0xFFFF, 0x2_FFFF)]
    [InlineData(0x2_7FFE, 0xFFFF, 0x1_FFFF)]
    [InlineData(0x2_1234, 0x1234, 0x2_1234)]
    public void The_index_is_the_nearest(ulong highest, int sequenceNumber, ulong expected)
    {
        var stream = default(SrtpStream);
        stream.Accept(highest);

        Assert.True(stream.TryGuessIndex((ushort)sequenceNumber, out var index));
        Assert.Equal(expected, index);
    }

    [Fact]
    public void Nothing_lies_before_the_first_packet_of_all_or_after_the_last()
    {
        var first = default(SrtpStream);
        first.Accept(5);
        var last = default(SrtpStream);
        last.Accept(0xFFFF_FFFF_FFFF);

        Assert.False(first.TryGuessIndex(0xFFF0, out _));
        Assert.False(last.TryGuessIndex(0, out _));
        Assert.False(last.TryAdvance(0, out _));
    }

    [Theory]
    [InlineData(0xFFFE, 0xFFFF, 0xFFFFUL)]
    [InlineData(0xFFFF, 0x0000, 0x1_0000UL)]
    [InlineData(0xFFFF, 0x0001, null)]
    [InlineData(0xFFFF, 0xFFFF, null)]
    public void Only_the_packet_after_the_highest_advances(ulong highest, int sequenceNumber, ulong? expected)
    {
        var stream = default(SrtpStream);
        Assert.False(stream.TryAdvance(1, out _)); // nothing is there to follow
        stream.Accept(highest);
        Assert.Equal(expected is not null, stream.TryAdvance((ushort)sequenceNumber, out var index));
        if (expected is not null)
            Assert.Equal(expected, index);
        Assert.Equal((expected ?? highest) + 1, stream.Next);
        Assert.True(stream.IsReplay(expected ?? highest));
        Assert.True(stream.IsReplay(highest));
        Assert.False(stream.IsReplay(highest - 1));
    }

    [Fact]
    public void The_replay_list_agrees_with_a_set()
    {
        var random = new Random(4);
        var stream = default(SrtpStream);
        var seen = new HashSet<ulong>();
        var highest = 1000UL;
        for (var i = 0; i < 20_000; i++)
        {
            var index = highest + (ulong)random.Next(0, 300) - 200;
            var isOld = seen.Count > 0 && index + 128 <= seen.Max();
            Assert.Equal(isOld || seen.Contains(index), stream.IsReplay(index));
            if (stream.IsReplay(index))
                continue;
            stream.Accept(index);
            seen.Add(index);
            highest = Math.Max(highest, index);
            if (seen.Count > 400)
                seen.RemoveWhere(old => old + 400 < highest);
        }
    }
}
