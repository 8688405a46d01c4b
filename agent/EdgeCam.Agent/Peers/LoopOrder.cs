using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>What another thread asks of a loop.</summary>
internal abstract record LoopOrder
{
    public sealed record Offer(string Viewer, LiveStream Stream, string Sdp, IViewerObserver Observer, TaskCompletionSource<OfferResult> Result) : LoopOrder;

    /// <summary>Answered with a fragment (RFC 8840 §9).</summary>
    public sealed record RestartIce(
        string Viewer, IceCredentials Credentials, IReadOnlyList<string> Candidates, TaskCompletionSource<OfferResult> Result) : LoopOrder;

    /// <summary>What an output asks: answered by the loop between two turns.</summary>
    public sealed record Output(Func<ViewerSet, Instant, OfferResult> Work, TaskCompletionSource<OfferResult> Result) : LoopOrder;

    public sealed record Addresses(IReadOnlyList<TransportAddress> Hosts) : LoopOrder;

    /// <summary>A viewer is about to come.</summary>
    public sealed record WantRelay(TaskCompletionSource Ready) : LoopOrder;

    public sealed record Candidate(string Viewer, string Value) : LoopOrder;

    public sealed record Close(string Viewer) : LoopOrder;

    /// <summary>Somebody wants to know how the viewers do.</summary>
    public sealed record Describe(TaskCompletionSource<IReadOnlyList<ViewerReport>> Result) : LoopOrder;

    public sealed record Message(ViewerChannel Channel, byte[] Data, bool IsText) : LoopOrder;
}
