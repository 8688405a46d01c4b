using System.Diagnostics.Metrics;
using System.Numerics;
using System.Text;

namespace EdgeCam.Agent.Diagnostics;

/// <summary>
/// Sums up what the agent's instruments measure, and writes it as Prometheus reads it (text format 0.0.4). Names follow OpenTelemetry's rules
/// for Prometheus: dots become underscores, the unit is spelled out behind, counters end in <c>_total</c>.
/// </summary>
/// <remarks>The well-known exporter exists as a preview only. Bound: 1000 series in all; what would make more is counted in <c>edgecam_metrics_left_out_total</c>.</remarks>
internal sealed class MetricsExporter : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";
    private const int MaxSeries = 1000;
    private const string BitsPerSecond = "bit/s";

    private static readonly double[] s_boundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Lock _lock = new(); // held for a moment by whoever measures or reads
    private readonly Lock _observing = new(); // held while observed values are taken and read, by one reader at a time
    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, Metric> _metrics = new(StringComparer.Ordinal);
    private int _series;
    private long _leftOut;

    /// <param name="meter">The name of the meters to listen to.</param>
    public MetricsExporter(string meter = AgentMeter.Name)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == meter)
                listener.EnableMeasurementEvents(instrument, Find(instrument));
        };
        _listener.SetMeasurementEventCallback<long>(Record);
        _listener.SetMeasurementEventCallback<int>(Record);
        _listener.SetMeasurementEventCallback<double>(Record);
        _listener.Start();
    }

    /// <summary>All that there is now.</summary>
    public string Write()
    {
        var text = new StringBuilder();
        lock (_observing)
        {
            Observe();
            Write(text);
        }

        return text.ToString();
    }

    /// <summary>The same for whoever does not read text.</summary>
    public IReadOnlyList<MetricSnapshot> Collect()
    {
        lock (_observing)
        {
            Observe();
            lock (_lock)
            {
                return
                [
                    .. _metrics.Values.Where(static metric => metric.Series.Count > 0).Select(static metric => new MetricSnapshot(
                        metric.Name, metric.Unit, metric.Description, metric.Kind, metric.Boundaries, [.. metric.Series.Select(static series => series.Copy())])),
                ];
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Observe()
    {
        lock (_lock)
        {
            // What is no longer there, a viewer for one, is not observed again, and shall not be told for ever.
            foreach (var metric in _metrics.Values.Where(static metric => metric.IsObserved))
            {
                _series -= metric.Series.Count;
                metric.Series.Clear();
            }
        }

        _listener.RecordObservableInstruments();
    }

    private void Write(StringBuilder text)
    {
        lock (_lock)
        {
            foreach (var (name, metric) in _metrics)
            {
                if (metric.Series.Count == 0)
                    continue;
                text.Append("# HELP ").Append(name).Append(' ').Append(metric.Description.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n')
                    .Append("# TYPE ").Append(name).Append(' ').Append(metric.Kind switch { MetricKind.Counter => "counter", MetricKind.Histogram => "histogram", _ => "gauge" }).Append('\n');
                foreach (var series in metric.Series)
                    series.Write(text, name, metric.Kind == MetricKind.Histogram, metric.Unit == BitsPerSecond ? 1.0 / 8 : 1);
            }

            text.Append("# HELP edgecam_metrics_left_out_total Measurements without a place among the series\n# TYPE edgecam_metrics_left_out_total counter\n")
                .Append("edgecam_metrics_left_out_total ").Append(_leftOut).Append('\n');
        }
    }

    /// <summary>Two instruments of one name are one metric: the parts that are made twice, as in tests, sum up.</summary>
    private Metric Find(Instrument instrument)
    {
        var (kind, isSum) = KindOf(instrument);
        var name = NameOf(instrument, kind);
        lock (_lock)
        {
            if (_metrics.TryGetValue(name, out var metric))
                return metric;
            return _metrics[name] = new(instrument.Name, instrument.Unit ?? "", instrument.Description ?? "", kind, isSum, instrument.IsObservable, kind == MetricKind.Histogram ? BoundariesOf(instrument) : []);
        }
    }

    private void Record<T>(Instrument instrument, T measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        where T : struct, INumber<T>
    {
        var metric = (Metric)state!;
        var value = double.CreateSaturating(measurement);
        lock (_lock)
        {
            if (Find(metric, tags) is not { } series)
                _leftOut++;
            else if (metric.Kind == MetricKind.Histogram)
                series.Record(value);
            else
                series.Value = metric.IsSum ? series.Value + value : value;
        }
    }

    /// <summary>There are few series to an instrument, so they are looked through.</summary>
    private MetricSeries? Find(Metric metric, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var series in metric.Series)
        {
            if (series.Has(tags))
                return series;
        }

        if (_series >= MaxSeries)
            return null;
        _series++;
        var made = new MetricSeries(tags, metric.Boundaries);
        metric.Series.Add(made);
        return made;
    }

    /// <returns>And whether measurements are added up, or each is the whole.</returns>
    private static (MetricKind Kind, bool IsSum) KindOf(Instrument instrument)
    {
        var type = instrument.GetType();
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        if (definition == typeof(Counter<>))
            return (MetricKind.Counter, true);
        if (definition == typeof(ObservableCounter<>))
            return (MetricKind.Counter, false);
        if (definition == typeof(Histogram<>))
            return (MetricKind.Histogram, true);
        return (MetricKind.Gauge, definition == typeof(UpDownCounter<>));
    }

    private static IReadOnlyList<double> BoundariesOf(Instrument histogram) => histogram switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } given } => given,
        Histogram<long> { Advice.HistogramBucketBoundaries: { } given } => [.. given.Select(static boundary => (double)boundary)],
        _ => s_boundaries,
    };

    private static string NameOf(Instrument instrument, MetricKind kind)
    {
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            BitsPerSecond => "_bytes_per_second", // Prometheus wants base units, and bits are none of them
            "Cel" => "_celsius",
            "dBm" => "_dbm",
            _ => "", // {item}, {message}: said by the name
        };
        return instrument.Name.Replace('.', '_') + unit + (kind == MetricKind.Counter ? "_total" : "");
    }

    private sealed record Metric(string Name, string Unit, string Description, MetricKind Kind, bool IsSum, bool IsObserved, IReadOnlyList<double> Boundaries)
    {
        public List<MetricSeries> Series { get; } = [];
    }
}
