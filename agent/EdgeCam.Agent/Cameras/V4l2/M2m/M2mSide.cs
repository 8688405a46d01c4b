namespace EdgeCam.Agent.Cameras.V4l2.M2m;

/// <summary>The two queues of an encoder, each named by what is in its buffers.</summary>
internal enum M2mSide
{
    /// <summary>Pictures to encode: the kernel's OUTPUT.</summary>
    Raw,

    /// <summary>What became of them: the kernel's CAPTURE.</summary>
    Coded,
}
