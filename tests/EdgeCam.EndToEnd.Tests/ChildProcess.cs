using System.Diagnostics;
using System.Globalization;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>A process that a test started: its lines are kept (the last 2000), and whatever is left of it ends with the test.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int MaxLines = 2000;

    private readonly Process _process;
    private readonly Queue<string> _lines = new();
    private readonly Lock _lock = new();

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public StreamWriter Input => _process.StandardInput;

    /// <summary>What it wrote, both streams mixed, for the message of a failing test.</summary>
    public string Log
    {
        get
        {
            lock (_lock)
                return string.Join('\n', _lines);
        }
    }

    /// <param name="onLine">Sees each line as it comes, from another thread; true for standard output.</param>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, Action<string, bool>? onLine = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var process = new Process { StartInfo = start };
        var child = new ChildProcess(process);
        process.OutputDataReceived += (_, line) => child.Handle(line.Data, isOutput: true, onLine);
        process.ErrorDataReceived += (_, line) => child.Handle(line.Data, isOutput: false, onLine);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <returns>False where it still ran when the time was up.</returns>
    public async Task<bool> WaitForExitAsync(TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>SIGKILL, at once; nothing where it is gone. From any thread.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It was disposed of meanwhile.
        }
    }

    public static async Task SignalAsync(int id, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>The processes it started itself, by the program they run.</summary>
    public IReadOnlyList<int> Children(string program)
    {
        List<int> found = [];
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id))
                continue;
            try
            {
                // The name stands in brackets and may hold anything; the parent's id is the second field after it (proc(5)).
                var status = File.ReadAllText(Path.Combine(folder, "stat"));
                var parent = status[(status.LastIndexOf(')') + 2)..].Split(' ')[1];
                if (parent == Id.ToString(CultureInfo.InvariantCulture) && File.ReadAllText(Path.Combine(folder, "cmdline")).Contains(program, StringComparison.Ordinal))
                    found.Add(id);
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return found;
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

    private void Handle(string? line, bool isOutput, Action<string, bool>? onLine)
    {
        if (line is null)
            return;
        lock (_lock)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MaxLines)
                _lines.Dequeue();
        }

        onLine?.Invoke(line, isOutput);
    }
}
