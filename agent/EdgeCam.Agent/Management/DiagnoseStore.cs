using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Management;

/// <summary>
/// Puts together what somebody far away needs to understand a device, and keeps it for as long as fetching it may take. Bound: one file, at
/// most 1 MiB, five minutes, and a new one each ten seconds at most.
/// </summary>
/// <remarks>
/// No secret is in it since none is in what it is made of: the configuration names files that hold some, and nothing is logged of their
/// content. Addresses other than loopback are taken out unless <c>telemetry.addresses</c> shows them, for such files are passed on.
/// </remarks>
internal sealed class DiagnoseStore(DeviceIdentity device, TelemetryOptions options, DiagnoseSources sources, TimeProvider time) : IDisposable
{
    public const int MaxSize = 1024 * 1024;

    public static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan Peace = TimeSpan.FromSeconds(10);

    private const int MaxMetrics = 512 * 1024; // characters: some four times what a busy device has
    private static readonly JsonWriterOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true };

    private readonly Lock _gate = new();
    private DiagnoseFile? _file;
    private ITimer? _end;
    private long? _madeAt;

    /// <returns>The file, or how long to wait.</returns>
    public async Task<(DiagnoseFile? File, TimeSpan Wait)> MakeAsync()
    {
        lock (_gate)
        {
            if (_madeAt is { } last && time.GetElapsedTime(last) is var since && since < Peace)
                return (null, Peace - since);
            _madeAt = time.GetTimestamp();
        }

        var telemetry = await sources.Telemetry();
        var content = Compress(Write(telemetry, withMetrics: true));
        if (content.Length > MaxSize)
            content = Compress(Write(telemetry, withMetrics: false));
        var name = $"edgecam-{device.Id}-{time.GetUtcNow():yyyyMMdd-HHmmss}.json.gz";
        var file = new DiagnoseFile(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), name, content, Convert.ToHexStringLower(SHA256.HashData(content)));
        lock (_gate)
        {
            _file = file;
            _end?.Dispose();
            _end = time.CreateTimer(_ => Forget(file), null, Kept, Timeout.InfiniteTimeSpan);
        }

        return (file, default);
    }

    public DiagnoseFile? Find(string id)
    {
        lock (_gate)
            return _file?.Id == id ? _file : null;
    }

    public void Dispose() => _end?.Dispose();

    private static byte[] Compress(ReadOnlySpan<byte> text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(text);
        return packed.ToArray();
    }

    private void Forget(DiagnoseFile file)
    {
        lock (_gate)
        {
            if (_file == file)
                _file = null;
        }
    }

    private ReadOnlySpan<byte> Write(byte[] telemetry, bool withMetrics)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(bytes, s_plain);
        writer.WriteStartObject();
        writer.WriteNumber("v", 1);
        writer.WriteString("at", time.GetUtcNow());
        writer.WriteBoolean("clockIsSet", DeviceClock.IsSet(time));
        writer.WriteString("device", device.Id);
        writer.WriteString("version", device.Version);
        writer.WriteString("runtime", RuntimeInformation.FrameworkDescription);
        writer.WriteString("architecture", RuntimeInformation.ProcessArchitecture.ToString());
        writer.WriteString("model", sources.Facts.Model);
        writer.WriteString("system", sources.Facts.System);
        writer.WriteString("kernel", RuntimeInformation.OSDescription);
        writer.WriteNumber("processors", Environment.ProcessorCount);
        WriteJson(writer, "status", sources.Status());
        WriteJson(writer, "telemetry", telemetry);
        WriteJson(writer, "board", sources.Board());
        WriteLoops(writer);
        WriteConfiguration(writer);
        WriteLog(writer);
        if (withMetrics && sources.Metrics() is var metrics)
            writer.WriteString("metrics", Shown(metrics.Length > MaxMetrics ? metrics[..MaxMetrics] : metrics));
        writer.WriteEndObject();
        writer.Flush();
        return bytes.WrittenSpan;
    }

    private void WriteJson(Utf8JsonWriter writer, string name, byte[] json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(Shown(System.Text.Encoding.UTF8.GetString(json)));
    }

    private void WriteLoops(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("overdueLoops");
        foreach (var loop in sources.Overdue())
        {
            writer.WriteStartObject();
            writer.WriteString("name", loop.Name);
            writer.WriteNumber("seconds", Math.Round(loop.By.TotalSeconds, 1));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteConfiguration(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("configuration");
        foreach (var (path, value) in sources.Configuration())
        {
            writer.WritePropertyName(path);
            writer.WriteRawValue(Shown(value));
        }

        writer.WriteEndObject();
    }

    private void WriteLog(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("log");
        foreach (var entry in sources.Log.Tail(int.MaxValue))
            writer.WriteStringValue(Shown($"{entry.At:yyyy-MM-ddTHH:mm:ss.fffZ} {LogLevels.Word(entry.Level)} {entry.Category}: {entry.Text}"));
        writer.WriteEndArray();
    }

    private string Shown(string text) => options.ShowsAddresses ? text : AddressMask.Hide(text);
}
