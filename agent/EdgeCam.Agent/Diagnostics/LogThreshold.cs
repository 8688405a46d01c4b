namespace EdgeCam.Agent.Diagnostics;

/// <summary>The least level that is written; changed while the agent runs, from any thread.</summary>
/// <param name="word">As <c>log.level</c> has it.</param>
internal sealed class LogThreshold(string word)
{
    private volatile LogLevel _level = LevelOf(word);

    public LogLevel Level => _level;

    public void Set(string word) => _level = LevelOf(word);

    private static LogLevel LevelOf(string word) => word switch
    {
        "debug" => LogLevel.Debug,
        "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => LogLevel.Information,
    };
}
