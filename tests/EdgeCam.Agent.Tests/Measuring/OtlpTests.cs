using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Measuring;

/// <summary>Measurements as an OpenTelemetry collector takes them.</summary>
public sealed class OtlpTests : IDisposable
{
    private readonly string _name = Guid.NewGuid().ToString();
    private readonly MetricsExporter _exporter;
    private readonly Meter _meter;

    public OtlpTests()
    {
        _exporter = new(_name);
        _meter = new(_name);
    }

    public void Dispose()
    {
        _meter.Dispose();
        _exporter.Dispose();
    }

    [Fact]
    public void Each_kind_is_encoded_as_the_protocol_says()
    {
        _meter.CreateCounter<long>("edgecam.drops", "{item}", "What was dropped").Add(5, new("stage", "Send"), new KeyValuePair<string, object?>("code", 7));
        _meter.CreateObservableGauge("edgecam.board.temperature", () => 51.5, "Cel");
        var latency = _meter.CreateHistogram("edgecam.viewer.latency", "s", "Latency", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.05, 0.5] });
        foreach (var seconds in new[] { 0.05, 0.25, 0.25, 2 })
            latency.Record(seconds);

        var root = JsonElement.Parse(OtlpJson.Write(_exporter.Collect(), [new("service.name", "edgecam")], "1.2.3", DateTimeOffset.FromUnixTimeSeconds(1000), DateTimeOffset.FromUnixTimeSeconds(1060)));

        var resource = root.GetProperty("resourceMetrics")[0];
        Assert.Equal("""[{"key":"service.name","value":{"stringValue":"edgecam"}}]""", resource.GetProperty("resource").GetProperty("attributes").GetRawText());
        var metrics = resource.GetProperty("scopeMetrics")[0].GetProperty("metrics").EnumerateArray().ToDictionary(static metric => metric.GetProperty("name").GetString()!);
        Assert.Equal(
            """{"aggregationTemporality":2,"isMonotonic":true,"dataPoints":[{"attributes":[{"key":"stage","value":{"stringValue":"Send"}},{"key":"code","value":{"intValue":"7"}}],"startTimeUnixNano":"1000000000000","timeUnixNano":"1060000000000","asDouble":5}]}""",
            metrics["edgecam.drops"].GetProperty("sum").GetRawText());
        Assert.Equal("{item}", metrics["edgecam.drops"].GetProperty("unit").GetString());
        Assert.Equal("""{"dataPoints":[{"attributes":[],"timeUnixNano":"1060000000000","asDouble":51.5}]}""", metrics["edgecam.board.temperature"].GetProperty("gauge").GetRawText());
        var point = metrics["edgecam.viewer.latency"].GetProperty("histogram").GetProperty("dataPoints")[0];
        Assert.Equal(("4", 2.55, """["1","2","1"]""", "[0.05,0.5]"),
            (point.GetProperty("count").GetString(), point.GetProperty("sum").GetDouble(), point.GetProperty("bucketCounts").GetRawText(), point.GetProperty("explicitBounds").GetRawText()));
    }

    [Fact]
    public async Task A_collector_gets_them_once_a_minute_and_its_absence_is_said_once()
    {
        using var listener = new HttpListener();
        var port = FreePort.Tcp();
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        listener.Start();
        var got = new ConcurrentQueue<(string Path, string? Type, string Body)>();
        var status = 503;
        var serving = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    var context = await listener.GetContextAsync();
                    using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
                    got.Enqueue((context.Request.Url!.AbsolutePath, context.Request.ContentType, await reader.ReadToEndAsync()));
                    context.Response.StatusCode = Volatile.Read(ref status);
                    context.Response.Close();
                }
            }
            catch (Exception over) when (over is HttpListenerException or ObjectDisposedException)
            {
                // The test is over.
            }
        }, TestContext.Current.CancellationToken);
        _meter.CreateCounter<long>("edgecam.drops").Add(1);
        var time = new ManualTime(ManualTime.SetClock);
        var log = new LogLines<OtlpExporter>();
        using var http = OtlpExporter.Client();
        using var stop = new CancellationTokenSource();
        var exporter = new OtlpExporter(new($"http://127.0.0.1:{port}/otlp/"), _exporter.Collect, [], "1.2.3", http, time, log);
        var running = exporter.RunAsync(stop.Token);

        time.Advance(TimeSpan.FromSeconds(5));
        await Wait.UntilAsync(() => got.Count == 1 && log.Lines.Count == 1, "the first");
        time.Advance(OtlpExporter.Period);
        await Wait.UntilAsync(() => got.Count == 2, "the second");
        Volatile.Write(ref status, 200);
        time.Advance(OtlpExporter.Period);
        await Wait.UntilAsync(() => got.Count == 3 && log.Lines.Count == 2, "the third");

        await stop.CancelAsync();
        await running;
        listener.Stop();
        await serving;
        Assert.All(got, message => Assert.Equal(("/otlp/v1/metrics", "application/json"), (message.Path, message.Type)));
        Assert.All(got, static message => Assert.Contains("\"name\":\"edgecam.drops\"", message.Body, StringComparison.Ordinal));
        Assert.Equal(1, log.Count("takes no measurements (it answers 503)"));
        Assert.Equal(1, log.Count("Measurements go to the collector 127.0.0.1"));
    }

    [Fact]
    public async Task Nothing_is_sent_while_the_clock_is_not_set()
    {
        var time = new ManualTime();
        var asked = 0;
        using var http = OtlpExporter.Client();
        using var stop = new CancellationTokenSource();
        var running = new OtlpExporter(new("http://127.0.0.1:1"), () => { asked++; return []; }, [], "1", http, time, new LogLines<OtlpExporter>()).RunAsync(stop.Token);
        time.Advance(TimeSpan.FromMinutes(5));
        await stop.CancelAsync();
        await running;

        Assert.Equal(0, asked);
    }
}
