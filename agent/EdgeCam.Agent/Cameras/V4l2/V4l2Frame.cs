using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>A filled buffer (struct v4l2_buffer), lent by the driver until it is given back.</summary>
/// <param name="Index">The buffer's number.</param>
/// <param name="Length">Bytes that the driver wrote; of several planes the first one.</param>
/// <param name="Sequence">Counts pictures, with those that were left out; some drivers leave it at 0.</param>
/// <param name="CapturedAt">By the monotonic clock; null where the driver's time is by another clock, or copied from whoever wrote it.</param>
/// <param name="IsDamaged">V4L2_BUF_FLAG_ERROR.</param>
internal readonly record struct V4l2Frame(int Index, int Length, uint Sequence, Instant? CapturedAt, bool IsDamaged = false)
{
    /// <summary>V4L2_BUF_FLAG_KEYFRAME.</summary>
    public bool IsKey { get; init; }

    /// <summary>V4L2_BUF_FLAG_LAST: nothing comes after it.</summary>
    public bool IsLast { get; init; }

    /// <summary>The time as it stands in the buffer, by whatever clock.</summary>
    public long Microseconds { get; init; }
}
