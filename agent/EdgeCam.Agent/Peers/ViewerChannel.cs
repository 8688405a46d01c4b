namespace EdgeCam.Agent.Peers;

/// <summary>One data channel of one viewer, as the rest of the agent sees it.</summary>
/// <param name="Viewer">The session that the viewer's signaling chose.</param>
internal sealed record ViewerChannel(string Viewer, ushort Id, string Label, string Protocol, LoopInbox Inbox)
{
    /// <summary>Queues a message; from any thread. Dropped and counted where the viewer has gone or does not read.</summary>
    public void Send(byte[] message, bool isText) => Inbox.TryPost(new LoopOrder.Message(this, message, isText));
}
