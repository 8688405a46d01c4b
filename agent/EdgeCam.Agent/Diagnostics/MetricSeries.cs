using System.Globalization;
using System.Text;

namespace EdgeCam.Agent.Diagnostics;

/// <summary>One instrument with one set of tags, summed up since the start. Touched under the lock of its <see cref="MetricsExporter"/>.</summary>
internal sealed class MetricSeries(ReadOnlySpan<KeyValuePair<string, object?>> tags, IReadOnlyList<double> boundaries)
{
    private readonly KeyValuePair<string, object?>[] _tags = [.. tags];
    private readonly long[] _buckets = new long[boundaries.Count];

    /// <summary>Of a counter the sum, of a gauge the last value, of a histogram the sum.</summary>
    public double Value { get; set; }

    public long Count { get; private set; }

    /// <summary>Compared in place, since recording must not allocate.</summary>
    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length != _tags.Length)
            return false;
        for (var i = 0; i < tags.Length; i++)
        {
            if (tags[i].Key != _tags[i].Key || !Equals(tags[i].Value, _tags[i].Value))
                return false;
        }

        return true;
    }

    public SeriesSnapshot Copy() => new(_tags, Value, Count, [.. _buckets]);

    public void Record(double value)
    {
        Value += value;
        Count++;
        for (var i = 0; i < _buckets.Length; i++)
        {
            if (value <= boundaries[i])
            {
                _buckets[i]++;
                return;
            }
        }
    }

    /// <param name="scale">From the instrument's unit to the one that the name says.</param>
    public void Write(StringBuilder text, string name, bool isHistogram, double scale = 1)
    {
        if (!isHistogram)
        {
            Line(text, name, "", Value * scale);
            return;
        }

        long below = 0;
        for (var i = 0; i < _buckets.Length; i++)
        {
            below += _buckets[i];
            Line(text, name + "_bucket", Number(boundaries[i] * scale), below);
        }

        Line(text, name + "_bucket", "+Inf", Count);
        Line(text, name + "_sum", "", Value * scale);
        Line(text, name + "_count", "", Count);
    }

    private void Line(StringBuilder text, string name, string bucket, double value)
    {
        text.Append(name);
        var separator = '{';
        foreach (var (key, tag) in _tags)
            Label(text, ref separator, key.Replace('.', '_'), Convert.ToString(tag, CultureInfo.InvariantCulture) ?? "");
        if (bucket.Length > 0)
            Label(text, ref separator, "le", bucket);
        text.Append(separator == '{' ? " " : "} ").Append(Number(value)).Append('\n');
    }

    private static void Label(StringBuilder text, ref char separator, string name, string value)
    {
        text.Append(separator).Append(name).Append("=\"");
        foreach (var letter in value)
        {
            _ = letter switch
            {
                '\\' => text.Append("\\\\"),
                '"' => text.Append("\\\""),
                '\n' => text.Append("\\n"),
                _ => text.Append(letter),
            };
        }

        text.Append('"');
        separator = ',';
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
