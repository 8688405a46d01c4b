using System.Text;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sdp;

namespace EdgeCam.Fuzz;

internal static class SdpTargets
{
    private static readonly AnswerOptions s_ours = new(
        new("localufr", "local-password-of-24-char"), new("sha-256", string.Join(':', Enumerable.Repeat("AB", 32))),
        [], EndOfCandidates: true, new(0x42, 0xC0, 0x1F), new(1), new(2), "cname", "stream", "track", SessionId: 1, SessionVersion: 1);

    public static FuzzTarget Offer() => new(
        "sdp",
        [Resource("chromium-offer"), Resource("firefox-offer"), Resource("aiortc-offer")],
        Targets.Texts("\r\n", "\n", "a=", "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
            "a=mid:0\r\n", "a=bundle-only\r\n", "a=group:BUNDLE 0 1\r\n", "a=rtcp-mux\r\n", "a=setup:passive\r\n", "a=inactive\r\n", "a=extmap:1/recvonly ",
            "a=rtcp-fb:* nack\r\n", "a=sctp-port:0\r\n", "a=ice-lite\r\n", "profile-level-id=", "packetization-mode=1", "apt=", ";", " ", ":", "99999999999999999999"),
        TakeOffer);

    public static FuzzTarget Answer() => new(
        "answer",
        Targets.Texts(
            "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\na=group:BUNDLE 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\n"
            + "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef012345\r\na=fingerprint:sha-256 " + string.Join(':', Enumerable.Repeat("CD", 32)) + "\r\na=setup:active\r\n"
            + "a=rtpmap:96 H264/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 transport-cc\r\na=fmtp:96 packetization-mode=1;profile-level-id=42e01f\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
            + "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\na=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\r\na=end-of-candidates\r\n"),
        Targets.Texts("\r\n", "\n", "a=", "m=video 0 ", "98 99", "H264/90000", "rtx/90000", "apt=98", "a=setup:passive", "a=inactive", "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid", "packetization-mode=0", ":", "4294967296"),
        TakeAnswer);

    public static FuzzTarget Candidate() => new(
        "candidate",
        Targets.Texts(
            "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host",
            "candidate:7 1 udp 1677729535 198.51.100.1 40000 typ srflx raddr 10.0.0.1 rport 5000 generation 0 ufrag abcd network-cost 999",
            "candidate:9 1 UDP 5 2001:db8::1 9 typ relay raddr :: rport 0",
            "a=candidate:1 2 TCP 2113937151 6008a99c-99d1-4bef-befd-0bac5b18538f.local 9 typ host tcptype active"),
        Targets.Texts("candidate:", "typ ", "host", "raddr ", "rport ", "ufrag ", ".local", "65535", "4294967296", "::", "%1", "fe80::1%2", " "),
        Read);

    private static void TakeOffer(ReadOnlySpan<byte> input)
    {
        var offer = Encoding.UTF8.GetString(input);
        if (!Answerer.TryAnswer(offer, s_ours, out var session, out var answer, out var error))
        {
            Targets.Require(session is null && error!.Message.Length is > 0 and < 1024, "A refusal has a short sentence");
            return;
        }

        Targets.Require(session is { Video: not null } or { DataChannel: not null }, "An answer serves something");
        Targets.Require(answer.Length < 65_536, "An answer is bounded");
        foreach (var line in answer.Split("\r\n").SkipLast(1))
            Targets.Require(line.Length > 2 && line[1] == '=' && !line.AsSpan().ContainsAnyExceptInRange(' ', '~'), "An answer has whole lines of printable ASCII");
        Targets.Require(SessionDescription.TryParse(answer, out _, out _), "We can read our own answer");
    }

    private static void TakeAnswer(ReadOnlySpan<byte> input)
    {
        var answer = Encoding.UTF8.GetString(input);
        if (RemoteFragment.TryParse(answer, out var fragment))
            Targets.Require(fragment.Candidates.Count <= 64 && fragment.Credentials.Password.Length <= 256, "A fragment is bounded");
        if (!Offerer.TryReadAnswer(answer, s_ours.StreamProfile, out var session, out var error))
        {
            Targets.Require(session is null && error.Message.Length is > 0 and < 1024, "A refusal has a short sentence");
            return;
        }

        var video = session.Video!;
        Targets.Require(video.PayloadType is 96 or 98 && (video.RtxPayloadType is not { } rtx || rtx == video.PayloadType + 1), "Only what was offered is sent");
        Targets.Require(new[] { video.MidExtension, video.AbsSendTimeExtension, video.TransportSequenceExtension, video.AbsCaptureTimeExtension }.All(static id => id <= 4), "Only extensions that were offered are sent");
    }

    private static void Read(ReadOnlySpan<byte> input)
    {
        if (!EdgeCam.WebRtc.Primitives.Candidate.TryParse(Encoding.UTF8.GetString(input), out var candidate))
            return;
        Targets.Require(EdgeCam.WebRtc.Primitives.Candidate.TryParse(candidate!.ToString(), out var again) && candidate == again, "A candidate survives the round trip");
    }

    private static byte[] Resource(string name)
    {
        using var stream = typeof(SdpTargets).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException(name);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
