using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace EdgeCam.Agent.Diagnostics;

/// <summary>
/// Metrics as OTLP has them in JSON (OpenTelemetry protocol 1.x, "JSON Protobuf Encoding": names in lowerCamelCase, enumerations as numbers,
/// 64-bit integers as text), an ExportMetricsServiceRequest.
/// </summary>
internal static class OtlpJson
{
    private const int Cumulative = 2; // AGGREGATION_TEMPORALITY_CUMULATIVE

    /// <param name="resource">What is measured: <c>service.name</c> and others.</param>
    /// <param name="since">When the sums began.</param>
    public static byte[] Write(IReadOnlyList<MetricSnapshot> metrics, IReadOnlyList<KeyValuePair<string, object?>> resource, string version, DateTimeOffset since, DateTimeOffset now)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(bytes);
        writer.WriteStartObject();
        writer.WriteStartArray("resourceMetrics");
        writer.WriteStartObject();
        writer.WriteStartObject("resource");
        WriteAttributes(writer, resource);
        writer.WriteEndObject();
        writer.WriteStartArray("scopeMetrics");
        writer.WriteStartObject();
        writer.WriteStartObject("scope");
        writer.WriteString("name", AgentMeter.Name);
        writer.WriteString("version", version);
        writer.WriteEndObject();
        writer.WriteStartArray("metrics");
        foreach (var metric in metrics)
            Write(writer, metric, Nanoseconds(since), Nanoseconds(now));
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, MetricSnapshot metric, string since, string now)
    {
        writer.WriteStartObject();
        writer.WriteString("name", metric.Name);
        writer.WriteString("description", metric.Description);
        writer.WriteString("unit", metric.Unit);
        writer.WriteStartObject(metric.Kind switch { MetricKind.Counter => "sum", MetricKind.Histogram => "histogram", _ => "gauge" });
        if (metric.Kind != MetricKind.Gauge)
            writer.WriteNumber("aggregationTemporality", Cumulative);
        if (metric.Kind == MetricKind.Counter)
            writer.WriteBoolean("isMonotonic", true);
        writer.WriteStartArray("dataPoints");
        foreach (var series in metric.Series)
        {
            writer.WriteStartObject();
            WriteAttributes(writer, series.Tags);
            if (metric.Kind != MetricKind.Gauge)
                writer.WriteString("startTimeUnixNano", since);
            writer.WriteString("timeUnixNano", now);
            if (metric.Kind == MetricKind.Histogram)
                WriteHistogram(writer, metric, series);
            else
                writer.WriteNumber("asDouble", series.Value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>One bucket more than there are boundaries: what lies above the last.</summary>
    private static void WriteHistogram(Utf8JsonWriter writer, MetricSnapshot metric, SeriesSnapshot series)
    {
        writer.WriteString("count", Text(series.Count));
        writer.WriteNumber("sum", series.Value);
        writer.WriteStartArray("bucketCounts");
        foreach (var count in series.Buckets)
            writer.WriteStringValue(Text(count));
        writer.WriteStringValue(Text(series.Count - series.Buckets.Sum()));
        writer.WriteEndArray();
        writer.WriteStartArray("explicitBounds");
        foreach (var boundary in metric.Boundaries)
            writer.WriteNumberValue(boundary);
        writer.WriteEndArray();
    }

    private static void WriteAttributes(Utf8JsonWriter writer, IReadOnlyList<KeyValuePair<string, object?>> attributes)
    {
        writer.WriteStartArray("attributes");
        foreach (var (key, value) in attributes)
        {
            writer.WriteStartObject();
            writer.WriteString("key", key);
            writer.WriteStartObject("value");
            if (value is int or long)
                writer.WriteString("intValue", Convert.ToString(value, CultureInfo.InvariantCulture));
            else if (value is double number)
                writer.WriteNumber("doubleValue", number);
            else
                writer.WriteString("stringValue", Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string Nanoseconds(DateTimeOffset time) => Text((time - DateTimeOffset.UnixEpoch).Ticks * 100);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
