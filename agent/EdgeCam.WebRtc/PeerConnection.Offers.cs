using System.Diagnostics.CodeAnalysis;
using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Sdp;

namespace EdgeCam.WebRtc;

/// <summary>What signaling brings: offers, answers, candidates.</summary>
public sealed partial class PeerConnection
{
    /// <summary>Reads an offer and makes the connection and its answer, or says why not.</summary>
    public static bool TryAccept(
        string offer,
        PeerConnectionOptions options,
        Instant now,
        [NotNullWhen(true)] out PeerConnection? peer,
        out string answer,
        [NotNullWhen(false)] out OfferError? error)
    {
        peer = null;
        var credentials = IceCredentials.Create(options.Random);
        var ice = new IceAgent(ToIceOptions(options, credentials), now);
        var media = new Ssrc(options.Random.NextUInt32());
        var rtx = new Ssrc(options.Random.NextUInt32());
        var cname = $"{options.Random.NextUInt64():x16}";
        var answerOptions = new AnswerOptions(
            credentials, options.Dtls.Fingerprint, ice.LocalCandidates, EndOfCandidates: ice.IsGatheringCompleted, options.StreamProfile, media, rtx, cname,
            StreamId: options.StreamName, TrackId: options.StreamName, SessionId: options.Random.NextUInt64() >> 2, SessionVersion: 1);
        if (!Answerer.TryAnswer(offer, answerOptions, out var session, out answer, out error))
            return false;

        var video = session.Video is { } agreed ? new VideoSender(ToSenderOptions(agreed, media, rtx, cname), options.Random, options.Clock) : null;
        peer = new(session, options, ice, credentials, video, now);
        ice.SetRemoteCredentials(session.RemoteCredentials, session.RemoteIsLite, now);
        foreach (var candidate in session.RemoteCandidates)
            ice.AddRemoteCandidate(candidate, now);
        if (session.EndOfRemoteCandidates)
            ice.SetEndOfRemoteCandidates();
        error = null;
        return true;
    }

    /// <summary>A trickled candidate (RFC 8838); an empty string is end-of-candidates.</summary>
    /// <returns>False where it is malformed.</returns>
    public bool AddRemoteCandidate(string candidate, Instant now)
    {
        if (candidate.Length == 0)
        {
            _ice.SetEndOfRemoteCandidates();
            return true;
        }

        if (!Candidate.TryParse(candidate, out var parsed))
            return false;
        if (parsed!.IsUdp && parsed.Component == 1)
            _ice.AddRemoteCandidate(parsed, now);
        return true;
    }

    /// <summary>An address that we can send from now, a socket's or a relayed one; the viewer is told of it by an event.</summary>
    public void AddLocalAddress(LocalAddress address, Instant now)
    {
        _ice.AddLocalAddress(address, now);
        Advance(now);
    }

    /// <summary>We can no longer send from the address: another path is taken where there is one.</summary>
    public void RemoveLocalAddress(TransportAddress address, Instant now)
    {
        _ice.RemoveLocalAddress(address, now);
        Advance(now);
    }

    /// <summary>No more addresses follow: once the STUN servers have answered, the viewer is told that there are no more candidates.</summary>
    public void EndLocalAddresses(Instant now)
    {
        _ice.EndLocalAddresses(now);
        Advance(now);
    }

    private static IceAgentOptions ToIceOptions(PeerConnectionOptions options, IceCredentials credentials) => new(
        IceRole.Controlled, credentials, options.Random, options.HostAddresses, options.StunServers,
        options.Advertised, options.HidesHostAddresses, options.MoreAddressesFollow);

    private static VideoSenderOptions ToSenderOptions(NegotiatedVideo agreed, Ssrc media, Ssrc rtx, string cname) => new(
        agreed.PayloadType, media, cname, agreed.RtxPayloadType, rtx,
        new RtpExtensionIds(
            agreed.MidExtension, agreed.AbsSendTimeExtension, agreed.TransportSequenceExtension, agreed.PlayoutDelayExtension,
            agreed.AbsCaptureTimeExtension),
        agreed.Mid, agreed.Nack);
}
