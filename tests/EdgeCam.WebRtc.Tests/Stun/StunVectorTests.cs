using System.Security.Cryptography;
using System.Text;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Tests.Stun;

public sealed class StunVectorTests
{
    private static readonly byte[] s_password = Encoding.ASCII.GetBytes(StunVectors.Password);

    [Fact]
    public void The_sample_request_is_read()
    {
        Assert.True(StunMessageView.TryParse(StunVectors.Request, out var message));
        Assert.Equal((StunMethod.Binding, StunClass.Request), (message.Method, message.Class));
        Assert.Equal(new TransactionId(0xB7E7A701BC34D686, 0xFA87DFAE), message.TransactionId);
        Assert.True(message.TryGet(StunAttributeType.Software, out var software));
        Assert.Equal("STUN test client", Encoding.UTF8.GetString(software));
        Assert.True(message.TryGet(StunAttributeType.Username, out var username));
        Assert.Equal("evtj:h6vY", Encoding.UTF8.GetString(username));
        Assert.True(message.TryGetUInt32(StunAttributeType.Priority, out var priority));
        Assert.Equal(0x6E0001FFu, priority);
        Assert.True(message.TryGetUInt64(StunAttributeType.IceControlled, out var tieBreaker));
        Assert.Equal(0x932FF9B151263B36u, tieBreaker);
        Assert.True(message.IsAuthenticatedBy(s_password));
        Assert.False(message.IsAuthenticatedBy("VOkJxbRl1RmTxUk/WvJxBu"u8));
    }

    [Fact]
    public void The_sample_responses_are_read()
    {
        Assert.True(StunMessageView.TryParse(StunVectors.IPv4Response, out var v4));
        Assert.Equal(StunClass.SuccessResponse, v4.Class);
        Assert.True(v4.IsAuthenticatedBy(s_password));
        Assert.True(v4.TryGetXorAddress(StunAttributeType.XorMappedAddress, out var address));
        Assert.Equal("192.0.2.1:32853", address.ToString());

        Assert.True(StunMessageView.TryParse(StunVectors.IPv6Response, out var v6));
        Assert.True(v6.IsAuthenticatedBy(s_password));
        Assert.True(v6.TryGetXorAddress(StunAttributeType.XorMappedAddress, out address));
        Assert.Equal("[2001:db8:1234:5678:11:2233:4455:6677]:32853", address.ToString());
    }

    [Fact]
    public void The_sample_request_with_long_term_credentials_is_read_and_written_byte_for_byte()
    {
        const string Username = "\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9";
        var key = MD5.HashData(Encoding.UTF8.GetBytes($"{Username}:example.org:TheMatrIX"));
        Assert.True(StunMessageView.TryParse(StunVectors.LongTermRequest, out var message));
        Assert.True(message.IsAuthenticatedBy(key));

        var buffer = new byte[200];
        var writer = new StunMessageWriter(buffer, StunMethod.Binding, StunClass.Request, message.TransactionId);
        writer.AddText(StunAttributeType.Username, Username);
        writer.AddText(StunAttributeType.Nonce, "f//499k954d6OL34oL9FSTvy64sA");
        writer.AddText(StunAttributeType.Realm, "example.org");
        writer.AddIntegrity(key);
        Assert.Equal(StunVectors.LongTermRequest, buffer[..writer.Length]);
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_noticed()
    {
        AssertNoticed(StunVectors.Request[..^8], s_password); // its fingerprint left out, which by itself proves nothing
        AssertNoticed(StunVectors.LongTermRequest, MD5.HashData("\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9:example.org:TheMatrIX"u8));
    }

    [Fact]
    public void A_flipped_bit_in_what_the_fingerprint_covers_is_noticed()
    {
        var response = StunVectors.IPv4Response;
        for (var bit = 0; bit < (response.Length - 8) * 8; bit++)
        {
            response[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(StunMessageView.TryParse(response, out var message) && message.TryGet(StunAttributeType.XorMappedAddress, out _)
                && message.HasIntegrity);
            response[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData("192.0.2.1", 1)]
    [InlineData("2001:db8::7", 65535)]
    public void An_address_survives_the_round_trip(string text, int port)
    {
        Assert.True(TransportAddress.TryParse(text, (ushort)port, out var address));
        var buffer = new byte[100];
        var writer = new StunMessageWriter(buffer, StunMethod.Binding, StunClass.SuccessResponse, new(0x0123456789ABCDEF, 7));
        writer.AddXorAddress(StunAttributeType.XorMappedAddress, address);
        writer.AddIntegrity(s_password);
        writer.AddFingerprint();
        Assert.True(StunMessageView.TryParse(buffer.AsSpan(0, writer.Length), out var message));
        Assert.True(message.IsAuthenticatedBy(s_password));
        Assert.True(message.TryGetXorAddress(StunAttributeType.XorMappedAddress, out var read));
        Assert.Equal(address, read);
    }

    private static void AssertNoticed(byte[] message, byte[] key)
    {
        message[3] = (byte)(message.Length - StunHeader.Size);
        Assert.True(StunMessageView.TryParse(message, out var whole) && whole.IsAuthenticatedBy(key));
        for (var bit = 0; bit < message.Length * 8; bit++)
        {
            message[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(StunMessageView.TryParse(message, out var flipped) && flipped.IsAuthenticatedBy(key));
            message[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }
}
