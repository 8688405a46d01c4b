using System.Globalization;
using System.Text.Json;
using EdgeCam.Sims.Common;
using EdgeCam.Sims.World;

namespace EdgeCam.Sims.Gpio;

/// <summary>A chip of lines that connections request, read, set and are told about; lamps hang on its outputs.</summary>
internal sealed class GpioChip : ISimulatedDevice
{
    private readonly GpioLine[] _lines;
    private readonly Action<int, GpioLine, long> _tell;
    private readonly ViewFile? _view;
    private readonly bool _lampsActiveLow;
    private readonly PriorityQueue<(GpioLine Line, bool Level), long> _script = new(); // levels to come
    private uint? _lamps;

    /// <param name="tell">An input has changed after debouncing: for which connection, which line, and when.</param>
    public GpioChip(int lines, Action<int, GpioLine, long> tell, ViewFile? view = null, bool lampsActiveLow = false)
    {
        (_tell, _view, _lampsActiveLow) = (tell, view, lampsActiveLow);
        _lines = [.. Enumerable.Range(0, lines).Select(i => new GpioLine((byte)i))];
        ShowLamps();
    }

    public EventLog Log { get; } = new();

    /// <summary>Lets what is due happen, in order and each at its own time.</summary>
    public long Advance(long now)
    {
        while (true)
        {
            var settling = _lines.MinBy(line => line.SettlesAt)!;
            var scripted = _script.TryPeek(out _, out var at) ? at : long.MaxValue;
            if (Math.Min(settling.SettlesAt, scripted) > now)
                return Math.Min(settling.SettlesAt, scripted);
            if (settling.SettlesAt <= scripted)
            {
                at = settling.SettlesAt;
                if (settling.Settle())
                    Tell(settling, at);
            }
            else
            {
                var (line, level) = _script.Dequeue();
                Drive(line, level, at);
            }
        }
    }

    public GpioStatus Request(GpioRequest request, int owner, long now)
    {
        if (request.Offset >= _lines.Length)
            return GpioStatus.NoSuchLine;
        var line = _lines[request.Offset];
        if (line.Fault == GpioFault.InputOutput)
            return GpioStatus.InputOutput;
        if (line.Fault == GpioFault.Busy || (line.Owner is { } other && other != owner))
            return GpioStatus.Busy;
        line.Request(request, owner, now);
        Log.Add(now, $"line {line.Offset} requested by {request.Consumer} as {(request.IsOutput ? "output" : "input")} raw {(line.Raw ? 1 : 0)}");
        ShowLamps();
        return GpioStatus.Done;
    }

    public GpioStatus Set(byte offset, bool value, int owner, long now)
    {
        var status = Find(offset, owner, out var line);
        if (status != GpioStatus.Done)
            return status;
        if (!line.Setup.IsOutput)
            return GpioStatus.NotRequested;
        line.Set(value, now);
        Log.Add(now, $"line {offset} set raw {(line.Raw ? 1 : 0)}");
        ShowLamps();
        return GpioStatus.Done;
    }

    public GpioStatus Get(byte offset, int owner, out bool value)
    {
        var status = Find(offset, owner, out var line);
        value = status == GpioStatus.Done && line.Logical;
        return status;
    }

    public GpioStatus Release(byte offset, int owner, long now)
    {
        var status = Find(offset, owner, out var line);
        if (status != GpioStatus.Done)
            return status;
        line.Release();
        Log.Add(now, $"line {offset} released");
        return GpioStatus.Done;
    }

    /// <summary>A consumer is gone: its lines are free and keep their levels.</summary>
    public void ReleaseAll(int owner, long now)
    {
        foreach (var line in _lines.Where(line => line.Owner == owner))
        {
            line.Release();
            Log.Add(now, $"line {line.Offset} released: its consumer is gone");
        }
    }

    public void WriteState(Utf8JsonWriter json)
    {
        json.WriteNumber("lamps", _lamps ?? 0);
        json.WriteStartArray("lines");
        foreach (var line in _lines)
            line.WriteState(json);
        json.WriteEndArray();
    }

    public string? Command(ReadOnlySpan<string> words, long now)
    {
        if (words.Length < 3 || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
            return "state, log, input N 0|1|float, bounce N TIMES MICROSECONDS, fault N io|busy|off";
        if (offset >= _lines.Length)
            return $"there is no line {offset}";
        var line = _lines[offset];
        switch (words)
        {
            case ["input", _, "0" or "1" or "float"]:
                if (line.Setup.IsOutput)
                    return $"line {offset} is an output";
                Drive(line, words[2] == "float" ? null : words[2] == "1", now);
                return null;
            case ["bounce", _, var times, var interval]
                when int.TryParse(times, out var count) && count is > 0 and <= 10_000 && int.TryParse(interval, out var apart) && apart is > 0 and <= 1_000_000:
                Bounce(line, count, apart * 1000L, now);
                return null;
            case ["fault", _, "io" or "busy" or "off"]:
                line.Fault = words[2] switch { "io" => GpioFault.InputOutput, "busy" => GpioFault.Busy, _ => GpioFault.None };
                Log.Add(now, $"line {offset} fault {words[2]}");
                return null;
            default:
                return "input N 0|1|float, bounce N TIMES MICROSECONDS, fault N io|busy|off";
        }
    }

    private void Bounce(GpioLine line, int times, long apart, long now)
    {
        var level = line.Raw;
        for (var i = 0; i < times; i++)
        {
            level = !level;
            _script.Enqueue((line, level), now + (i * apart));
        }
    }

    private void Drive(GpioLine line, bool? level, long at)
    {
        Log.Add(at, $"line {line.Offset} driven {(level is { } driven ? driven ? "1" : "0" : "by nothing")}");
        if (line.Drive(level, at))
            Tell(line, at);
    }

    private void Tell(GpioLine line, long at)
    {
        Log.Add(at, $"line {line.Offset} event logical {(line.Logical ? 1 : 0)}");
        if (line.Owner is { } owner)
            _tell(owner, line, at);
    }

    private GpioStatus Find(byte offset, int owner, out GpioLine line)
    {
        line = _lines[Math.Min(offset, _lines.Length - 1)];
        return offset >= _lines.Length ? GpioStatus.NoSuchLine
            : line.Fault == GpioFault.InputOutput ? GpioStatus.InputOutput
            : line.Owner == owner ? GpioStatus.Done
            : line.Owner is null ? GpioStatus.NotRequested : GpioStatus.Busy;
    }

    private void ShowLamps()
    {
        var lamps = 0u;
        foreach (var line in _lines.Where(line => line.Setup.IsOutput && line.Offset < 32 && line.Raw != _lampsActiveLow))
            lamps |= 1u << line.Offset;
        if (_lamps == lamps)
            return;
        _lamps = lamps;
        _view?.WriteLamps(lamps);
    }
}
