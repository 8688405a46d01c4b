using EdgeCam.WebRtc.Turn;

namespace EdgeCam.WebRtc.Tests.Turn;

public sealed class TurnStreamReaderTests
{
    private static readonly byte[] s_stun = [1, 1, 0, 4, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x80, 0x22, 0, 0];
    private static readonly byte[] s_channelData = [0x40, 1, 0, 5, 1, 2, 3, 4, 5];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Messages_are_found_however_the_bytes_come(int atOnce)
    {
        byte[] stream = [.. s_stun, .. s_channelData, 0, 0, 0, .. s_stun, .. s_channelData, 9, 9, 9];
        var reader = new TurnStreamReader();
        var found = new List<byte[]>();
        for (var round = 0; round < 10_000; round++) // far more bytes than its buffer has
        {
            for (var at = 0; at < stream.Length; at += atOnce)
            {
                var piece = stream.AsSpan(at, Math.Min(atOnce, stream.Length - at));
                piece.CopyTo(reader.Free.Span);
                reader.Advance(piece.Length);
                while (reader.TryRead(out var message))
                    found.Add(message.ToArray());
            }
        }

        Assert.Equal(40_000, found.Count);
        Assert.All(found.Select((message, i) => (message, i)), pair => Assert.Equal(pair.i % 2 == 0 ? s_stun : s_channelData, pair.message));
        Assert.False(reader.IsBroken);
    }

    [Fact]
    public void The_longest_message_fits()
    {
        byte[] longest = [0x40, 0, 0xFF, 0xFF, .. new byte[65535], 0];
        var reader = new TurnStreamReader();
        for (var i = 0; i < 3; i++)
        {
            Assert.True(reader.Free.Length >= longest.Length);
            longest.CopyTo(reader.Free.Span);
            reader.Advance(longest.Length);
            Assert.True(reader.TryRead(out var message));
            Assert.Equal(65539, message.Length);
        }
    }

    [Theory]
    [InlineData("16030100")] // TLS
    [InlineData("0101000321124A42")] // a STUN length that is no multiple of four
    public void What_is_no_message_breaks_the_stream(string hex)
    {
        var reader = new TurnStreamReader();
        var bytes = Convert.FromHexString(hex);
        bytes.CopyTo(reader.Free.Span);
        reader.Advance(bytes.Length);

        Assert.False(reader.TryRead(out _));
        Assert.True(reader.IsBroken);
    }
}
