namespace EdgeCam.Agent.Cameras.V4l2.M2m;

/// <summary>
/// An open node of the kernel's "Memory-to-Memory Stateful Video Encoder Interface", as narrow as the encoder needs it. It belongs to one
/// thread. Disposing stops both queues, unmaps the buffers and closes the descriptor, whatever state it is in.
/// </summary>
/// <exception cref="V4l2Exception">Every method but <see cref="Wait"/>, <see cref="Stop"/> and <see cref="IDisposable.Dispose"/>: the kernel refused a call.</exception>
internal interface IM2mNode : IV4l2Controls, IDisposable
{
    V4l2Identity Identify();

    IReadOnlyList<V4l2PixelFormat> ListFormats(M2mSide side);

    /// <returns>What the driver made of it.</returns>
    V4l2Format SetFormat(M2mSide side, in V4l2Format wanted);

    /// <summary>Only so much of each raw picture counts; the rest is padding.</summary>
    void Crop(int width, int height);

    /// <summary>VIDIOC_S_PARM: what the encoder reckons the bitrate with.</summary>
    double? SetRate(int picturesPerSecond);

    /// <returns>How many there are.</returns>
    int MapBuffers(M2mSide side, int wanted);

    void Start(M2mSide side);

    /// <summary>The driver lets go of all buffers of this side.</summary>
    void Stop(M2mSide side);

    /// <summary>A buffer's plane; its content is the agent's while the buffer is not queued.</summary>
    Span<byte> Memory(M2mSide side, int index, int plane);

    /// <param name="microseconds">Of a raw picture: what the coded one carries.</param>
    void Queue(M2mSide side, int index, long microseconds = 0);

    /// <summary>poll(2).</summary>
    /// <param name="milliseconds">How long at most.</param>
    /// <param name="forRoom">Ends when a raw buffer comes back, too.</param>
    V4l2Signals Wait(int milliseconds, bool forRoom);

    V4l2Events TakeEvents();

    /// <returns>False where none is ready.</returns>
    bool TryTake(M2mSide side, out V4l2Frame frame);

    /// <summary>VIDIOC_ENCODER_CMD with V4L2_ENC_CMD_STOP: what was given in is encoded, and the last picture is marked.</summary>
    void StopEncoding();
}
