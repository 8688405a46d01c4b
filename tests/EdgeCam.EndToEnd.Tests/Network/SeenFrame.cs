namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>A decoded frame, and what it says of itself.</summary>
/// <param name="At">When the page had it.</param>
/// <param name="Captured">By the camera's clock, which is the same machine's.</param>
internal readonly record struct SeenFrame(DateTime At, long Number, DateTime Captured)
{
    public TimeSpan Latency => At - Captured;
}
