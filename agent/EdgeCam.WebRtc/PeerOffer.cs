using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sdp;

namespace EdgeCam.WebRtc;

/// <summary>An offer of ours that waits for its answer. Nothing is sent or received before; it belongs to the loop of the connection it becomes.</summary>
public sealed class PeerOffer
{
    internal PeerOffer(PeerConnectionOptions options, IceAgent ice, AnswerOptions ours) => (Options, Ice, Ours, Sdp) = (options, ice, ours, Offerer.Write(ours));

    /// <summary>The session description.</summary>
    public string Sdp { get; }

    /// <summary>The addresses in it, of which some may be gone by now.</summary>
    public IReadOnlyList<TransportAddress> HostAddresses => Options.HostAddresses;

    internal PeerConnectionOptions Options { get; }

    internal IceAgent Ice { get; }

    internal AnswerOptions Ours { get; }

    /// <summary>An offer has one answer.</summary>
    internal bool IsAnswered { get; set; }
}
