using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>Counts operations over the last minute, whenever that began.</summary>
/// <param name="limit">Null: as many as one likes.</param>
internal sealed class OperationWindow(int? limit)
{
    private static readonly TimeSpan s_length = TimeSpan.FromMinutes(1);

    private readonly Queue<Instant> _operations = new();

    /// <summary>How long until there may be one more; zero: now.</summary>
    public TimeSpan Wait(Instant now)
    {
        while (_operations.TryPeek(out var oldest) && now - oldest >= s_length)
            _operations.Dequeue();
        // One more than the limit is in it where a line that was on had to go off.
        return _operations.Count < limit || limit is null ? TimeSpan.Zero : _operations.ElementAt(_operations.Count - limit.Value) + s_length - now;
    }

    public void Add(Instant now)
    {
        if (limit is not null)
            _operations.Enqueue(now);
    }
}
