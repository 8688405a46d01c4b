using System.Collections.Concurrent;

namespace EdgeCam.Agent.Diagnostics;

/// <summary>
/// The last lines of the log in memory, for who cannot read the journal. Bound: 256 KiB, and 4096 characters of a line; policy: the oldest
/// line goes. Used from any thread.
/// </summary>
internal sealed class LogRing(TimeProvider time) : ILoggerProvider
{
    public const int MaxBytes = 256 * 1024;
    public const int MaxText = 4096;

    private readonly Lock _gate = new(); // held for a few list operations, once a line
    private readonly Queue<LogEntry> _entries = new();
    private readonly ConcurrentDictionary<string, ILogger> _loggers = new(StringComparer.Ordinal);
    private int _bytes;
    private long _number;

    /// <summary>The number of the newest line; 0 before the first.</summary>
    public long Newest
    {
        get
        {
            lock (_gate)
                return _number;
        }
    }

    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, name => new RingLogger(this, name));

    /// <summary>The newest lines, oldest first.</summary>
    /// <param name="lines">At most so many.</param>
    /// <param name="least">Less severe ones are left out.</param>
    /// <param name="after">Only those with a higher number.</param>
    public IReadOnlyList<LogEntry> Tail(int lines, LogLevel least = LogLevel.Trace, long after = 0)
    {
        LogEntry[] all;
        lock (_gate)
            all = [.. _entries];
        return [.. all.Where(entry => entry.Level >= least && entry.Number > after).TakeLast(lines)];
    }

    public void Dispose()
    {
        // The factory disposes of its providers; the lines are read until the end.
    }

    private void Add(LogLevel level, string category, string text)
    {
        if (text.Length > MaxText)
            text = string.Concat(text.AsSpan(0, MaxText - 1), "…");
        lock (_gate)
        {
            var entry = new LogEntry(++_number, time.GetUtcNow(), level, category, text);
            _entries.Enqueue(entry);
            _bytes += entry.Size;
            while (_bytes > MaxBytes)
                _bytes -= _entries.Dequeue().Size;
        }
    }

    private sealed class RingLogger(LogRing ring, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = formatter(state, exception);
            ring.Add(logLevel, category, exception is null ? text : $"{text}\n{exception}");
        }
    }
}
