using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests.Dtls;

public class DtlsRecordTests
{
    [Theory]
    [InlineData("", false)]
    [InlineData("16FEFF000000000000000000", false)] // no whole header
    [InlineData("16FEFF00000000000000000000", true)]
    [InlineData("16FEFF0000000000000000000142", true)]
    [InlineData("16FEFF0000000000000000000242", false)] // longer than the datagram
    [InlineData("16FEFF000000000000000000014216FEFF000000000000000000014242", false)] // something behind the last record
    [InlineData("16FEFF000000000000000000014214FEFD0001000000000008000101", false)] // the second too short for nonce and tag
    [InlineData("17FEFD00010000000000080018000102030405060708090A0B0C0D0E0F1011121314151617", true)]
    [InlineData("17FEFD00010000000000080017000102030405060708090A0B0C0D0E0F10111213141516", false)]
    [InlineData("1603030000000000000000000142", false)] // TLS
    [InlineData("80FEFF0000000000000000000142", false)] // RTP's range
    public void Only_whole_records_reach_libssl(string datagram, bool expected) =>
        Assert.Equal(expected, DtlsRecord.IsSequence(Convert.FromHexString(datagram)));

    [Theory]
    [InlineData("")]
    [InlineData("AB")]
    [InlineData("zz:")]
    public void A_malformed_fingerprint_accepts_nothing(string value)
    {
        var whole = DtlsPair.ServerCertificate.Fingerprint.Value;
        foreach (var text in new[] { value, whole[..^1], whole + ":00", whole.Replace(':', ' '), whole.Replace(whole[0], 'g'), "é" + whole[1..] })
        {
            var check = new FingerprintCheck([new Fingerprint("sha-256", text)]);

            Assert.False(check.IsUsable);
            Assert.False(check.Accepts(DtlsPair.ServerCertificate.Encoded));
        }
    }
}
