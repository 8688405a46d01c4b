namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>
/// An open V4L2 device node that captures (the kernel's "Video for Linux API", part I), as narrow as the source needs it. It belongs to
/// one thread. Disposing stops the stream, unmaps the buffers and closes the descriptor, whatever state it is in.
/// </summary>
/// <exception cref="V4l2Exception">Every method but <see cref="Wait"/> and <see cref="IDisposable.Dispose"/>: the kernel refused a call.</exception>
internal interface IV4l2Node : IV4l2Controls, IDisposable
{
    /// <summary>VIDIOC_QUERYCAP.</summary>
    V4l2Identity Identify();

    /// <summary>VIDIOC_ENUM_FMT: what it can capture, in the driver's order.</summary>
    IReadOnlyList<V4l2PixelFormat> ListFormats();

    /// <summary>VIDIOC_ENUM_FRAMESIZES; empty where the driver lists none.</summary>
    IReadOnlyList<V4l2SizeRange> ListSizes(uint fourCc);

    /// <summary>VIDIOC_ENUM_FRAMEINTERVALS; empty where the driver lists none.</summary>
    IReadOnlyList<V4l2RateRange> ListRates(uint fourCc, int width, int height);

    /// <summary>VIDIOC_S_FMT: asks for a format; what comes back is what the driver made of it.</summary>
    V4l2Format SetFormat(uint fourCc, int width, int height);

    /// <summary>VIDIOC_S_PARM, where the rate is another.</summary>
    /// <returns>Pictures a second as the driver has it; null where it tells none.</returns>
    double? SetRate(int picturesPerSecond);

    /// <summary>VIDIOC_REQBUFS and VIDIOC_QUERYBUF: maps about as many buffers as wanted.</summary>
    /// <returns>How many there are.</returns>
    int MapBuffers(int wanted);

    /// <summary>Queues all buffers, subscribes to changes of the source where the driver tells them, and VIDIOC_STREAMON.</summary>
    void Start();

    /// <summary>poll(2).</summary>
    /// <param name="milliseconds">How long at most.</param>
    V4l2Signals Wait(int milliseconds);

    /// <summary>VIDIOC_DQEVENT until none is left.</summary>
    V4l2Events TakeEvents();

    /// <summary>VIDIOC_DQBUF.</summary>
    /// <returns>False where none is filled.</returns>
    bool TryTake(out V4l2Frame frame);

    /// <summary>What the driver wrote; valid until the frame is given back.</summary>
    ReadOnlySpan<byte> Bytes(scoped in V4l2Frame frame);

    /// <summary>The whole of one of a buffer's planes, whatever the driver wrote of it; valid until the frame is given back.</summary>
    ReadOnlySpan<byte> Plane(scoped in V4l2Frame frame, int plane);

    /// <summary>VIDIOC_QBUF.</summary>
    void GiveBack(in V4l2Frame frame);
}
