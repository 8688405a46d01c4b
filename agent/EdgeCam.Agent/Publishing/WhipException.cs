namespace EdgeCam.Agent.Publishing;

/// <summary>The server does not take the stream, or cannot be reached: the words name the thing and the remedy, and no secret.</summary>
internal sealed class WhipException(string message, TimeSpan retryAfter = default, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The server wants to be left alone for so long; zero where it says nothing.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
