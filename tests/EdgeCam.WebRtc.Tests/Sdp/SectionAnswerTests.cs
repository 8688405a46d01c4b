using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests.Sdp;

/// <summary>Which sections are accepted, on which transport, and how the others are declined.</summary>
public sealed class SectionAnswerTests
{
    [Fact]
    public void Audio_and_a_second_video_are_declined_and_left_out_of_the_bundle()
    {
        var offer = Offers.Session("v1 a v2 d") + Offers.Audio("a") + Offers.Video("v1") + Offers.Video("v2") + Offers.Data("d");

        var (session, answer) = Offers.Answer(offer);

        Assert.Contains("a=group:BUNDLE v1 d\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(["audio 0 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=mid:a", "a=inactive"], Offers.Section(answer, 0));
        Assert.StartsWith("video 0 ", Offers.Section(answer, 2)[0], StringComparison.Ordinal);
        Assert.Equal("ufragv1", session.RemoteCredentials.UsernameFragment);
        Assert.Equal(("v1", "d"), (session.Video!.Mid, session.DataChannel!.Mid));
        Assert.Contains("a=candidate:1 1 udp 2130706431 192.0.2.10 50000 typ host", Offers.Section(answer, 1));
        Assert.DoesNotContain(Offers.Section(answer, 3), line => line.StartsWith("a=candidate", StringComparison.Ordinal));
    }

    [Fact]
    public void Audio_in_first_place_keeps_the_transport_without_media()
    {
        var (session, answer) = Offers.Answer(Offers.Session("0 1 2") + Offers.Audio("0") + Offers.Video("1") + Offers.Data("2"));

        Assert.Equal("ufrag0", session.RemoteCredentials.UsernameFragment);
        Assert.Contains("a=group:BUNDLE 0 1 2\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("a=inactive", Offers.Section(answer, 0));
        Assert.Contains("a=end-of-candidates", Offers.Section(answer, 0));
        Assert.DoesNotContain("a=end-of-candidates", Offers.Section(answer, 1));
    }

    [Theory]
    [InlineData("m=audio 9 ", "m=audio 0 ")] // switched off
    [InlineData("SAVPF 111 0", "SAVPF 200 201")] // no payload type to answer with
    public void The_transport_moves_on_where_the_first_section_cannot_keep_it(string good, string bad)
    {
        var offer = Offers.Session("0 1 2") + Offers.Audio("0").Replace(good, bad, StringComparison.Ordinal) + Offers.Video("1") + Offers.Data("2");

        var (session, answer) = Offers.Answer(offer);

        Assert.Equal("ufrag1", session.RemoteCredentials.UsernameFragment);
        Assert.Contains("a=group:BUNDLE 1 2\r\n", answer, StringComparison.Ordinal);
        Assert.StartsWith("audio 0 ", Offers.Section(answer, 0)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Bundle_only_sections_ride_on_the_transport_of_the_first_section()
    {
        var video = Offers.Video("1", "a=bundle-only\r\n", port: 0).Replace(Offers.Transport("1"), "c=IN IP4 0.0.0.0\r\na=mid:1\r\n", StringComparison.Ordinal);

        var (session, answer) = Offers.Answer(Offers.Session("0 1") + Offers.Audio("0") + video);

        Assert.Equal("ufrag0", session.RemoteCredentials.UsernameFragment);
        Assert.Contains("a=group:BUNDLE 0 1\r\n", answer, StringComparison.Ordinal);
        var audio = Offers.Section(answer, 0);
        Assert.Equal("audio 50000 UDP/TLS/RTP/SAVPF 111", audio[0]);
        Assert.Contains("a=inactive", audio);
        Assert.Contains("a=rtpmap:111 opus/48000/2", audio);
        Assert.Contains("a=sendonly", Offers.Section(answer, 1));
    }

    [Fact]
    public void Without_bundle_only_the_video_is_served()
    {
        var (session, answer) = Offers.Answer(Offers.Session("") + Offers.Data("0") + Offers.Video("1"));

        Assert.Null(session.DataChannel);
        Assert.Equal("ufrag1", session.RemoteCredentials.UsernameFragment);
        Assert.StartsWith("application 0 ", Offers.Section(answer, 0)[0], StringComparison.Ordinal);
        Assert.DoesNotContain("BUNDLE", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_accepted_mid_of_the_group_carries_the_transport()
    {
        var (session, answer) = Offers.Answer(Offers.Session("d v") + Offers.Video("v") + Offers.Data("d"));

        Assert.Equal("ufragd", session.RemoteCredentials.UsernameFragment);
        Assert.Contains("a=group:BUNDLE d v\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("a=end-of-candidates", Offers.Section(answer, 1));
        Assert.DoesNotContain("a=end-of-candidates", Offers.Section(answer, 0));
    }

    [Fact]
    public void A_data_channel_alone_is_a_control_only_viewer()
    {
        var (session, answer) = Offers.Answer(Offers.Session("0") + Offers.Data("0"));

        Assert.Null(session.Video);
        Assert.Equal(new("0", 5000, 262_144), session.DataChannel);
        Assert.Contains("a=sctp-port:5000\r\na=max-message-size:262144\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sendonly")]
    [InlineData("inactive")]
    public void A_video_section_that_does_not_receive_is_declined(string direction)
    {
        var video = Offers.Video("0", direction: direction);

        var (session, answer) = Offers.Answer(Offers.Session("1 0") + video + Offers.Data("1"));
        Assert.Null(session.Video);
        Assert.StartsWith("video 0 ", Offers.Section(answer, 0)[0], StringComparison.Ordinal);
        Assert.Contains("direction: 'recvonly'", Offers.Refuse(Offers.Session("0") + video).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_section_switched_off_by_the_offerer_stays_off()
    {
        var (session, answer) = Offers.Answer(Offers.Session() + Offers.Video("0", port: 0) + Offers.Data("1"));

        Assert.Null(session.Video);
        Assert.Contains("a=group:BUNDLE 1\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Simulcast_is_not_echoed()
    {
        var offer = Offers.Session("0") + Offers.Video("0", "a=rid:hi recv\r\na=rid:lo recv\r\na=simulcast:recv hi;lo\r\n", direction: "sendrecv");

        var (session, answer) = Offers.Answer(offer);

        Assert.NotNull(session.Video);
        Assert.DoesNotContain("rid", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("simulcast", answer, StringComparison.Ordinal);
        Assert.Contains("a=sendonly\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Rtcp_on_its_own_port_is_refused_by_name()
    {
        var offer = (Offers.Session("0") + Offers.Video("0")).Replace("a=rtcp-mux\r\n", "", StringComparison.Ordinal);

        Assert.Contains("a=rtcp-mux", Offers.Refuse(offer).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("actpass", null, SetupRole.Active)]
    [InlineData("actpass", SetupRole.Passive, SetupRole.Passive)]
    [InlineData("active", null, SetupRole.Passive)]
    [InlineData("active", SetupRole.Active, SetupRole.Passive)] // the offer leaves no choice
    [InlineData("passive", SetupRole.Passive, SetupRole.Active)]
    public void The_dtls_role_follows_the_offer(string setup, SetupRole? forced, SetupRole expected)
    {
        var (session, answer) = Offers.Answer(Offers.Session("0") + Offers.Video("0", setup: setup), Offers.Ours with { ForcedRole = forced });

        Assert.Equal(expected, session.Role);
        Assert.Contains(expected == SetupRole.Active ? "a=setup:active\r\n" : "a=setup:passive\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ice_lite_peer_is_recognized()
    {
        Assert.True(Offers.Answer(Offers.Session("0", "a=ice-lite\r\n") + Offers.Video("0")).Session.RemoteIsLite);
    }

    [Fact]
    public void Candidates_are_complete_when_the_peer_does_not_trickle()
    {
        const string Candidate = "a=candidate:1 1 UDP 1 198.51.100.7 4000 typ host\r\n";

        Assert.False(Offers.Answer(Offers.Session("0", "a=ice-options:ice2 trickle\r\n") + Offers.Video("0", Candidate)).Session.EndOfRemoteCandidates);
        Assert.True(Offers.Answer(Offers.Session("0") + Offers.Video("0", Candidate)).Session.EndOfRemoteCandidates);
        Assert.False(Offers.Answer(Offers.Session("0") + Offers.Video("0")).Session.EndOfRemoteCandidates); // peer-reflexive ones may come
    }

    [Fact]
    public void Before_candidates_are_known_the_answer_names_port_9()
    {
        var (_, answer) = Offers.Answer(Offers.Session("0") + Offers.Video("0"), Offers.Ours with { Candidates = [], EndOfCandidates = false });

        Assert.Contains("m=video 9 UDP/TLS/RTP/SAVPF 102 103\r\nc=IN IP4 0.0.0.0\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("a=ice-options:trickle\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("end-of-candidates", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a=extmap:15 {0}", 0)] // reserved
    [InlineData("a=extmap:16 {0}", 0)] // needs the two-byte form
    [InlineData("a=extmap:3/sendonly {0}", 0)]
    [InlineData("a=extmap:3/inactive {0}", 0)]
    [InlineData("a=extmap:3/sendrecv {0}", 3)]
    [InlineData("a=extmap:14 {0}", 14)]
    [InlineData("a=extmap:16 {0}\r\na=extmap:4 {0}", 4)]
    [InlineData("a=extmap:4 urn:other\r\na=extmap:4 {0}", 0)] // an id names one extension
    public void An_extension_is_sent_only_where_its_id_and_direction_allow(string lines, int expected)
    {
        var attributes = string.Format(null, lines, "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time") + "\r\n";

        var (session, answer) = Offers.Answer(Offers.Session("0") + Offers.Video("0", attributes));

        Assert.Equal(expected, session.Video!.AbsCaptureTimeExtension);
        Assert.Equal(expected != 0, answer.Contains($"a=extmap:{expected} http", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0", 262_144)]
    [InlineData("1000", 1000)]
    [InlineData("99999999999999999999999", 262_144)]
    [InlineData("-5", 65_536)]
    [InlineData("", 65_536)]
    public void The_message_size_is_bounded(string offered, int expected)
    {
        var offer = Offers.Session("0") + Offers.Data("0").Replace("a=max-message-size:262144", $"a=max-message-size:{offered}", StringComparison.Ordinal);

        Assert.Equal(expected, Offers.Answer(offer).Session.DataChannel!.MaxMessageSize);
    }
}
