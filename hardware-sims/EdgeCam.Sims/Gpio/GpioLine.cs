using System.Text.Json;

namespace EdgeCam.Sims.Gpio;

/// <summary>One line of the chip: what drives it, who holds it, and its debouncer.</summary>
internal sealed class GpioLine(byte offset)
{
    private const int KeptChanges = 1000;

    private readonly Queue<(long At, bool Raw)> _changes = [];
    private bool? _driven; // from outside; null lets the bias decide
    private bool _output;
    private bool _stable; // the level after debouncing
    private bool _raw;
    private long _settlesAt = long.MaxValue;

    public byte Offset => offset;

    public GpioFault Fault { get; set; }

    /// <summary>The connection that holds the line.</summary>
    public int? Owner { get; private set; }

    /// <summary>How it was set up last; that stays when it is released, as on a Pi.</summary>
    public GpioRequest Setup { get; private set; } = new(offset, IsOutput: false);

    public bool Raw => Setup.IsOutput ? _output : _driven ?? Setup.Bias == GpioBias.Up;

    public bool Logical => (Setup.IsOutput ? Raw : _stable) ^ Setup.ActiveLow;

    /// <summary>When a level that changed will have held for the debounce time.</summary>
    public long SettlesAt => _settlesAt;

    public void Request(GpioRequest setup, int owner, long now)
    {
        (Setup, Owner, _settlesAt) = (setup, owner, long.MaxValue);
        if (setup.IsOutput)
            _output = setup.Initial ^ setup.ActiveLow;
        _stable = Raw;
        NoteChange(now);
    }

    public void Release() => (Owner, _settlesAt) = (null, long.MaxValue);

    public void Set(bool logical, long now)
    {
        _output = logical ^ Setup.ActiveLow;
        NoteChange(now);
    }

    /// <summary>Something outside drives the line, or lets it go.</summary>
    /// <returns>Whether the consumer is to be told at once.</returns>
    public bool Drive(bool? level, long now)
    {
        _driven = level;
        if (!NoteChange(now) || Setup.IsOutput || Owner is null)
            return false;
        if (Setup.Debounce == 0)
        {
            _stable = Raw;
            return true;
        }

        _settlesAt = now + (Setup.Debounce * 1000L); // each change begins the wait anew
        return false;
    }

    /// <summary>The debounce time is over.</summary>
    /// <returns>Whether the level is another than before the bouncing.</returns>
    public bool Settle()
    {
        _settlesAt = long.MaxValue;
        var changed = _stable != Raw;
        _stable = Raw;
        return changed;
    }

    public void WriteState(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("offset", offset);
        json.WriteString("direction", Setup.IsOutput ? "output" : "input");
        json.WriteString("bias", Setup.Bias switch { GpioBias.Up => "up", GpioBias.Down => "down", _ => "none" });
        json.WriteBoolean("activeLow", Setup.ActiveLow);
        json.WriteNumber("debounceUs", Setup.Debounce);
        json.WriteNumber("raw", Raw ? 1 : 0);
        json.WriteNumber("logical", Logical ? 1 : 0);
        json.WriteString("consumer", Owner is null ? null : Setup.Consumer);
        json.WriteString("fault", Fault switch { GpioFault.InputOutput => "io", GpioFault.Busy => "busy", _ => "off" });
        json.WriteStartArray("changes");
        foreach (var (at, raw) in _changes)
        {
            json.WriteStartObject();
            json.WriteNumber("ns", at);
            json.WriteNumber("raw", raw ? 1 : 0);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private bool NoteChange(long now)
    {
        if (_raw == Raw)
            return false;
        _raw = Raw;
        if (_changes.Count == KeptChanges) // policy: the oldest goes
            _changes.Dequeue();
        _changes.Enqueue((now, _raw));
        return true;
    }
}
