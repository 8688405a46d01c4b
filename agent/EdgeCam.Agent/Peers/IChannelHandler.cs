namespace EdgeCam.Agent.Peers;

/// <summary>Takes what viewers say on their data channels. Called from the peers' loop: must not wait.</summary>
internal interface IChannelHandler
{
    /// <param name="channel">Answers by <see cref="ViewerChannel.Send"/>, at once or later, from any thread.</param>
    void OnMessage(ViewerChannel channel, byte[] message, bool isText);

    void OnClosed(ViewerChannel channel);
}
