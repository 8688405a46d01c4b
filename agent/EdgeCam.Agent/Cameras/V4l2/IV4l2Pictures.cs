using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>What is made of the buffers of one run of a node: access units for the camera's feed. Belongs to the camera's thread.</summary>
internal interface IV4l2Pictures : IDisposable
{
    /// <summary>Given on in this run.</summary>
    long Pictures { get; }

    /// <summary>Each picture stands for itself: of several that wait only the last one is worth the work.</summary>
    bool TakesLatestOnly { get; }

    /// <summary>Whether a bitrate that is set takes effect.</summary>
    bool HasLiveBitrate { get; }

    /// <summary>Whether key frames come on request.</summary>
    bool CanForceKeyFrame { get; }

    /// <summary>Called before each wait: what other threads asked for is passed on.</summary>
    void Prepare(Instant now);

    /// <summary>Takes what a buffer holds; it is lent for the call.</summary>
    /// <param name="now">When it came.</param>
    void Read(in V4l2Frame frame, Instant capturedAt, Instant now);

    /// <summary>A picture is damaged or missing.</summary>
    void HandleGap();

    /// <summary>Why it is over; null while it is not.</summary>
    /// <param name="patience">How long no picture may come.</param>
    V4l2Ending? Judge(Instant now, TimeSpan patience);
}
