using EdgeCam.WebRtc.Sdp;

namespace EdgeCam.WebRtc.Tests.Sdp;

/// <summary>Whatever an offer has in it, the reader returns, and the answer has no line that the offer smuggled in.</summary>
public sealed class HostileOfferTests
{
    [Theory]
    [InlineData("")]
    [InlineData("v=0")]
    [InlineData("{\"type\":\"offer\"}")]
    [InlineData("v=0\r\n")]
    [InlineData("v=0\r\nm=video\r\n")]
    [InlineData("v=0\r\nm=video 9\r\n")]
    [InlineData("v=0\r\nm=video 99999 UDP/TLS/RTP/SAVPF 96\r\n")]
    [InlineData("v=0\r\nm=vi<deo 9 UDP/TLS/RTP/SAVPF 96\r\n")]
    [InlineData("v=0\r\nm=video 9 UDP//RTP/SAVPF 96\r\n")]
    [InlineData("v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF é\r\n")]
    public void A_malformed_offer_is_refused_with_a_sentence(string offer)
    {
        var error = Offers.Refuse(offer);

        Assert.Equal(400, error.Code);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a=mid:0", "a=mid:a b")]
    [InlineData("a=mid:0", "a=mid:")]
    [InlineData("a=mid:0", "a=mid:1")] // that of the data channel
    [InlineData("a=ice-ufrag:8sot", "a=ice-ufrag:abc")]
    [InlineData("a=ice-ufrag:8sot", "a=ice-ufrag:ab:cd")]
    [InlineData("a=ice-pwd:Tfi8cy5asEZ1EOQvKeRDI8bB", "a=ice-pwd:short")]
    [InlineData("a=fingerprint:sha-256", "a=fingerprint:sha-1")]
    [InlineData("a=fingerprint:sha-256 10:", "a=fingerprint:sha-256 1G:")]
    [InlineData("a=setup:actpass", "a=setup:holdconn")]
    [InlineData("a=group:BUNDLE 0 1", "a=group:BUNDLE 0 1 0")]
    public void A_value_that_cannot_be_used_is_named(string good, string bad)
    {
        var error = Offers.Refuse(Offers.Chromium.Replace(good, bad, StringComparison.Ordinal));

        Assert.Equal(400, error.Code);
        Assert.InRange(error.Message.Length, 20, 400);
    }

    [Fact]
    public void A_large_offer_is_refused_as_too_large()
    {
        Assert.Equal(413, Offers.Refuse(Offers.Chromium + new string('x', SessionDescription.MaxLength)).Code);
        Assert.Equal(413, Offers.Refuse("v=0\n" + string.Concat(Enumerable.Repeat("a=x\n", SessionDescription.MaxLines))).Code);
        Assert.Equal(413, Offers.Refuse("v=0\n" + string.Concat(Enumerable.Repeat("m=audio 9 RTP/AVP 0\n", SessionDescription.MaxSections + 1))).Code);
    }

    [Fact]
    public void Many_candidates_extensions_and_fingerprints_are_kept_in_bounded_number()
    {
        var many = string.Concat(Enumerable.Range(0, 300).Select(i =>
            $"a=candidate:{i} 1 udp 1 192.0.2.1 {i + 1} typ host\r\na=extmap:{i + 20} urn:x:{i}\r\na=fingerprint:sha-256 {Offers.Fingerprint}\r\n"));

        var (session, _) = Offers.Answer(Offers.Session("0") + Offers.Video("0", many));

        Assert.Equal(64, session.RemoteCandidates.Count);
        Assert.Equal(8, session.RemoteFingerprints.Count);
    }

    [Fact]
    public void A_bad_name_of_our_own_is_a_bug_and_loud()
    {
        Assert.Throws<ArgumentException>(() => Offers.Answer(Offers.Chromium, Offers.Ours with { StreamId = "front door" }));
    }

    [Theory]
    [InlineData("chromium-offer", 1)]
    [InlineData("firefox-offer", 2)]
    [InlineData("aiortc-offer", 3)]
    [InlineData("", 4)]
    public void Ten_thousand_mutated_offers_never_throw_and_never_inject_a_line(string name, int seed)
    {
        var random = new Random(seed);
        var original = name.Length > 0 ? Offers.Read(name)
            : Offers.Session("a v1 v2 d") + Offers.Audio("a") + Offers.Video("v1", "a=bundle-only\r\n", port: 0) + Offers.Video("v2") + Offers.Data("d");
        var accepted = 0;
        for (var i = 0; i < 2500; i++)
        {
            var offer = Mutate(original, random);
            if (!Answerer.TryAnswer(offer, Offers.Ours, out _, out var answer, out var error))
            {
                Assert.InRange(error!.Message.Length, 20, 1000);
                continue;
            }

            accepted++;
            Assert.InRange(answer.Length, 100, 32_768);
            Assert.DoesNotContain(answer.Split("\r\n")[..^1], line => line.Length < 3 || line[1] != '=' || line.AsSpan().ContainsAnyExceptInRange(' ', '~'));
            Assert.True(SessionDescription.TryParse(answer, out var written, out _));
            Assert.True(SessionDescription.TryParse(offer, out var read, out _));
            Assert.Equal(read!.Media.Count, written!.Media.Count);
        }

        Assert.InRange(accepted, 100, 2400); // both outcomes are exercised
    }

    private static string Mutate(string text, Random random)
    {
        for (var count = random.Next(1, 5); count > 0; count--)
        {
            var lines = text.Split('\n');
            var at = random.Next(text.Length);
            var length = Math.Min(random.Next(1, 40), text.Length - at);
            text = random.Next(8) switch
            {
                0 => text.Remove(at, length),
                1 => text.Insert(at, text.Substring(random.Next(text.Length - length + 1), length)),
                2 => text.Remove(at, 1).Insert(at, ((char)random.Next(0, 300)).ToString()),
                3 => text.Insert(at, new string("0:/ \r\n;=*-9"[random.Next(11)], random.Next(1, 300))),
                4 => string.Join('\n', lines.Where(_ => random.Next(lines.Length) > 2)),
                5 => string.Join('\n', lines.Append(lines[random.Next(lines.Length)])),
                6 => text.Replace(lines[random.Next(lines.Length)] + "\n", lines[random.Next(lines.Length)] + " \n", StringComparison.Ordinal),
                _ => text[..at] + random.NextInt64() + text[at..],
            };
            if (text.Length == 0)
                return text;
        }

        return text;
    }
}
