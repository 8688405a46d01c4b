using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests.Sdp;

/// <summary>Offers as Chromium, Firefox and aiortc really send them.</summary>
public sealed class RealOfferTests
{
    [Fact]
    public void The_answer_to_chromium_is_the_golden_one()
    {
        var (_, answer) = Offers.Answer(Offers.Chromium);

        Assert.Equal(Offers.Read("chromium-answer").ReplaceLineEndings("\r\n"), answer);
    }

    [Fact]
    public void Chromium_gets_h264_with_retransmission_and_congestion_feedback()
    {
        var (session, _) = Offers.Answer(Offers.Chromium);

        var video = session.Video!;
        Assert.Equal(("0", 108, (byte?)109), (video.Mid, video.PayloadType, video.RtxPayloadType));
        Assert.Equal(Offers.Profile("42e01f"), video.ProfileLevelId);
        Assert.Equal((9, 2, 4, 5, 0), (video.MidExtension, video.AbsSendTimeExtension, video.TransportSequenceExtension, video.PlayoutDelayExtension, video.AbsCaptureTimeExtension));
        Assert.True(video is { Nack: true, Pli: true, Fir: true, TransportCc: true, Remb: true, ReducedSizeRtcp: true });
        Assert.Equal(new("1", 5000, 262_144), session.DataChannel);
        Assert.Equal(SetupRole.Active, session.Role);
        Assert.Equal(new("8sot", "Tfi8cy5asEZ1EOQvKeRDI8bB"), session.RemoteCredentials);
        Assert.Equal(Offers.Fingerprint, Assert.Single(session.RemoteFingerprints).Value);
        Assert.Equal([38298, 35025], session.RemoteCandidates.Select(c => (int)c.Address.Port)); // of the tagged section only
        Assert.EndsWith(".local", session.RemoteCandidates[0].HostName, StringComparison.Ordinal);
        Assert.False(session.EndOfRemoteCandidates);
        Assert.False(session.RemoteIsLite);
    }

    [Fact]
    public void Firefox_session_level_fingerprint_and_one_way_extension_are_understood()
    {
        var (session, answer) = Offers.Answer(Offers.Firefox);

        var video = session.Video!;
        Assert.Equal((126, (byte?)127), (video.PayloadType, video.RtxPayloadType));
        Assert.Equal((3, 4, 7, 6), (video.MidExtension, video.AbsSendTimeExtension, video.TransportSequenceExtension, video.PlayoutDelayExtension));
        Assert.Contains("a=extmap:6/sendonly http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n", answer, StringComparison.Ordinal);
        Assert.StartsWith("67:89:F6:25", Assert.Single(session.RemoteFingerprints).Value, StringComparison.Ordinal);
        Assert.Equal(51147, Assert.Single(session.RemoteCandidates).Address.Port); // no RTCP component, no TCP
        Assert.True(session.EndOfRemoteCandidates);
        Assert.Equal(262_144, session.DataChannel!.MaxMessageSize); // it offers 1 GiB
    }

    [Fact]
    public void Aiortc_gets_its_older_data_channel_form_and_the_transport_of_the_first_section()
    {
        var (session, answer) = Offers.Answer(Offers.Aiortc);

        Assert.Equal("PsNJ", session.RemoteCredentials.UsernameFragment);
        Assert.Equal(38761, Assert.Single(session.RemoteCandidates).Address.Port);
        Assert.Equal(new("1", 5000, 65_536), session.DataChannel);
        Assert.Equal((101, (byte?)null), (session.Video!.PayloadType, session.Video.RtxPayloadType));
        Assert.False(session.Video.TransportCc); // neither its feedback nor its extension is offered
        Assert.Equal(0, session.Video.TransportSequenceExtension);
        var data = Offers.Section(answer, 1);
        Assert.Equal("application 50000 DTLS/SCTP 5000", data[0]);
        Assert.Contains("a=sctpmap:5000 webrtc-datachannel 65535", data);
        Assert.DoesNotContain("FID", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("a=ssrc:2222", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chromium-offer")]
    [InlineData("firefox-offer")]
    [InlineData("aiortc-offer")]
    public void Line_ends_make_no_difference(string name)
    {
        var offer = Offers.Read(name);

        Assert.Equal(Offers.Answer(offer.ReplaceLineEndings("\n")).Answer, Offers.Answer(offer.ReplaceLineEndings("\r\n")).Answer);
    }

    [Fact]
    public void Orphan_feedback_and_parameter_lines_are_ignored()
    {
        var offer = Offers.Firefox.ReplaceLineEndings("\n")
            .Replace("SAVPF 120 124 121 125 126 127 97 98 105 106 103 104 99 100 123 122 119", "SAVPF 126 127", StringComparison.Ordinal);

        var (session, answer) = Offers.Answer(offer);

        Assert.Equal((126, (byte?)127), (session.Video!.PayloadType, session.Video.RtxPayloadType));
        Assert.DoesNotContain(":120 ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chromium-offer")]
    [InlineData("firefox-offer")]
    [InlineData("aiortc-offer")]
    public void The_answer_is_a_description_that_our_own_reader_takes(string name)
    {
        var (session, answer) = Offers.Answer(Offers.Read(name));

        Assert.True(EdgeCam.WebRtc.Sdp.SessionDescription.TryParse(answer, out var description, out _));
        Assert.Equal(2, description!.Media.Count);
        Assert.Equal(["0", "1"], Assert.Single(description.BundleGroups));
        Assert.All(description.Media, media => Assert.Equal("localufr", media.Credentials?.UsernameFragment));
        Assert.Single(description.Media[0].Candidates);
        Assert.Empty(description.Media[1].Candidates);
        Assert.True(description.Media[0].EndOfCandidates);
        Assert.Equal(EdgeCam.WebRtc.Sdp.SetupAttribute.Active, description.Media[0].Setup);
        Assert.Equal(session.Video!.PayloadType, description.Media[0].Payloads[0].PayloadType);
    }
}
