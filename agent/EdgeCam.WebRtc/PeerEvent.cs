using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc;

/// <summary>What a <see cref="PeerConnection"/> tells its owner.</summary>
public abstract record PeerEvent
{
    /// <summary>ICE has a selected pair, DTLS is up, SRTP is keyed: frames may be sent.</summary>
    public sealed record Connected(string Path, string Protection) : PeerEvent;

    /// <summary>A candidate of ours that was not in the answer (RFC 8838), as in SDP; an empty one ends them.</summary>
    public sealed record LocalCandidate(string Candidate) : PeerEvent;

    /// <summary>The viewer told a name in place of an address (mDNS). Whoever finds the address brings it as a candidate.</summary>
    public sealed record RemoteName(Candidate Candidate) : PeerEvent;

    /// <summary>The connection is over; nothing more is sent or accepted.</summary>
    public sealed record Closed(CloseReason Reason, string Detail) : PeerEvent;

    /// <summary>The viewer asked for a decodable picture (PLI or FIR).</summary>
    public sealed record KeyFrameRequested : PeerEvent;

    /// <summary>More waited for the viewer than may: pictures are left out up to the next IDR picture, for which nobody has asked.</summary>
    public sealed record FellBehind : PeerEvent;

    /// <summary>The viewer opened a data channel.</summary>
    public sealed record ChannelOpened(ushort Channel, string Label, string Protocol, bool IsReliable) : PeerEvent;

    /// <summary>A whole message; the bytes belong to the receiver of the event.</summary>
    public sealed record MessageReceived(ushort Channel, byte[] Data, bool IsText) : PeerEvent;

    public sealed record ChannelClosed(ushort Channel) : PeerEvent;
}
