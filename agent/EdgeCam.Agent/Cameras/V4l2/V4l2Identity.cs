namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>What a node says of itself (struct v4l2_capability).</summary>
/// <param name="Driver">Such as <c>uvcvideo</c>, <c>bm2835 mmal</c> or <c>v4l2 loopback</c>.</param>
/// <param name="Card">The name for people.</param>
/// <param name="Capabilities">Of this node, not of the whole device.</param>
internal readonly record struct V4l2Identity(string Driver, string Card, V4l2Capabilities Capabilities)
{
    public bool CanCapture => (Capabilities & (V4l2Capabilities.VideoCapture | V4l2Capabilities.VideoCaptureMultiPlanar)) != 0 && !IsCodec;

    /// <summary>Whether it takes pictures from memory and gives them back otherwise.</summary>
    public bool IsCodec => (Capabilities & (V4l2Capabilities.MemoryToMemory | V4l2Capabilities.MemoryToMemoryMultiPlanar)) != 0;

    public bool CanStream => Capabilities.HasFlag(V4l2Capabilities.Streaming);

    /// <summary>Whether it is a loopback to which somebody has to write first: without a writer it may show itself as an output only.</summary>
    public bool IsLoopback => Driver == "v4l2 loopback";

    public override string ToString() => Card.Length == 0 ? Driver : $"{Card}, driver {Driver}";
}
