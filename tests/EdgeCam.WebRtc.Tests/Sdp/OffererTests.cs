using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sdp;

namespace EdgeCam.WebRtc.Tests.Sdp;

/// <summary>What our own offers say, and what becomes of servers' answers to them.</summary>
public sealed class OffererTests
{
    private static readonly ProfileLevelId s_stream = new(0x42, 0xC0, 0x1F);

    private static readonly AnswerOptions s_ours = new(
        new("localufr", "local-password-of-24-char"), new("sha-256", Offers.Fingerprint), [], EndOfCandidates: true, s_stream, new(1), new(2), "cname", "cam0", "cam0", SessionId: 1, SessionVersion: 1);

    /// <summary>As Janus 1.1 answers, in our words.</summary>
    private static readonly string s_janus = $"""
        v=0
        o=- 7 1 IN IP4 127.0.0.1
        s=VideoRoom 1234
        t=0 0
        a=group:BUNDLE 0
        a=ice-options:trickle
        a=fingerprint:sha-256 {Offers.Fingerprint}
        a=extmap-allow-mixed
        a=msid-semantic: WMS *
        m=video 9 UDP/TLS/RTP/SAVPF 96 97
        c=IN IP4 192.0.2.7
        a=recvonly
        a=mid:0
        a=rtcp-mux
        a=ice-ufrag:w3Zx
        a=ice-pwd:Qm4dAnJ8bS2kZt6xYc0pLr
        a=ice-options:trickle
        a=setup:active
        a=rtpmap:96 H264/90000
        a=rtcp-fb:96 ccm fir
        a=rtcp-fb:96 nack
        a=rtcp-fb:96 nack pli
        a=rtcp-fb:96 goog-remb
        a=rtcp-fb:96 transport-cc
        a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
        a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
        a=fmtp:96 profile-level-id=42e01f;packetization-mode=1
        a=rtpmap:97 rtx/90000
        a=fmtp:97 apt=96
        a=ssrc:11 cname:janus
        a=candidate:1 1 udp 2015363327 192.0.2.7 20000 typ host
        a=end-of-candidates

        """.Replace("\r\n", "\n").Replace("\n", "\r\n");

    /// <summary>As a server of pion's kind: ICE lite or full, RTCP on the same port, no RTX, its own attributes at session level.</summary>
    private static readonly string s_pion = $"""
        v=0
        o=- 1 2 IN IP4 0.0.0.0
        s=-
        t=0 0
        a=ice-lite
        a=group:BUNDLE 0
        a=fingerprint:sha-256 {Offers.Fingerprint}
        a=setup:passive
        a=ice-ufrag:AbcdEfgh
        a=ice-pwd:0123456789abcdef0123456789abcdef
        m=video 9 UDP/TLS/RTP/SAVPF 98
        c=IN IP4 0.0.0.0
        a=mid:0
        a=rtcp-mux
        a=rtcp-rsize
        a=rtpmap:98 H264/90000
        a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
        a=rtcp-fb:98 nack
        a=rtcp-fb:98 nack pli
        a=recvonly
        a=candidate:2 1 udp 2130706431 198.51.100.3 8189 typ host

        """.Replace("\r\n", "\n").Replace("\n", "\r\n");

    [Fact]
    public void The_offer_says_what_the_encoder_sends_and_the_profile_as_browsers_write_it()
    {
        var offer = Offerer.Write(s_ours);

        Assert.Contains("m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99\r\n", offer, StringComparison.Ordinal);
        Assert.Contains("a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42c01f\r\n", offer, StringComparison.Ordinal);
        Assert.Contains("a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n", offer, StringComparison.Ordinal);
        foreach (var line in (string[])["a=group:BUNDLE 0", "a=setup:actpass", "a=sendonly", "a=rtcp-mux", "a=ssrc-group:FID 1 2", "a=fmtp:99 apt=98", "a=mid:0"])
            Assert.Contains($"{line}\r\n", offer, StringComparison.Ordinal);
        Assert.DoesNotContain("m=application", offer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("42e01f", 1)]
    [InlineData("4d0029", 1)]
    [InlineData("4d4029", 2)]
    [InlineData("64001f", 1)]
    [InlineData("42f00b", 1)] // level 1b stays what it says
    public void One_profile_is_offered_once(string stream, int ways)
    {
        Assert.True(ProfileLevelId.TryParse(stream, out var profile));
        Assert.Equal(ways, OfferedVideo.Of(profile).Count);
    }

    [Fact]
    public void An_answer_of_Janus_is_read()
    {
        var session = Read(s_janus);

        Assert.Equal(SetupRole.Passive, session.Role);
        Assert.Equal("w3Zx", session.RemoteCredentials.UsernameFragment);
        Assert.Single(session.RemoteCandidates);
        Assert.True(session.EndOfRemoteCandidates);
        Assert.False(session.RemoteIsLite);
        var video = session.Video!;
        Assert.Equal((96, (byte?)97, "42c01f"), (video.PayloadType, video.RtxPayloadType, $"{video.ProfileLevelId}"));
        Assert.Equal((1, 0, 3, 0, 0), (video.MidExtension, video.AbsSendTimeExtension, video.TransportSequenceExtension, video.PlayoutDelayExtension, video.AbsCaptureTimeExtension));
        Assert.True(video is { Nack: true, Pli: true, Fir: true, TransportCc: true, Remb: true });
    }

    [Fact]
    public void An_answer_of_a_lite_server_without_extensions_is_read()
    {
        var session = Read(s_pion);

        Assert.Equal(SetupRole.Active, session.Role);
        Assert.True(session is { RemoteIsLite: true, EndOfRemoteCandidates: true });
        Assert.Equal((98, (byte?)null, "42e01f"), (session.Video!.PayloadType, session.Video.RtxPayloadType, $"{session.Video.ProfileLevelId}"));
        Assert.True(session.Video is { TransportCc: false, TransportSequenceExtension: 0, ReducedSizeRtcp: true });
    }

    [Theory]
    [InlineData("a=fmtp:96 profile-level-id=42e01f;packetization-mode=1\r\n", "")]
    [InlineData("a=recvonly", "a=sendrecv")]
    [InlineData("a=recvonly\r\n", "")]
    [InlineData("a=mid:0\r\n", "")]
    [InlineData("a=setup:active", "a=setup:actpass")] // RFC 8842 forbids it: then we speak first
    public void What_servers_leave_out_or_get_wrong_is_taken_as_the_offer_says(string good, string bad) =>
        Assert.Equal(96, Read(s_janus.Replace(good, bad, StringComparison.Ordinal)).Video!.PayloadType);

    [Theory]
    [InlineData("a=extmap:3 ", "a=extmap:5 ")] // an id that was not offered for it
    [InlineData("a=extmap:3 ", "a=extmap:3/sendonly ")]
    [InlineData("a=rtcp-fb:96 transport-cc\r\n", "")]
    public void Transport_feedback_needs_both_its_line_and_its_extension(string good, string bad)
    {
        var video = Read(s_janus.Replace(good, bad, StringComparison.Ordinal)).Video!;
        Assert.Equal((false, 0), (video.TransportCc, video.TransportSequenceExtension));
    }

    [Theory]
    [InlineData("m=video 9 ", "m=video 0 ", "declines")]
    [InlineData("96 97\r\n", "100 97\r\n", "none of the offered payloads")]
    [InlineData("H264/90000", "VP8/90000", "none of the offered payloads")]
    [InlineData("packetization-mode=1", "packetization-mode=0", "none of the offered payloads")]
    [InlineData("a=recvonly", "a=inactive", "does not want to receive")]
    [InlineData("a=recvonly", "a=sendonly", "does not want to receive")]
    [InlineData("a=rtcp-mux\r\n", "", "rtcp-mux")]
    [InlineData("a=ice-pwd:", "a=ice-pwd:x ", "ice-pwd")]
    [InlineData("a=fingerprint:sha-256", "a=fingerprint:md5", "fingerprint")]
    [InlineData("a=setup:active", "a=setup:holdconn", "holdconn")]
    [InlineData("m=video 9 UDP/TLS/RTP/SAVPF", "m=audio 9 UDP/TLS/RTP/SAVPF", "no video")]
    [InlineData("m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9 RTP/AVP", "no video")]
    [InlineData("m=video 9", "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\nm=video 9", "media sections")]
    [InlineData("v=0", "<html>", "v=0")]
    [InlineData("m=video 9", "m=video x", "malformed")]
    public void An_answer_that_cannot_be_used_is_named(string good, string bad, string named)
    {
        Assert.False(Offerer.TryReadAnswer(s_janus.Replace(good, bad, StringComparison.Ordinal), s_stream, out var session, out var error));

        Assert.Null(session);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Contains("answer", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("browser", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
    }

    private static Negotiated Read(string answer)
    {
        Assert.True(Offerer.TryReadAnswer(answer, s_stream, out var session, out var error), error?.Message);
        return session;
    }
}
