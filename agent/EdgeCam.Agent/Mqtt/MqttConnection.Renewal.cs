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
            var options = _options;
            (_dialer, _policy, _knowsOnly311, _logged, Problem) = (Dialer(options), Policy(options), false, null, null); // what was learnt was of another broker
            _status.Return();
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

    private static BrokerDialer Dialer(MqttConnectionOptions options) => new(options.Broker, options.Tls ?? new());

    private ReconnectPolicy Policy(MqttConnectionOptions options) =>
        options.MaxDelay is { } max ? new(_random, options.FirstDelay ?? TimeSpan.FromSeconds(1), max, max) : new(_random);
}
