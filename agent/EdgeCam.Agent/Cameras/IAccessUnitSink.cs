using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras;

/// <summary>Where a camera source puts what it makes. Called from the source's own loop only.</summary>
internal interface IAccessUnitSink
{
    /// <summary>A picture, lent for the call: retain it to keep it.</summary>
    void OnAccessUnit(AccessUnit unit);

    /// <summary>Before the first picture, and whenever the parameter sets change.</summary>
    void OnStreamInfo(StreamInfo info);

    /// <param name="detail">For people: what happened and what to do; empty when live.</param>
    void OnStateChanged(CameraState state, string detail);
}
