using EdgeCam.WebRtc.Srtp;
using EdgeCam.WebRtc.Srtp.Interop;

namespace EdgeCam.WebRtc.Tests.Srtp;

/// <summary>The test vectors of RFC 3711 and RFC 7714, and the reference packets that SRTP implementations share.</summary>
public class SrtpVectorTests
{
    private const string GcmKey = "000102030405060708090a0b0c0d0e0f";
    private const string GcmSalt = "517569642070726f2071756f";

    [Fact]
    public void The_AES_CM_keystream_is_that_of_RFC_3711_B_2()
    {
        var keystream = new byte[1_044_512];
        using var cipher = new AesCounterMode(Hex("2B7E151628AED2A6ABF7158809CF4F3C"));

        cipher.Transform(Hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"), keystream);

        Assert.Equal("E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0", Text(keystream[..48]));
        Assert.Equal("EC8CDF7398607CB0F2D21675EA9EA1E4362B7C3C6773516318A077D7FC5073AE6A2CC3787889374FBEB4C81B17BA6C44", Text(keystream[^48..]));
    }

    [Fact]
    public void The_session_keys_are_those_of_RFC_3711_B_3()
    {
        using var derivation = new SrtpKeyDerivation(Hex("E1F97A0D3E018BE0D64FA32C06DE4139"), Hex("0EC675AD498AFEEBB6960B3AABE6"));

        Assert.Equal("C61E7A93744F39EE10734AFE3FF7A087", Text(derivation.EncryptionKey(isRtcp: false)));
        Assert.Equal("30CBBC08863D8C85D49DB34A9AE1", Text(derivation.Salt(isRtcp: false, 14)));
        Assert.Equal("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4", Text(derivation.AuthenticationKey(isRtcp: false)));
        Assert.Equal(
            "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC25"
            + "6D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2",
            Text(derivation.Derive(1, isRtcp: false, 94)));
    }

    [Fact]
    public void HMAC_SHA1_is_that_of_RFC_2202()
    {
        var mac = new byte[HmacSha1.Length];

        new HmacSha1(Hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b")).Compute("Hi There"u8, mac);
        Assert.Equal("B617318655057264E28BC0B6FB378C8EF146BE00", Text(mac));
        new HmacSha1("Jefe"u8).Compute("what do ya want for nothing?"u8, mac);
        Assert.Equal("EFFCDF6AE5EB2FA2D27416D5F184DF9C259A7C79", Text(mac));
    }

    [Fact]
    public void SRTP_with_AES_GCM_is_that_of_RFC_7714_16_1()
    {
        using var sender = new AesGcmTransform(Hex(GcmKey), Hex(GcmSalt), isRtcp: false, isOutbound: true);
        using var receiver = new AesGcmTransform(Hex(GcmKey), Hex(GcmSalt), isRtcp: false, isOutbound: false);

        CheckBothWays(
            sender,
            receiver,
            clearLength: 12,
            ssrc: 0x5501A0B2,
            index: 0xF17B,
            "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573",
            "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
            + "899d7f27beb16a9152cf765ee4390cce");
    }

    [Fact]
    public void SRTCP_with_AES_GCM_is_that_of_RFC_7714_17_1()
    {
        using var sender = new AesGcmTransform(Hex(GcmKey), Hex(GcmSalt), isRtcp: true, isOutbound: true);
        using var receiver = new AesGcmTransform(Hex(GcmKey), Hex(GcmSalt), isRtcp: true, isOutbound: false);

        CheckBothWays(
            sender,
            receiver,
            clearLength: 8,
            ssrc: 0x4D617273,
            index: 0x5D4,
            "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
            "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b"
            + "c84aa45896cf4d2fc5abf87245d9eade800005d4");
    }

    /// <summary>Packets that libsrtp and those after it test with: master keys, so that derivation, IV, layout and tag are all in it.</summary>
    [Theory]
    [InlineData(
        1,
        "e1f97a0d3e018be0d64fa32c06de4139",
        "0ec675ad498afeebb6960b3aabe6",
        "4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb",
        "7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798")]
    [InlineData(
        7,
        "000102030405060708090a0b0c0d0e0f",
        "a0a1a2a3a4a5a6a7a8a9aaab",
        "c5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392",
        "c98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123ba88ce61e80000001")]
    public void Both_profiles_agree_with_the_shared_reference_packets(int profile, string key, string salt, string rtp, string rtcp)
    {
        SrtpTransform Create(bool isRtcp, bool isOutbound) =>
            SrtpTransform.Create((EdgeCam.WebRtc.Primitives.SrtpProfile)profile, Hex(key), Hex(salt), isRtcp, isOutbound);
        using var rtpSender = Create(isRtcp: false, isOutbound: true);
        using var rtpReceiver = Create(isRtcp: false, isOutbound: false);
        using var rtcpSender = Create(isRtcp: true, isOutbound: true);
        using var rtcpReceiver = Create(isRtcp: true, isOutbound: false);
        const string Payload = "abababababababababababababababab";

        CheckBothWays(
            rtpSender, rtpReceiver, 12, 0xCAFEBABE, 0x1234, "800f1234decafbadcafebabe" + Payload, "800f1234decafbadcafebabe" + rtp);
        CheckBothWays(rtcpSender, rtcpReceiver, 8, 0xCAFEBABE, 1, "81c8000bcafebabe" + Payload, "81c8000bcafebabe" + rtcp);
    }

    private static void CheckBothWays(
        SrtpTransform sender, SrtpTransform receiver, int clearLength, uint ssrc, ulong index, string plain, string expected)
    {
        var buffer = new byte[200];
        var packet = Hex(plain);
        packet.CopyTo(buffer, 0);

        var length = sender.Protect(buffer, clearLength, packet.Length, ssrc, index);
        Assert.Equal(expected, Text(buffer[..length]), ignoreCase: true);

        Assert.True(receiver.TryUnprotect(buffer.AsSpan(0, length), clearLength, ssrc, index, out var plainLength));
        Assert.Equal(packet, buffer[..plainLength]);
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text);

    private static string Text(byte[] bytes) => Convert.ToHexString(bytes);
}
