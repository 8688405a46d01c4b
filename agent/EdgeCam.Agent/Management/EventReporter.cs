using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Management;

/// <summary>
/// Tells what begins and ends: cameras that are lost and back, viewers that connect and go, the device itself. Bound: of viewers one event
/// a second and 30 at once, so that whoever connects again and again fills no broker; what is above is counted as dropped.
/// </summary>
/// <param name="publish">Takes the kind of the topic and JSON. Must not wait.</param>
/// <param name="shortId">What a viewer is called.</param>
internal sealed class EventReporter(
    Func<IReadOnlyList<CameraReport>> cameras, Func<string, string> shortId, Action<string, byte[]> publish, DropCounters drops, TimeProvider time, Progress? progress = null)
{
    private const double ViewersPerSecond = 1;
    private const double ViewerBurst = 30;
    private const int MaxDetail = 300;

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, string> _failed = new(StringComparer.Ordinal); // cameras and how
    private readonly Lock _gate = new(); // of the bucket: viewers' events come from their loops
    private readonly ClientLimiter _viewers = new(ViewersPerSecond, ViewerBurst, clients: 1, time);

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            do
            {
                progress?.Within(s_patience);
                Look();
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        progress?.Rest();
    }

    /// <summary>A viewer has connected or ended. From any thread.</summary>
    public void Tell(ViewerChange change)
    {
        bool isTaken;
        lock (_gate)
            isTaken = _viewers.TryTake("all", cost: 1, out _);
        if (!isTaken)
        {
            drops.Count(Stage.Signaling, DropReason.RateLimited);
            return;
        }

        var ended = change.Reason is not null;
        Publish("viewer", new(1, Now(), ended ? "ended" : "connected", change.Camera, Viewer: shortId(change.Key), Reason: change.Reason, Seconds: ended ? (long)change.Lasted.TotalSeconds : null));
    }

    /// <summary>The device is about to do something to itself.</summary>
    public void TellDevice(string kind, string by) => Publish("device", new(1, Now(), kind, By: by));

    /// <summary>Looks at the cameras. One that starts has not failed yet, and is not back either.</summary>
    internal void Look()
    {
        foreach (var camera in cameras())
        {
            var before = _failed.GetValueOrDefault(camera.Name);
            if (camera.State is "lost" or "refused" && camera.State != before)
            {
                _failed[camera.Name] = camera.State;
                Publish("camera", new(1, Now(), camera.State, camera.Name, camera.Detail is { Length: > MaxDetail } text ? text[..MaxDetail] : camera.Detail));
            }
            else if (camera.IsLive && _failed.Remove(camera.Name))
            {
                Publish("camera", new(1, Now(), "back", camera.Name));
            }
        }
    }

    private void Publish(string topic, EventMessage message) => publish(topic, JsonSerializer.SerializeToUtf8Bytes(message, ManagementJson.Default.EventMessage));

    private long? Now() => DeviceClock.IsSet(time) ? time.GetUtcNow().ToUnixTimeMilliseconds() : null;
}
