using System.Globalization;
using System.Text.RegularExpressions;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sctp;

namespace EdgeCam.WebRtc.Tests.Simulation;

/// <summary>What a media server does that is published to: it answers, and is controlled.</summary>
internal sealed partial class VirtualViewer
{
    /// <summary>Takes an offer to send video, and answers it.</summary>
    /// <param name="setup">Its own role: <c>active</c> or <c>passive</c>.</param>
    /// <param name="payload">The accepted H.264 payload; retransmissions have the next.</param>
    public string Answer(string offer, string setup, Instant now, int payload = 96, bool isLite = false)
    {
        string Value(string name) => Regex.Match(offer, $"a={name}:(.*?)\r\n").Groups[1].Value;
        _rtxPayloadType = (byte)(payload + 1);
        _role = setup == "active" ? SetupRole.Active : SetupRole.Passive;
        var fingerprint = Value("fingerprint").Split(' ');
        _remoteFingerprints = [new(fingerprint[0], fingerprint[1])];
        TakeRemote(offer, now);
        Channels ??= new DataChannels(new SctpOptions(_random, _role == SetupRole.Active));
        var rtx = UsesRtx ? string.Create(CultureInfo.InvariantCulture, $" {payload + 1}") : "";
        return $"""
            v=0
            o=server 1 1 IN IP4 192.0.2.2
            s=-
            t=0 0
            a=group:BUNDLE 0
            {(isLite ? "a=ice-lite" : "a=x-full")}
            m=video 9 UDP/TLS/RTP/SAVPF {payload}{rtx}
            c=IN IP4 192.0.2.2
            a=mid:0
            a=recvonly
            a=rtcp-mux
            a=ice-ufrag:{_credentials.UsernameFragment}
            a=ice-pwd:{_credentials.Password}
            a=fingerprint:{_context.Fingerprint}
            a=setup:{setup}
            a=rtpmap:{payload} H264/90000
            a=fmtp:{payload} packetization-mode=1;profile-level-id=42e01f
            a=rtcp-fb:{payload} nack
            a=rtcp-fb:{payload} nack pli
            {(UsesRtx ? $"a=rtpmap:{payload + 1} rtx/90000\na=fmtp:{payload + 1} apt={payload}" : "a=x-no-rtx")}
            a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid
            {string.Join('\n', _ice.LocalCandidates.Select(candidate => $"a={candidate}"))}
            a=end-of-candidates

            """.Replace("\r\n", "\n").Replace("\n", "\r\n");
    }

    /// <summary>The other side restarts ICE: answers its fragment with one of its own.</summary>
    public string AnswerRestart(string fragment, Instant now)
    {
        _credentials = IceCredentials.Create(_random);
        _ice.Restart(_credentials);
        TakeRemote(fragment, now);
        return $"a=ice-ufrag:{_credentials.UsernameFragment}\r\na=ice-pwd:{_credentials.Password}\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
            + string.Concat(_ice.LocalCandidates.Select(static candidate => $"a={candidate}\r\n")) + "a=end-of-candidates\r\n";
    }

    private void TakeRemote(string description, Instant now)
    {
        string Value(string name) => Regex.Match(description, $"a={name}:(.*?)\r\n").Groups[1].Value;
        _ice.SetRemoteCredentials(new(Value("ice-ufrag"), Value("ice-pwd")), isLite: false, now);
        foreach (Match line in CandidateLine().Matches(description))
        {
            Assert.True(Candidate.TryParse(line.Groups[1].Value, out var candidate));
            _ice.AddRemoteCandidate(candidate!, now);
        }
    }
}
