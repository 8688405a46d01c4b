using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;

namespace EdgeCam.Agent.Management;

/// <summary>Keeps the retained status true: looks at the cameras twice a second and publishes what changed.</summary>
internal sealed class StatusReporter(DeviceIdentity device, Func<IReadOnlyList<CameraReport>> cameras, MqttConnection connection, TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(500);

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        byte[] said = [];
        try
        {
            do
            {
                var status = StatusMessage.WhenOnline(device, cameras());
                if (status.AsSpan().SequenceEqual(said))
                    continue;
                connection.SetStatus(status);
                said = status;
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // Stopped; the connection says that we are offline.
        }
    }
}
