using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sdp;

namespace EdgeCam.WebRtc.Tests.Sdp;

/// <summary>Captured offers of real peers, small offers made by hand, and our side of the negotiation.</summary>
internal static class Offers
{
    public const string Fingerprint = "10:60:2B:1C:D9:94:0A:20:35:77:89:F3:F7:44:01:AB:4A:2D:BB:3B:DB:86:F5:26:B3:27:E0:18:58:CC:18:07";

    public static AnswerOptions Ours { get; } = new(
        new("localufr", "local-password-of-24-char"),
        new("sha-256", string.Join(':', Enumerable.Repeat("AB", 32))),
        [Host("192.0.2.10", 50000)],
        EndOfCandidates: true,
        Profile("42c01f"),
        new(1111),
        new(2222),
        Cname: "cam0-cname",
        StreamId: "cam0",
        TrackId: "video0",
        SessionId: 4242,
        SessionVersion: 1);

    public static string Chromium => Read("chromium-offer");

    public static string Firefox => Read("firefox-offer");

    public static string Aiortc => Read("aiortc-offer");

    public static string Read(string name)
    {
        using var stream = typeof(Offers).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException(name);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    public static ProfileLevelId Profile(string hex)
    {
        Assert.True(ProfileLevelId.TryParse(hex, out var profile));
        return profile;
    }

    public static Candidate Host(string address, ushort port)
    {
        Assert.True(TransportAddress.TryParse(address, port, out var parsed));
        return new("1", 2130706431, parsed, CandidateType.Host);
    }

    public static string Session(string bundle = "0 1", string attributes = "") =>
        $"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n{(bundle.Length > 0 ? $"a=group:BUNDLE {bundle}\r\n" : "")}{attributes}";

    public static string Transport(string mid, string setup = "actpass") =>
        $"c=IN IP4 0.0.0.0\r\na=ice-ufrag:ufrag{mid}\r\na=ice-pwd:password-of-22-characters\r\na=fingerprint:sha-256 {Fingerprint}\r\na=setup:{setup}\r\na=mid:{mid}\r\n";

    public static string Video(string mid, string attributes = "", string fmtp = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        string direction = "recvonly", int port = 9, string setup = "actpass") =>
        $"m=video {port} UDP/TLS/RTP/SAVPF 102 103\r\n{Transport(mid, setup)}a={direction}\r\na=rtcp-mux\r\n"
        + $"a=rtpmap:102 H264/90000\r\na=fmtp:102 {fmtp}\r\na=rtpmap:103 rtx/90000\r\na=fmtp:103 apt=102\r\n{attributes}";

    public static string Audio(string mid) =>
        $"m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\n{Transport(mid)}a=recvonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\n";

    public static string Data(string mid, string setup = "actpass") =>
        $"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n{Transport(mid, setup)}a=sctp-port:5000\r\na=max-message-size:262144\r\n";

    public static (Negotiated Session, string Answer) Answer(string offer, AnswerOptions? options = null)
    {
        var accepted = Answerer.TryAnswer(offer, options ?? Ours, out var session, out var answer, out var error);
        Assert.True(accepted, error?.Message);
        Assert.Null(error);
        return (session!, answer);
    }

    public static OfferError Refuse(string offer, AnswerOptions? options = null)
    {
        Assert.False(Answerer.TryAnswer(offer, options ?? Ours, out var session, out var answer, out var error));
        Assert.Null(session);
        Assert.Empty(answer);
        return error!;
    }

    /// <summary>The section of a description with this place, its lines without ends.</summary>
    public static string[] Section(string description, int index) =>
        description.Split("\r\nm=")[index + 1].Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
}
