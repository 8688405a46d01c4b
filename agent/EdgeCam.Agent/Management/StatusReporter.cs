using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;

namespace EdgeCam.Agent.Management;

/// <summary>Keeps the retained status true: looks at cameras and viewers twice a second and publishes what changed.</summary>
/// <param name="viewers">Connected or connecting; null: none.</param>
/// <param name="outputs">Null: none is configured.</param>
/// <param name="addresses">The device's own, where they are shown.</param>
internal sealed class StatusReporter(
    DeviceIdentity device, Func<IReadOnlyList<CameraReport>> cameras, MqttConnection connection, TimeProvider time, Progress? progress = null,
    Func<int>? viewers = null, Func<IReadOnlyList<string>?>? addresses = null, Func<IReadOnlyList<OutputReport>?>? outputs = null)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_jump = TimeSpan.FromSeconds(2);

    private readonly long _started = time.GetTimestamp();
    private DateTimeOffset? _since = device.Since;
    private TimeSpan _offset = DeviceClock.Offset(time);

    private volatile byte[] _said = [];

    /// <summary>What it holds now; empty before it runs. From any thread.</summary>
    public byte[] Latest => _said;

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            do
            {
                progress?.Within(s_patience);
                var status = StatusMessage.WhenOnline(device, cameras(), Since(), viewers?.Invoke() ?? 0, addresses?.Invoke(), outputs?.Invoke());
                if (status.AsSpan().SequenceEqual(_said))
                    continue;
                connection.SetStatus(status);
                _said = status;
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // Stopped; the connection says that we are offline.
        }

        progress?.Rest();
    }

    /// <summary>When the agent started, by the wall clock as it goes now: at the start that may have been wrong.</summary>
    private DateTimeOffset? Since()
    {
        if (!DeviceClock.IsSet(time))
            return null;
        var offset = DeviceClock.Offset(time);
        if (_since is null || (offset - _offset).Duration() >= s_jump)
            _since = time.GetUtcNow() - time.GetElapsedTime(_started);
        _offset = offset;
        return _since;
    }
}
