namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>The format that a node is set to (struct v4l2_pix_format).</summary>
/// <param name="BufferSize">Bytes: what the largest picture may take.</param>
internal readonly record struct V4l2Format(uint FourCc, int Width, int Height, int BufferSize);
