namespace EdgeCam.Agent.Security;

/// <summary>How much one viewer may have at a time and ask for, whichever way it comes: by MQTT, by WHEP, under several names. Used from any thread.</summary>
/// <param name="maxSessions">Of one viewer at the same time.</param>
/// <param name="offersPerMinute">Of one viewer over time, and at once.</param>
internal sealed class ViewerQuota(int maxSessions, int offersPerMinute, TimeProvider time)
{
    private const int MaxViewers = 4096; // whose offers are remembered

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _sessions = new(StringComparer.Ordinal);
    private readonly ClientLimiter _offers = new(offersPerMinute / 60.0, offersPerMinute, MaxViewers, time);

    /// <summary>Viewers that have a session.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _sessions.Count;
        }
    }

    /// <summary>Takes one offer into account, or says why not.</summary>
    public AccessRefusal TakeOffer(string viewer)
    {
        lock (_lock)
            return _offers.TryTake(viewer, cost: 1, out _) ? AccessRefusal.None : AccessRefusal.TooManyOffers;
    }

    /// <returns>To be disposed when the session is over, as often as one likes; null where the viewer has too many.</returns>
    public IDisposable? TryEnter(string viewer)
    {
        lock (_lock)
        {
            var count = _sessions.GetValueOrDefault(viewer);
            if (count >= maxSessions)
                return null;
            _sessions[viewer] = count + 1;
            return new Place(this, viewer);
        }
    }

    private void Leave(string viewer)
    {
        lock (_lock)
        {
            if (--_sessions[viewer] == 0)
                _sessions.Remove(viewer);
        }
    }

    private sealed class Place(ViewerQuota quota, string viewer) : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
                quota.Leave(viewer);
        }
    }
}
