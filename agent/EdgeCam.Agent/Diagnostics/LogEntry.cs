namespace EdgeCam.Agent.Diagnostics;

/// <summary>A line of the log.</summary>
/// <param name="Number">Rises by one with each line since the start.</param>
/// <param name="Text">With the exception, where there was one.</param>
internal sealed record LogEntry(long Number, DateTimeOffset At, LogLevel Level, string Category, string Text)
{
    /// <summary>About what it takes in memory.</summary>
    public int Size => (Text.Length * sizeof(char)) + 96;
}
