using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests;

public sealed class CandidateTests
{
    [Theory]
    [InlineData("candidate:1207210444 1 udp 2113937151 192.0.2.7 38298 typ host")]
    [InlineData("candidate:7 1 udp 1677729535 198.51.100.1 40000 typ srflx raddr 10.0.0.1 rport 5000")]
    [InlineData("candidate:9 1 udp 5 2001:db8::1 9 typ relay")]
    [InlineData("candidate:1 1 udp 2113937151 6008a99c-99d1-4bef-befd-0bac5b18538f.local 38298 typ host ufrag 8sot")]
    public void A_candidate_survives_the_round_trip(string text)
    {
        Assert.True(Candidate.TryParse(text, out var candidate));
        Assert.Equal(text, candidate!.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("candidate:")]
    [InlineData("candidate:1 1 udp 1 example.org 5 typ host")]
    [InlineData("candidate:1 1 udp -1 192.0.2.1 5 typ host")]
    [InlineData("candidate:1 1 udp 1 192.0.2.1 65536 typ host")]
    [InlineData("candidate:1 1 udp 1 192.0.2.1 5 typ tunnel")]
    [InlineData("candidate:1 1 udp 1 192.0.2.1 5 typ host ufrag ab\ncd")]
    public void A_malformed_candidate_is_refused(string text) => Assert.False(Candidate.TryParse(text, out _));
}
