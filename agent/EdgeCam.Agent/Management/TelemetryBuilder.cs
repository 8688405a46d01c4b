using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Management;

/// <summary>
/// Makes a telemetry message of what is measured anyway; rates are since the message before. Bound: 32 viewers of the highest bitrates are
/// listed, the rest summed up, so that a message has some 16 KiB at most with 16 cameras. Used from any thread.
/// </summary>
internal sealed class TelemetryBuilder(DeviceIdentity device, TelemetryOptions options, TelemetrySources sources, CpuMeter cpu, TimeProvider time)
{
    public const int MaxViewers = 32;
    private const int MaxDetail = 200;

    /// <summary>Who asks again sooner gets the same message: over a shorter time rates say little.</summary>
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new(); // held while a message is begun
    private readonly long _started = time.GetTimestamp();
    private Dictionary<string, long> _pictures = [];
    private Dictionary<string, long> _sent = [];
    private Task<byte[]>? _latest; // who asks meanwhile gets the same: only one is built at a time
    private long _builtAt = time.GetTimestamp();

    /// <summary>Of the agent.</summary>
    public TimeSpan Uptime => time.GetElapsedTime(_started);

    /// <summary>The message in JSON.</summary>
    public Task<byte[]> BuildAsync()
    {
        lock (_gate)
        {
            return _latest is { } latest && (!latest.IsCompleted || (latest.IsCompletedSuccessfully && time.GetElapsedTime(_builtAt) < s_shortest))
                ? latest
                : _latest = BuildOneAsync();
        }
    }

    /// <summary>What tells viewers of this run apart; the session's own name may be what ends it.</summary>
    public string ShortId(string viewer) => ShortId(device.BootId, viewer);

    private static string ShortId(string bootId, string viewer) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{bootId} {viewer}")).AsSpan(0, 4));

    private async Task<byte[]> BuildOneAsync() =>
        JsonSerializer.SerializeToUtf8Bytes(Build(await ViewersAsync()), ManagementJson.Default.TelemetryMessage);

    private TelemetryMessage Build(IReadOnlyList<ViewerReport> peers)
    {
        ViewerReport[] viewers = [.. peers.Where(static peer => peer.Output is null)];
        var elapsed = time.GetElapsedTime(_builtAt);
        _builtAt = time.GetTimestamp();
        var (process, system) = cpu.Read();
        var board = sources.Board();
        var (listed, more) = Viewers(viewers, elapsed);
        return new(
            1, DeviceClock.IsSet(time) ? time.GetUtcNow().ToUnixTimeMilliseconds() : null, device.BootId, (long)Uptime.TotalSeconds, sources.Broker(),
            new(Math.Round(process, 3), system is { } share ? Math.Round(share, 3) : null, board.Load1),
            new(Environment.WorkingSet, board.MemoryTotal, board.MemoryAvailable),
            board.Board, board.Disk, board.Wifi, Cameras(elapsed), sources.ViewerCount(), listed, more, Drops(), Outputs(peers));
    }

    /// <summary>None where the loop that owns them hangs: the rest of the message says so.</summary>
    private async Task<IReadOnlyList<ViewerReport>> ViewersAsync()
    {
        try
        {
            return await sources.Viewers().WaitAsync(s_patience, time);
        }
        catch (TimeoutException)
        {
            return [];
        }
    }

    private List<CameraTelemetry> Cameras(TimeSpan elapsed)
    {
        var before = _pictures;
        var figures = sources.Streams();
        _pictures = figures.SelectMany(static stream => stream.Substream is { } sub ? (StreamFigures[])[stream, sub] : [stream])
            .ToDictionary(static stream => stream.Camera, static stream => stream.Pictures, StringComparer.Ordinal);
        double Rate(StreamFigures stream) => elapsed > TimeSpan.Zero ? Math.Round((stream.Pictures - before.GetValueOrDefault(stream.Camera)) / elapsed.TotalSeconds, 1) : 0;

        List<CameraTelemetry> cameras = [];
        foreach (var report in sources.Cameras())
        {
            var stream = figures.FirstOrDefault(stream => stream.Camera == report.Name) ?? new(report.Name, 0, 0, 0);
            var substream = stream.Substream is { } sub ? new SubstreamTelemetry(sub.Pictures, Rate(sub), sub.Bitrate) : null;
            var detail = report.Detail is { Length: > MaxDetail } text ? text[..MaxDetail] : report.Detail;
            cameras.Add(new(report.Name, report.State, detail, report.Width, report.Height, stream.Pictures, Rate(stream), stream.KeyFrames, stream.Bitrate, substream));
        }

        return cameras;
    }

    private (IReadOnlyList<ViewerTelemetry> Listed, MoreViewersTelemetry? More) Viewers(IReadOnlyList<ViewerReport> viewers, TimeSpan elapsed)
    {
        var before = _sent;
        _sent = viewers.ToDictionary(static viewer => viewer.Key, static viewer => viewer.BytesSent, StringComparer.Ordinal);
        // A viewer that has another connection of the same name counts from zero again.
        long Rate(ViewerReport viewer) =>
            elapsed > TimeSpan.Zero ? (long)(Math.Max(0, viewer.BytesSent - (before.GetValueOrDefault(viewer.Key) is var last && last <= viewer.BytesSent ? last : 0)) * 8 / elapsed.TotalSeconds) : 0;

        var known = viewers.Select(viewer => (Viewer: viewer, Rate: Rate(viewer))).OrderByDescending(static viewer => viewer.Rate).ToList();
        var rest = known.Skip(MaxViewers).ToList();
        return (
            [.. known.Take(MaxViewers).Select(viewer => Listed(viewer.Viewer, viewer.Rate))],
            rest.Count == 0 ? null : new(rest.Count, rest.Sum(static viewer => viewer.Rate), rest.Sum(static viewer => viewer.Viewer.FramesDropped)));
    }

    private List<OutputTelemetry>? Outputs(IReadOnlyList<ViewerReport> peers)
    {
        if (sources.Outputs?.Invoke() is not { } outputs)
            return null;
        List<OutputTelemetry> all = [];
        foreach (var output in outputs)
        {
            var link = peers.FirstOrDefault(peer => peer.Output == output.Name);
            var detail = output.Detail is { Length: > MaxDetail } text ? text[..MaxDetail] : output.Detail;
            all.Add(new(
                output.Name, output.Camera, output.State, detail, link?.Stream, link?.Path, link?.RoundTrip > TimeSpan.Zero ? Math.Round(link.RoundTrip.TotalMilliseconds, 1) : null,
                link is null ? null : Math.Round(link.Loss, 4), link?.Estimate, link?.FramesSent, link?.FramesDropped, link?.PacketsRetransmitted));
        }

        return all;
    }

    private ViewerTelemetry Listed(ViewerReport viewer, long rate) => new(
        ShortId(viewer.Key), viewer.Camera, viewer.Stream, viewer.Path, options.ShowsAddresses ? viewer.Address : null,
        viewer.RoundTrip > TimeSpan.Zero ? Math.Round(viewer.RoundTrip.TotalMilliseconds, 1) : null,
        Math.Round(viewer.Loss, 4), viewer.Estimate, rate, Math.Round(viewer.QueueingDelay.TotalMilliseconds, 1), viewer.FramesSent, viewer.FramesDropped, viewer.PacketsRetransmitted);

    private Dictionary<string, Dictionary<string, long>> Drops()
    {
        var drops = new Dictionary<string, Dictionary<string, long>>(StringComparer.Ordinal);
        foreach (var (stage, reason, count) in sources.Drops())
        {
            var name = stage.ToString();
            if (!drops.TryGetValue(name, out var reasons))
                drops[name] = reasons = new(StringComparer.Ordinal);
            reasons[reason.ToString()] = count;
        }

        return drops;
    }
}
