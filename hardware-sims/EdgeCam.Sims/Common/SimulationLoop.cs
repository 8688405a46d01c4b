using System.Collections.Concurrent;

namespace EdgeCam.Sims.Common;

/// <summary>The one thread that touches a device model: others hand it work, and it wakes by itself when the model wants to go on.</summary>
internal sealed class SimulationLoop(ISimulatedDevice device) : IDisposable
{
    private const int Capacity = 1024;

    // Policy: who hands in work waits while the loop is that far behind.
    private readonly BlockingCollection<Action<long>> _inbox = new(Capacity);

    public void Do(Action<long> work) => _inbox.Add(work);

    public Task<T> Ask<T>(Func<long, T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Do(now => answer.SetResult(question(now)));
        return answer.Task;
    }

    public void Run(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var now = MonotonicClock.Now;
                var due = device.Advance(now);
                if (!_inbox.TryTake(out var work, Patience(due - now), stop))
                    continue;
                now = MonotonicClock.Now;
                device.Advance(now); // the work finds the model as it is at this moment
                work(now);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    public void Dispose() => _inbox.Dispose();

    /// <summary>Whole milliseconds, rounded down: the last part of one is spun away, so that an edge comes when it is due.</summary>
    private static int Patience(long remaining) => remaining switch
    {
        <= 0 => 0,
        > 60 * MonotonicClock.Second => 60_000,
        _ => (int)(remaining / MonotonicClock.Millisecond),
    };
}
