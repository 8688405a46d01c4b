using EdgeCam.WebRtc.Sdp;

namespace EdgeCam.WebRtc.Tests.Sdp;

/// <summary>H.264 tells the truth: the answer names a profile that the offer has and the encoder sends.</summary>
public sealed class ProfileChoiceTests
{
    [Theory]
    [InlineData("42c01f", 108, "42e01f")] // constrained baseline, exactly
    [InlineData("42e028", 108, "42e028")] // its level may exceed the offer's
    [InlineData("42001f", 102, "42001f")] // marked baseline
    [InlineData("4d0028", 116, "4d0028")] // main
    [InlineData("4d401f", 116, "4d001f")] // main with constraint_set1, which all of main's encoders may set
    [InlineData("4d801f", 108, "42e01f")] // main that is constrained baseline in fact (RFC 6184, table 5)
    public void Chromium_is_answered_with_the_nearest_profile(string stream, int payloadType, string answered)
    {
        var (session, answer) = Offers.Answer(Offers.Chromium, Offers.Ours with { StreamProfile = Offers.Profile(stream) });

        Assert.Equal(payloadType, session.Video!.PayloadType);
        Assert.Contains($"a=fmtp:{payloadType} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={answered}\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("42e01f", "42001f", true)]
    [InlineData("42e01f", "42e01f", true)]
    [InlineData("42e01f", "4d001f", true)]
    [InlineData("42e01f", "64001f", true)]
    [InlineData("42e01f", "58001f", false)]
    [InlineData("42e01f", "f4001f", false)]
    [InlineData("42001f", "42e01f", true)]
    [InlineData("42001f", "4d001f", false)]
    [InlineData("4d001f", "42e01f", false)]
    [InlineData("4d001f", "64001f", true)]
    [InlineData("640c1f", "64001f", true)]
    [InlineData("64001f", "640c1f", true)]
    [InlineData("64001f", "4d001f", false)]
    [InlineData("f4001f", "64001f", false)]
    public void A_stream_goes_only_where_its_profile_is_decoded(string stream, string offered, bool fits)
    {
        var offer = Offers.Session("0") + Offers.Video("0", fmtp: $"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={offered}");
        var options = Offers.Ours with { StreamProfile = Offers.Profile(stream) };

        Assert.Equal(fits, Answerer.TryAnswer(offer, options, out _, out _, out _));
    }

    [Theory]
    [InlineData("42c01f", true)] // as agreed
    [InlineData("42e028", true)] // a higher level, which the offer allows
    [InlineData("4d801f", true)] // constrained baseline in fact
    [InlineData("4d001f", false)]
    [InlineData("640c1f", false)]
    public void Another_stream_fits_what_was_agreed_on_for_the_first_or_does_not(string stream, bool fits)
    {
        var (session, _) = Offers.Answer(Offers.Chromium, Offers.Ours with { StreamProfile = Offers.Profile("42e01f") });
        Assert.Equal(fits, session.Video!.Takes(Offers.Profile(stream)));
    }

    [Theory]
    [InlineData("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", true)]
    [InlineData("packetization-mode=1;profile-level-id=42e01f", false)]
    public void Another_stream_s_level_may_be_higher_only_where_the_offer_says_so(string fmtp, bool fits)
    {
        var (session, _) = Offers.Answer(Offers.Session("0") + Offers.Video("0", fmtp: fmtp), Offers.Ours with { StreamProfile = Offers.Profile("42e01e") });
        Assert.Equal(fits, session.Video!.Takes(Offers.Profile("42e028")));
        Assert.True(session.Video.Takes(Offers.Profile("42e01f")));
    }

    [Fact]
    public void A_profile_that_nobody_offers_is_refused_with_both_sides_named()
    {
        var error = Offers.Refuse(Offers.Chromium, Offers.Ours with { StreamProfile = Offers.Profile("640028") });

        Assert.Equal(400, error.Code);
        Assert.Contains("640028 (High, level 4.0)", error.Message, StringComparison.Ordinal);
        Assert.Contains("42e01f (ConstrainedBaseline, level 3.1) packetization-mode 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("Set the camera's profile", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("packetization-mode=0;profile-level-id=42e01f;level-asymmetry-allowed=1")]
    [InlineData("profile-level-id=42e01f;level-asymmetry-allowed=1")]
    public void Packetization_mode_0_alone_is_refused(string fmtp)
    {
        var error = Offers.Refuse(Offers.Session("0") + Offers.Video("0", fmtp: fmtp));

        Assert.Contains("packetization-mode 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_offer_without_h264_says_which_codecs_it_has()
    {
        var offer = Offers.Session("0")
            + "m=video 9 UDP/TLS/RTP/SAVPF 96 98\r\n" + Offers.Transport("0") + "a=recvonly\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:98 AV1/90000\r\n";

        Assert.Contains("the offer has no H.264; offered: VP8, AV1.", Offers.Refuse(offer).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("42e01f", true)]
    [InlineData("42e01e", true)]
    [InlineData("42e028", false)]
    [InlineData("42f00b", true)] // level 1b
    public void Without_level_asymmetry_the_stream_stays_within_the_offered_level(string stream, bool fits)
    {
        var offer = Offers.Session("0") + Offers.Video("0", fmtp: "packetization-mode=1;profile-level-id=42e01f");
        var accepted = Answerer.TryAnswer(offer, Offers.Ours with { StreamProfile = Offers.Profile(stream) }, out _, out var answer, out _);

        Assert.Equal(fits, accepted);
        Assert.DoesNotContain("level-asymmetry", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_are_read_in_any_case_and_with_spaces()
    {
        var offer = Offers.Session("0") + Offers.Video("0", fmtp: "Profile-Level-Id=42E01F; Packetization-Mode=1 ; level-asymmetry-allowed=1");

        Assert.Equal(Offers.Profile("42e01f"), Offers.Answer(offer).Session.Video!.ProfileLevelId);
    }

    [Fact]
    public void Feedback_for_all_payloads_counts_and_transport_cc_needs_its_extension()
    {
        var offer = Offers.Session("0") + Offers.Video("0", "a=rtcp-fb:* nack\r\na=rtcp-fb:* nack pli\r\na=rtcp-fb:102 transport-cc\r\n");

        var (session, answer) = Offers.Answer(offer);

        Assert.True(session.Video is { Nack: true, Pli: true, Fir: false, TransportCc: false });
        Assert.Contains("a=rtcp-fb:102 nack pli\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("transport-cc", answer, StringComparison.Ordinal);
    }
}
