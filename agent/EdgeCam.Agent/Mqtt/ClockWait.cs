using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Mqtt;

/// <summary>
/// TLS cannot tell whether a certificate is of this time while the device's clock is not set: a connection waits for it, and looks each second,
/// so that it is made as soon as it can be.
/// </summary>
internal sealed class ClockWait(TimeProvider time, Progress? progress)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private volatile bool _isWaiting;

    public bool IsWaiting => _isWaiting;

    public bool IsNeeded => !DeviceClock.IsSet(time);

    /// <summary>Ends when the clock is set.</summary>
    /// <exception cref="OperationCanceledException">Stopped before.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        _isWaiting = true;
        try
        {
            while (IsNeeded)
            {
                progress?.Within(s_interval + s_patience);
                await Task.Delay(s_interval, time, stop);
            }
        }
        finally
        {
            _isWaiting = false;
        }
    }
}
