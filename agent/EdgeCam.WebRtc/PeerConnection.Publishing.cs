using System.Diagnostics.CodeAnalysis;
using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sdp;

namespace EdgeCam.WebRtc;

/// <summary>The offerer's side: we offer to send, a server answers (RFC 9725). We control ICE, and are DTLS client or server by the answer.</summary>
public sealed partial class PeerConnection
{
    /// <summary>Offers to send the stream.</summary>
    public static PeerOffer CreateOffer(PeerConnectionOptions options, Instant now)
    {
        var (ice, ours) = Describe(options, IceRole.Controlling, now);
        return new(options, ice, ours);
    }

    /// <summary>Reads the answer to an offer and makes the connection, or says why not.</summary>
    /// <exception cref="InvalidOperationException">The offer has been answered before.</exception>
    public static bool TryConnect(
        PeerOffer offer, string answer, Instant now, [NotNullWhen(true)] out PeerConnection? peer, [NotNullWhen(false)] out OfferError? error)
    {
        peer = null;
        if (offer.IsAnswered)
            throw new InvalidOperationException("An offer has one answer");
        if (!Offerer.TryReadAnswer(answer, offer.Options.StreamProfile, out var session, out error))
            return false;
        offer.IsAnswered = true;
        peer = Begin(session, offer.Options, offer.Ours, offer.Ice, now);
        peer.Advance(now);
        return true;
    }

    /// <summary>
    /// Begins another generation of ICE (RFC 8445 §9): the fragment is for the server (RFC 9725 §4.3.3), whose answer comes by <see cref="TryTakeRestart"/>.
    /// Until then, and until a path of it is valid, the former path stays in use.
    /// </summary>
    /// <returns>False where the connection is over.</returns>
    public bool TryBeginRestart(out string fragment)
    {
        fragment = "";
        if (_state is PeerState.Closing or PeerState.Closed)
            return false;
        RestartIce();
        _answer = NextAnswer();
        fragment = AnswerFragment.Write(_session, _answer);
        return true;
    }

    /// <returns>False where the connection is over, or the fragment has no credentials, or those of before.</returns>
    public bool TryTakeRestart(string fragment, Instant now)
    {
        if (_state is PeerState.Closing or PeerState.Closed || !RemoteFragment.TryParse(fragment, out var remote) || remote.Credentials == _session.RemoteCredentials)
            return false;
        // A server that tells no candidates anew is where it was.
        var candidates = remote.Candidates.Count > 0 ? remote.Candidates : [.. _session.RemoteCandidates.Select(static candidate => candidate with { UsernameFragment = null })];
        _session = _session with { RemoteCredentials = remote.Credentials, RemoteCandidates = candidates, EndOfRemoteCandidates = remote.EndOfCandidates };
        TakeRemote(_session, now);
        Advance(now);
        return true;
    }
}
