namespace EdgeCam.Agent.Streaming;

/// <summary>Which of a camera's streams a viewer wants.</summary>
internal enum StreamChoice
{
    /// <summary>What its network carries.</summary>
    Auto,

    /// <summary>The main stream, whatever its network carries: pictures are left out where it is too slow.</summary>
    Main,

    /// <summary>The substream, though its network may carry more.</summary>
    Substream,
}
