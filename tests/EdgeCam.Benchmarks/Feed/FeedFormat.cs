namespace EdgeCam.Benchmarks.Feed;

/// <summary>How a sender is told where a picture ends, so that none has to wait for the next one.</summary>
internal enum FeedFormat
{
    /// <summary>Annex B; an access unit delimiter and the start code of what follows stand behind each picture.</summary>
    Delimited,

    /// <summary>The length of each picture stands in front of it, in four bytes of network order.</summary>
    Framed,
}
