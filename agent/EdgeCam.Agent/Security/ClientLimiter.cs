namespace EdgeCam.Agent.Security;

/// <summary>A token bucket for each client. A client is forgotten once its bucket is full again, so the table stays as small as the abuse.</summary>
/// <param name="clients">As many are remembered; a further one is refused while none of them is at rest.</param>
internal sealed class ClientLimiter(double perSecond, double burst, int clients, TimeProvider time)
{
    private static readonly TimeSpan s_refusalInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);

    public int Count => _buckets.Count;

    /// <param name="client">Who sends.</param>
    /// <param name="cost">In messages of the usual kind.</param>
    /// <param name="mayAnswer">False where the client was told less than a second ago: refusals are no amplifier.</param>
    public bool TryTake(string client, int cost, out bool mayAnswer)
    {
        var now = time.GetTimestamp();
        mayAnswer = false;
        if (!_buckets.TryGetValue(client, out var bucket))
        {
            if (_buckets.Count >= clients)
                Forget(now);
            if (_buckets.Count >= clients)
                return false;
            _buckets[client] = bucket = new() { Tokens = burst, At = now };
        }

        bucket.Tokens = Refilled(bucket, now);
        bucket.At = now;
        if (bucket.Tokens >= cost)
        {
            bucket.Tokens -= cost;
            return true;
        }

        mayAnswer = bucket.Refused is not { } refused || time.GetElapsedTime(refused, now) >= s_refusalInterval;
        if (mayAnswer)
            bucket.Refused = now;
        return false;
    }

    private void Forget(long now)
    {
        foreach (var (client, bucket) in _buckets)
        {
            if (Refilled(bucket, now) >= burst)
                _buckets.Remove(client);
        }
    }

    private double Refilled(Bucket bucket, long now) =>
        Math.Min(burst, bucket.Tokens + (time.GetElapsedTime(bucket.At, now).TotalSeconds * perSecond));

    private sealed class Bucket
    {
        public double Tokens;
        public long At;
        public long? Refused;
    }
}
