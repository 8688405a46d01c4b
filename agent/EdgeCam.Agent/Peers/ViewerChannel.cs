using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>One data channel of one viewer, as the rest of the agent sees it.</summary>
/// <param name="Viewer">The session that the viewer's signaling chose.</param>
/// <param name="Watched">The camera that it watches by now; from any thread.</param>
/// <param name="TimestampAt">The RTP timestamp that a picture captured at a moment has in this viewer's stream; null where it has no video.</param>
internal sealed record ViewerChannel(
    string Viewer, Func<string> Watched, ushort Id, string Label, string Protocol, Func<Instant, RtpTimestamp?> TimestampAt, LoopInbox Inbox)
{
    public string Camera => Watched();

    /// <summary>Queues a message; from any thread. Dropped and counted where the viewer has gone or does not read.</summary>
    public void Send(byte[] message, bool isText) => Inbox.TryPost(new LoopOrder.Message(this, message, isText));
}
