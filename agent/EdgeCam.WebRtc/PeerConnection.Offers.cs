using System.Diagnostics.CodeAnalysis;
using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Sdp;

namespace EdgeCam.WebRtc;

/// <summary>What signaling brings: offers, answers, candidates.</summary>
public sealed partial class PeerConnection
{
    private const int MaxNames = 16;

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
        var (ice, answerOptions) = Describe(options, IceRole.Controlled, now);
        if (!Answerer.TryAnswer(offer, answerOptions, out var session, out answer, out error))
            return false;

        peer = Begin(session, options, answerOptions, ice, now);
        error = null;
        return true;
    }

    /// <summary>
    /// A further offer of this session. With new ICE credentials it restarts ICE (RFC 9429 §5.3.1, RFC 8445 §9): we take new ones too, and all
    /// else goes on over the former path until a new one is valid. Without, it is answered anew with those in use.
    /// </summary>
    /// <returns>
    /// False where it is not this session's: another certificate, DTLS role or kind of media asks for another connection. Nothing has changed then.
    /// </returns>
    public bool TryHandleOffer(string offer, Instant now, out string answer)
    {
        answer = "";
        if (_state is PeerState.Closing or PeerState.Closed)
            return false;
        if (!Answerer.TryAnswer(offer, NextAnswer(), out var session, out answer, out _) || !IsSameSession(session))
            return false;
        if (session.RemoteCredentials != _session.RemoteCredentials)
        {
            RestartIce();
            _ = Answerer.TryAnswer(offer, NextAnswer(), out _, out answer, out _); // as above, but for the credentials
        }

        _session = session;
        _answer = NextAnswer();
        TakeRemote(session, now);
        Advance(now);
        return true;
    }

    /// <summary>Restarts ICE where signaling carries credentials alone (RFC 9725 §4.3.3); the viewer's candidates follow as trickled ones.</summary>
    /// <returns>False where the connection is over, or the credentials are those in use.</returns>
    public bool TryRestartIce(IceCredentials remote, Instant now, out string fragment)
    {
        fragment = "";
        if (_state is PeerState.Closing or PeerState.Closed || remote == _session.RemoteCredentials)
            return false;
        RestartIce();
        _session = _session with { RemoteCredentials = remote, RemoteCandidates = [], EndOfRemoteCandidates = false };
        _answer = NextAnswer();
        fragment = AnswerFragment.Write(_session, _answer);
        TakeRemote(_session, now);
        Advance(now);
        return true;
    }

    /// <summary>A trickled candidate (RFC 8838); an empty string is end-of-candidates.</summary>
    /// <returns>False where it is malformed.</returns>
    public bool AddRemoteCandidate(string candidate, Instant now)
    {
        _quietUntil = s_notQuiet;
        if (candidate.Length == 0)
        {
            _ice.SetEndOfRemoteCandidates();
            return true;
        }

        if (!Candidate.TryParse(candidate, out var parsed))
            return false;
        if (parsed!.IsUdp && parsed.Component == 1)
            Add(parsed, now);
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

    /// <summary>Our side, before anything is known of the other.</summary>
    private static (IceAgent Ice, AnswerOptions Ours) Describe(PeerConnectionOptions options, IceRole role, Instant now)
    {
        var credentials = IceCredentials.Create(options.Random);
        var ice = CreateIce(options, role, credentials, now);
        return (ice, new(
            credentials, options.Dtls.Fingerprint, ice.LocalCandidates, EndOfCandidates: ice.IsGatheringCompleted, options.StreamProfile,
            new(options.Random.NextUInt32()), new(options.Random.NextUInt32()), Cname: $"{options.Random.NextUInt64():x16}",
            StreamId: options.StreamName, TrackId: options.StreamName, SessionId: options.Random.NextUInt64() >> 2, SessionVersion: 1));
    }

    private static PeerConnection Begin(Negotiated session, PeerConnectionOptions options, AnswerOptions ours, IceAgent ice, Instant now)
    {
        var video = session.Video is { } agreed ? new VideoSender(ToSenderOptions(agreed, ours.MediaSsrc, ours.RtxSsrc, ours.Cname), options.Random, options.Clock) : null;
        var peer = new PeerConnection(session, options, ours, ice, video, now);
        peer.TakeRemote(session, now);
        return peer;
    }

    private static IceAgent CreateIce(PeerConnectionOptions options, IceRole role, IceCredentials credentials, Instant now)
    {
        var ice = new IceAgent(ToIceOptions(options, role, credentials), now);
        foreach (var relayed in options.RelayedAddresses ?? [])
            ice.AddLocalAddress(relayed, now);
        while (ice.TryGetEvent(out _))
        {
            // These candidates stand in the description.
        }

        return ice;
    }

    private AnswerOptions NextAnswer() => _answer with
    {
        Credentials = _credentials,
        Candidates = _ice.LocalCandidates,
        EndOfCandidates = _ice.IsGatheringCompleted,
        SessionVersion = _answer.SessionVersion + 1,
        ForcedRole = _session.Role,
    };

    /// <summary>What DTLS, SRTP and SCTP were set up for (RFC 8842 §5.4 on when a new association begins).</summary>
    private bool IsSameSession(Negotiated other) =>
        other.Role == _session.Role && other.Video == _session.Video && other.DataChannel == _session.DataChannel
        && other.RemoteFingerprints.ToHashSet().SetEquals(_session.RemoteFingerprints);

    private void RestartIce()
    {
        _quietUntil = s_notQuiet;
        _credentials = IceCredentials.Create(_random);
        _ice.Restart(_credentials);
        _trickles = !_ice.IsGatheringCompleted;
    }

    private void TakeRemote(Negotiated session, Instant now)
    {
        _ice.SetRemoteCredentials(session.RemoteCredentials, session.RemoteIsLite, now);
        _names = 0;
        foreach (var candidate in session.RemoteCandidates)
            Add(candidate, now);
        if (session.EndOfRemoteCandidates)
            _ice.SetEndOfRemoteCandidates();
    }

    /// <summary>Policy: of one generation, the first sixteen names are asked for.</summary>
    private void Add(Candidate candidate, Instant now)
    {
        if (candidate.HostName is null)
            _ice.AddRemoteCandidate(candidate, now);
        else if (_names++ < MaxNames)
            _events.Enqueue(new PeerEvent.RemoteName(candidate with { UsernameFragment = candidate.UsernameFragment ?? _session.RemoteCredentials.UsernameFragment }));
    }

    private static IceAgentOptions ToIceOptions(PeerConnectionOptions options, IceRole role, IceCredentials credentials) => new(
        role, credentials, options.Random, options.HostAddresses, options.StunServers,
        options.Advertised, options.HidesHostAddresses, options.MoreAddressesFollow);

    private static VideoSenderOptions ToSenderOptions(NegotiatedVideo agreed, Ssrc media, Ssrc rtx, string cname) => new(
        agreed.PayloadType, media, cname, agreed.RtxPayloadType, rtx,
        new RtpExtensionIds(
            agreed.MidExtension, agreed.AbsSendTimeExtension, agreed.TransportSequenceExtension, agreed.PlayoutDelayExtension,
            agreed.AbsCaptureTimeExtension),
        agreed.Mid, agreed.Nack, new PlayoutDelay(TimeSpan.Zero, TimeSpan.Zero));
}
