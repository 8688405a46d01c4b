using EdgeCam.Agent.Streaming;

namespace EdgeCam.Agent.Peers;

/// <summary>Takes what viewers say on their data channels. Called from the peers' loop: must not wait.</summary>
internal interface IChannelHandler
{
    void OnOpened(ViewerChannel channel);

    /// <param name="channel">Answers by <see cref="ViewerChannel.Send"/>, at once or later, from any thread.</param>
    void OnMessage(ViewerChannel channel, byte[] message, bool isText);

    /// <summary>Bounds by itself how many messages of this channel it takes; any other counts to what its viewer may send.</summary>
    bool Bounds(ViewerChannel channel);

    /// <summary>A message was above what its viewer may send, and is lost.</summary>
    void OnRefused(ViewerChannel channel);

    /// <summary>As <see cref="IViewerObserver.OnCandidate"/>, where the viewer's latest offer came by this channel.</summary>
    void OnCandidate(ViewerChannel channel, string candidate);

    /// <summary>As <see cref="IViewerObserver.OnRestart"/>, on each channel of the viewer: its signaling may be gone.</summary>
    void OnRestart(ViewerChannel channel, string reason);

    /// <summary>On each channel of the viewer: pictures of another stream go out from now on.</summary>
    void OnSwitched(ViewerChannel channel, string camera, StreamChoice stream);

    void OnClosed(ViewerChannel channel);
}
