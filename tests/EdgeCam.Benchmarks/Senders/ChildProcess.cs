using System.Diagnostics;

namespace EdgeCam.Benchmarks.Senders;

/// <summary>A program whose lines are watched; whatever is left of it ends with it.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int MaxLines = 200;

    private readonly Process _process;
    private readonly Queue<string> _lines = new();
    private readonly List<(string Text, TaskCompletionSource<string> Seen)> _awaited = [];

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public Stream Input => _process.StandardInput.BaseStream;

    public string Log
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    public static ChildProcess Start(string program, IEnumerable<string> arguments)
    {
        var process = new Process
        {
            StartInfo = new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        var child = new ChildProcess(process);
        process.OutputDataReceived += (_, line) => child.Handle(line.Data);
        process.ErrorDataReceived += (_, line) => child.Handle(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>The first line with this text, of those that came and those that will.</summary>
    /// <exception cref="InvalidOperationException">It has not come in time, or never will.</exception>
    public async Task<string> WaitForAsync(string text, TimeSpan limit)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lines)
        {
            if (_lines.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } line)
                return line;
            _awaited.Add((text, seen));
        }

        await Task.WhenAny(seen.Task, Task.Delay(limit), _process.WaitForExitAsync());
        return seen.Task.IsCompleted ? await seen.Task : throw new InvalidOperationException($"{_process.StartInfo.FileName} has not said '{text}' within {limit.TotalSeconds} s:\n{Log}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Handle(string? line)
    {
        if (line is null)
            return;
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MaxLines)
                _lines.Dequeue();
            _awaited.FindAll(one => line.Contains(one.Text, StringComparison.Ordinal)).ForEach(one => one.Seen.TrySetResult(line));
        }
    }
}
