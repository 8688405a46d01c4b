using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Management.HomeAssistant;

/// <summary>It was switched off: what earlier runs told to Home Assistant, and only that, is taken away from the broker.</summary>
/// <param name="connections">How many connections to the broker there have been; null while there is none.</param>
/// <param name="clear">Publishes an empty retained message. Must not wait.</param>
internal sealed class HomeAssistantFarewell(HomeAssistantMemory memory, Func<int?> connections, Action<string> clear, TimeProvider time, Progress? progress = null)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    /// <summary>So long a connection has to last after it was told: then the broker has heard it.</summary>
    private static readonly TimeSpan s_heard = TimeSpan.FromSeconds(10);

    private int? _connection;
    private long _toldAt;

    /// <summary>Runs until stopped, though there may be nothing left to do.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var topics = memory.Load().Topics;
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            while (topics.Count > 0 && await timer.WaitForNextTickAsync(stop))
            {
                progress?.Within(s_patience);
                if (TryEnd(topics))
                    break;
            }

            progress?.Rest();
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stop);
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        progress?.Rest();
    }

    private bool TryEnd(IReadOnlyList<string> topics)
    {
        var connection = connections();
        if (connection is null)
            return false;
        if (connection != _connection)
        {
            (_connection, _toldAt) = (connection, time.GetTimestamp());
            foreach (var topic in topics)
                clear(topic);
            return false;
        }

        return time.GetElapsedTime(_toldAt) >= s_heard && memory.TrySave(HomeAssistantMemory.Told.Nothing);
    }
}
