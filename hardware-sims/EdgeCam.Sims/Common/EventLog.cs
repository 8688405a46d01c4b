using System.Text.Json;

namespace EdgeCam.Sims.Common;

/// <summary>What happened lately. Policy: the oldest entry goes when there are a thousand.</summary>
internal sealed class EventLog
{
    private const int Kept = 1000;

    private readonly Queue<(long At, string What)> _entries = [];

    public void Add(long now, string what)
    {
        if (_entries.Count == Kept)
            _entries.Dequeue();
        _entries.Enqueue((now, what));
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (var (at, what) in _entries)
        {
            json.WriteStartObject();
            json.WriteNumber("ms", at / (double)MonotonicClock.Millisecond);
            json.WriteString("event", what);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
