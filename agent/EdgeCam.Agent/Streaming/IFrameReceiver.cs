using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Streaming;

/// <summary>Someone who is lent each picture of a stream.</summary>
internal interface IFrameReceiver
{
    /// <summary>Must not wait. Retains the access unit if it keeps it.</summary>
    void Offer(LiveStream stream, AccessUnit unit);
}
