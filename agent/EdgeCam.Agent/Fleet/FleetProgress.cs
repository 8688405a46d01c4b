using System.Text;

namespace EdgeCam.Agent.Fleet;

/// <summary>
/// How it goes with each device, on standard error: on a terminal a block of bars that is drawn anew, elsewhere a line for each step. Used from any
/// thread.
/// </summary>
/// <param name="width">Of the terminal, characters; 0: it is none, and no control sequence is written.</param>
internal sealed class FleetProgress(TextWriter errors, int width, TimeProvider time)
{
    private const int BarLength = 20;
    private const int MaxLines = 12; // of a block; the rest is counted
    private const int LineStep = 25; // percent, where each step is a line

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, (string Text, int? Percent)> _under = new(StringComparer.Ordinal);
    private long? _drawnAt;
    private int _drawn; // lines of the block that stand there

    public bool IsTerminal => width > 0;

    /// <param name="percent">Of what it is at; null: that is not known.</param>
    public void Show(string device, string text, int? percent = null)
    {
        lock (_gate)
        {
            var isKnown = _under.TryGetValue(device, out var before);
            _under[device] = (text, percent);
            if (IsTerminal)
                Draw(isAtOnce: !isKnown || before.Text != text);
            else if (!isKnown || before.Text != text || before.Percent / LineStep != percent / LineStep)
                errors.WriteLine(percent is { } done ? $"{device}: {text}, {done} %" : $"{device}: {text}");
        }
    }

    /// <summary>It is over with this device.</summary>
    /// <param name="text">A line that stays; null: none.</param>
    public void Done(string device, string? text)
    {
        lock (_gate)
        {
            Erase();
            _under.Remove(device);
            if (text is not null)
                errors.WriteLine($"{device}: {PlainText.Of(text)}");
            if (IsTerminal)
                Draw(isAtOnce: true);
        }
    }

    /// <summary>A line that is of no device.</summary>
    public void Say(string line)
    {
        lock (_gate)
        {
            Erase();
            errors.WriteLine(line);
            if (IsTerminal)
                Draw(isAtOnce: true);
        }
    }

    /// <summary>Takes the block away, for what is written elsewhere.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            Erase();
            _under.Clear();
        }
    }

    private void Draw(bool isAtOnce)
    {
        if (!isAtOnce && _drawnAt is { } at && time.GetElapsedTime(at) < s_interval)
            return;
        Erase();
        var block = new StringBuilder();
        foreach (var (device, (text, percent)) in _under.Take(MaxLines))
            block.AppendLine(Cut(percent is { } done ? $"{device} [{Bar(done)}] {done,3} % {PlainText.Of(text)}" : $"{device} {PlainText.Of(text)}"));
        if (_under.Count > MaxLines)
            block.AppendLine(Cut($"and {_under.Count - MaxLines} more"));
        errors.Write(block);
        errors.Flush();
        (_drawn, _drawnAt) = (Math.Min(_under.Count, MaxLines + 1), time.GetTimestamp());
    }

    /// <summary>Up to the block's first line, and all below it away (ECMA-48 CUU, ED).</summary>
    private void Erase()
    {
        if (_drawn > 0)
            errors.Write($"\e[{_drawn}A\e[J");
        _drawn = 0;
    }

    private static string Bar(int percent) => new string('#', Math.Clamp(percent, 0, 100) * BarLength / 100).PadRight(BarLength, '-');

    private string Cut(string line) => line.Length < width ? line : line[..(width - 1)]; // one that is broken would count as two
}
