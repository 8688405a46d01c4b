namespace EdgeCam.Agent.Mqtt;

/// <summary>One connection after another: by the same options until stopped, or by others from one moment to the next.</summary>
internal sealed partial class MqttConnection
{
    private CancellationTokenSource _renewal = new();

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var scope = CancellationTokenSource.CreateLinkedTokenSource(stop, Volatile.Read(ref _renewal).Token);
            await KeepUpAsync(scope.Token);
            if (stop.IsCancellationRequested)
                break;
            (_isLeaving, _isChecked, _knowsOnly311, Problem) = (false, false, false, null); // what was learnt of another broker
            _backOff.Reset();
        }

        _progress?.Rest();
    }

    /// <summary>
    /// Says farewell to the broker, and connects by other options without waiting. Topics stay as they are; what is queued goes to the new
    /// connection. From any thread.
    /// </summary>
    public void Replace(MqttConnectionOptions options)
    {
        _options = options;
        using var before = Interlocked.Exchange(ref _renewal, new CancellationTokenSource());
        before.Cancel();
    }
}
