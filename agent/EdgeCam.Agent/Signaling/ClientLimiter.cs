namespace EdgeCam.Agent.Signaling;

/// <summary>A token bucket for each client. A client is forgotten once its bucket is full again, so the table stays as small as the abuse.</summary>
internal sealed class ClientLimiter(SignalingLimits limits, TimeProvider time)
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
            if (_buckets.Count >= limits.Clients)
                Forget(now);
            if (_buckets.Count >= limits.Clients)
                return false;
            _buckets[client] = bucket = new() { Tokens = limits.Burst, At = now };
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
            if (Refilled(bucket, now) >= limits.Burst)
                _buckets.Remove(client);
        }
    }

    private double Refilled(Bucket bucket, long now) =>
        Math.Min(limits.Burst, bucket.Tokens + (time.GetElapsedTime(bucket.At, now).TotalSeconds * limits.MessagesPerSecond));

    private sealed class Bucket
    {
        public double Tokens;
        public long At;
        public long? Refused;
    }
}
