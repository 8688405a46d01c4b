namespace EdgeCam.Agent.Diagnostics;

/// <summary>
/// What is written to the log: the configured level, and for a time another one, of everything or of a part of the agent. What others'
/// libraries say is never turned up: nobody here knows what they would tell. Used from any thread.
/// </summary>
/// <remarks>Bound: 16 levels set for a time; the one that ends first goes.</remarks>
internal sealed class LogLevels
{
    /// <summary>What all our categories begin with.</summary>
    public const string Own = "EdgeCam";

    private const int MaxChanges = 16;

    private readonly TimeProvider _time;
    private readonly Lock _gate = new(); // held while a level is set
    private volatile LogLevel _configured;
    private Change[] _changes = []; // replaced as a whole, so that reading takes no lock

    public LogLevels(LogOptions options, TimeProvider time) => (_configured, _time) = (Parse(options.Level), time);

    /// <summary>The words of levels, as the configuration has them.</summary>
    public static IReadOnlyList<string> Words { get; } = ["debug", "information", "warning", "error"];

    public static LogLevel Parse(string word) => word switch
    {
        "debug" => LogLevel.Debug,
        "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => LogLevel.Information,
    };

    public static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        LogLevel.Critical => "critical",
        _ => "information",
    };

    /// <summary>Another configured level; what is set for a time stays.</summary>
    /// <param name="word">As <c>log.level</c> has it.</param>
    public void Configure(string word) => _configured = Parse(word);

    public bool IsEnabled(string? category, LogLevel level)
    {
        if (category is null || level == LogLevel.None)
            return false;
        // What keeps the host from starting, we say in words.
        if (category.StartsWith("Microsoft", StringComparison.Ordinal))
            return level >= LogLevel.Warning && category != "Microsoft.Extensions.Hosting.Internal.Host";
        return level >= LevelOf(category);
    }

    /// <summary>The level that a category has now.</summary>
    public LogLevel LevelOf(string category)
    {
        Change? found = null;
        foreach (var change in Volatile.Read(ref _changes))
        {
            if (IsWithin(category, change.Category) && !IsOver(change) && (found is null || change.Category.Length > found.Category.Length))
                found = change;
        }

        return found?.Level ?? _configured;
    }

    /// <summary>Sets the level of a category and all below it, for a time; the same category's earlier one ends.</summary>
    public void Set(string category, LogLevel level, TimeSpan span)
    {
        lock (_gate)
        {
            var kept = _changes.Where(change => change.Category != category && !IsOver(change)).OrderByDescending(Left).Take(MaxChanges - 1);
            Volatile.Write(ref _changes, [.. kept, new Change(category, level, _time.GetTimestamp(), span)]);
        }
    }

    /// <summary>Ends what was set for a category and all below it.</summary>
    public void Reset(string category)
    {
        lock (_gate)
            Volatile.Write(ref _changes, [.. _changes.Where(change => !IsWithin(change.Category, category))]);
    }

    private static bool IsWithin(string category, string part) =>
        category.StartsWith(part, StringComparison.Ordinal) && (category.Length == part.Length || category[part.Length] == '.');

    private TimeSpan Left(Change change) => change.Span - _time.GetElapsedTime(change.Since);

    private bool IsOver(Change change) => Left(change) <= TimeSpan.Zero;

    private sealed record Change(string Category, LogLevel Level, long Since, TimeSpan Span);
}
