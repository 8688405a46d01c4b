using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Management;

/// <summary>
/// Somebody wants the agent to start anew: it ends by itself a moment later, so that the answer is out, and the service manager starts it
/// again. Bound: not within a minute after a start, however often and by whomever it is asked, so that no script keeps a device from working.
/// </summary>
internal sealed class RestartRequest(TimeProvider time)
{
    /// <summary>After a start.</summary>
    public static readonly TimeSpan Peace = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    private readonly long _started = time.GetTimestamp();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsAsked => _asked.Task.IsCompleted;

    /// <returns>How long to wait before it may be asked; null: it is done.</returns>
    public TimeSpan? TryAsk()
    {
        var left = Peace - time.GetElapsedTime(_started);
        if (left > TimeSpan.Zero)
            return left;
        _asked.TrySetResult();
        return null;
    }

    /// <summary>Ends when the agent is to end, or is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await _asked.Task.WaitAsync(stop);
            await Task.Delay(s_grace, time, stop);
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }
}
