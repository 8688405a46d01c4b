using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Management;

/// <summary>
/// Publishes telemetry every period, and at once where something changed that somebody may act on: a camera's state, throttling or low
/// voltage, the number of viewers, or a new connection to the broker. At most one message in five seconds; none while there is no broker,
/// for what was then is of no use later.
/// </summary>
/// <param name="options">As they are now: the period may change while it runs.</param>
/// <param name="connections">How many connections to the broker there have been; null while there is none.</param>
/// <param name="publish">Must not wait.</param>
internal sealed class TelemetryReporter(
    Func<TelemetryOptions> options, TelemetryBuilder builder, TelemetrySources sources, Func<int?> connections, Action<byte[], TimeSpan> publish, TimeProvider time, Progress? progress = null)
{
    /// <summary>The shortest time between two messages.</summary>
    public static readonly TimeSpan Peace = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private long? _toldAt;
    private string _told = "";

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            do
            {
                progress?.Within(s_patience);
                await LookAsync();
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        progress?.Rest();
    }

    /// <summary>Publishes where it is time.</summary>
    internal async Task LookAsync()
    {
        if (connections() is not { } connection)
            return;
        var (state, period) = (State(connection), TimeSpan.FromSeconds(options().PeriodSeconds));
        if (_toldAt is { } last)
        {
            var since = time.GetElapsedTime(last);
            if (since < (state == _told ? period : Peace))
                return;
        }

        (_toldAt, _told) = (time.GetTimestamp(), state);
        publish(await builder.BuildAsync(), period * 2);
    }

    /// <summary>What is told at once when it changes.</summary>
    private string State(int connection)
    {
        var board = sources.Board().Board;
        return $"{connection} {sources.ViewerCount()} {board.Throttled} {board.UnderVoltage} {string.Join(' ', sources.Cameras().Select(static camera => camera.State))}";
    }
}
