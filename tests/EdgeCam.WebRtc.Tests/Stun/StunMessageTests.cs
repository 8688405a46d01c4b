using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Tests.Stun;

public sealed class StunMessageTests
{
    private static readonly byte[] s_key = "key of sixteen.."u8.ToArray();

    [Theory]
    [InlineData(0x001, (int)StunClass.Request, 0x0001)]
    [InlineData(0x001, (int)StunClass.ErrorResponse, 0x0111)]
    [InlineData(0x003, (int)StunClass.SuccessResponse, 0x0103)] // Allocate
    [InlineData(0x006, (int)StunClass.Indication, 0x0016)] // Send
    [InlineData(0xFFF, (int)StunClass.Request, 0x3EEF)]
    public void Method_and_class_share_the_message_type(int method, int messageClass, int type)
    {
        Assert.Equal(type, StunHeader.Join((StunMethod)method, (StunClass)messageClass));
        Assert.Equal((StunMethod)method, StunHeader.Method((ushort)type));
        Assert.Equal((StunClass)messageClass, StunHeader.Class((ushort)type));
    }

    [Theory]
    [InlineData("")]
    [InlineData("000100002112A44200000000000000000000")] // cut in the header
    [InlineData("800100002112A442000000000000000000000000")] // first bits are not 0
    [InlineData("000100002112A443000000000000000000000000")] // another cookie
    [InlineData("000100042112A442000000000000000000000000")] // longer than the datagram
    [InlineData("000100002112A44200000000000000000000000000060000")] // shorter than the datagram
    [InlineData("000100022112A4420000000000000000000000000006")] // no multiple of four
    [InlineData("000100042112A44200000000000000000000000000060001")] // attribute beyond the end
    [InlineData("000100042112A442000000000000000000000000FFFFFFFF")]
    [InlineData("000100082112A442000000000000000000000000000800040000 0000")] // integrity of the wrong size
    [InlineData("000100082112A442000000000000000000000000802800040000 0000")] // wrong fingerprint
    public void A_malformed_message_is_refused(string hex) =>
        Assert.False(StunMessageView.TryParse(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), out _));

    [Fact]
    public void What_follows_the_integrity_is_ignored()
    {
        var buffer = new byte[200];
        var writer = new StunMessageWriter(buffer, StunMethod.Binding, StunClass.Request, new(1, 2));
        writer.AddText(StunAttributeType.Username, "a:b");
        writer.AddIntegrity(s_key);
        writer.AddFlag(StunAttributeType.UseCandidate);
        writer.AddFingerprint();
        Assert.True(StunMessageView.TryParse(buffer.AsSpan(0, writer.Length), out var message));
        Assert.True(message.IsAuthenticatedBy(s_key));
        Assert.True(message.Has(StunAttributeType.Username));
        Assert.False(message.Has(StunAttributeType.UseCandidate));
    }

    [Fact]
    public void A_fingerprint_that_is_not_last_is_refused()
    {
        var buffer = new byte[200];
        var writer = new StunMessageWriter(buffer, StunMethod.Binding, StunClass.Request, new(1, 2));
        writer.AddFingerprint();
        writer.AddFlag(StunAttributeType.UseCandidate);
        Assert.False(StunMessageView.TryParse(buffer.AsSpan(0, writer.Length), out _));
    }

    [Fact]
    public void The_first_of_two_attributes_counts()
    {
        var buffer = new byte[200];
        var writer = new StunMessageWriter(buffer, StunMethod.Binding, StunClass.Request, new(1, 2));
        writer.AddUInt32(StunAttributeType.Priority, 1);
        writer.AddUInt32(StunAttributeType.Priority, 2);
        Assert.True(StunMessageView.TryParse(buffer.AsSpan(0, writer.Length), out var message));
        Assert.True(message.TryGetUInt32(StunAttributeType.Priority, out var priority));
        Assert.Equal(1u, priority);
        Assert.False(message.TryGetUInt64(StunAttributeType.Priority, out _));
    }

    [Fact]
    public void Error_codes_and_unknown_attributes_survive_the_round_trip()
    {
        var buffer = new byte[200];
        var writer = new StunMessageWriter(buffer, StunMethod.Binding, StunClass.ErrorResponse, new(1, 2));
        writer.AddErrorCode(StunErrorCode.UnknownAttribute);
        writer.AddUnknownAttributes([(StunAttributeType)0x7001, (StunAttributeType)0x7002, (StunAttributeType)0x7003]);
        writer.AddUInt32((StunAttributeType)0x7777, 0);
        writer.AddUInt32((StunAttributeType)0xC057, 0); // comprehension-optional
        Assert.True(StunMessageView.TryParse(buffer.AsSpan(0, writer.Length), out var message));
        Assert.True(message.TryGetErrorCode(out var code));
        Assert.Equal(StunErrorCode.UnknownAttribute, code);
        Assert.True(message.TryGet(StunAttributeType.UnknownAttributes, out var value));
        Assert.Equal("700170027003", Convert.ToHexString(value));

        var unknown = new StunAttributeType[4];
        Assert.Equal(1, message.CopyUnknownAttributes([StunAttributeType.ErrorCode, StunAttributeType.UnknownAttributes], unknown));
        Assert.Equal((StunAttributeType)0x7777, unknown[0]);
    }

    [Fact]
    public void Random_and_mutated_bytes_are_read_without_a_fault()
    {
        var random = new Random(5769);
        byte[][] seeds = [StunVectors.Request, StunVectors.IPv4Response, StunVectors.IPv6Response, StunVectors.LongTermRequest];
        var accepted = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = i % 4 == 0 ? new byte[random.Next(0, 200)] : [.. seeds[random.Next(seeds.Length)]];
            if (i % 4 == 0)
                random.NextBytes(bytes);
            else if (i % 4 == 1)
                bytes = bytes[..random.Next(bytes.Length)];
            else if (i % 4 == 3)
                bytes = bytes[..^8]; // without its fingerprint, so that mutants get through
            for (var flips = random.Next(4); flips > 0 && bytes.Length != 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (bytes.Length >= StunHeader.Size)
                (bytes[2], bytes[3]) = ((byte)((bytes.Length - StunHeader.Size) >> 8), (byte)(bytes.Length - StunHeader.Size));

            if (!StunMessageView.TryParse(bytes, out var message))
                continue;
            accepted++;
            _ = message.IsAuthenticatedBy(s_key);
            _ = message.TryGetXorAddress(StunAttributeType.XorMappedAddress, out _);
            _ = message.TryGetErrorCode(out _);
            _ = message.TryGetUInt64(StunAttributeType.IceControlled, out _);
            _ = message.CopyUnknownAttributes([], new StunAttributeType[8]);
        }

        Assert.InRange(accepted, 1000, 19_000); // both ways were walked
    }
}
