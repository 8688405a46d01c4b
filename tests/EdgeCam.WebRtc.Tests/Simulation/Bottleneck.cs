using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests.Simulation;

/// <summary>The narrowest link of a way: a rate, a buffer in front of it that drops what does not fit in, and perhaps a token bucket.</summary>
internal sealed class Bottleneck(long bitsPerSecond, TimeSpan buffer)
{
    private const int LinkOverhead = 42; // Ethernet, IP and UDP headers

    private readonly Random _random = new(5);
    private Instant _freeAt; // in the past while the bucket holds tokens
    private readonly Dictionary<TransportAddress, long> _passed = [];
    private bool _isBurst;

    public long BitsPerSecond { get; set; } = bitsPerSecond;

    /// <summary>What the link may wait at most, at its present rate.</summary>
    public TimeSpan Buffer { get; set; } = buffer;

    /// <summary>Bytes that may pass at once after a pause, as a tbf's burst.</summary>
    public int Bucket { get; set; }

    /// <summary>Losses in bursts: the probabilities that one begins and that it ends, per packet.</summary>
    public (double Begin, double End) BurstLoss { get; set; }

    /// <summary>What passed from one sender, link headers included.</summary>
    public long PassedBytesFrom(TransportAddress sender) => _passed.GetValueOrDefault(sender);

    public int Dropped { get; private set; }

    /// <summary>How long a packet that came now would wait.</summary>
    public TimeSpan QueueingDelay(Instant now) => _freeAt > now ? _freeAt - now : TimeSpan.Zero;

    /// <summary>When the packet is through, or false where it was dropped.</summary>
    public bool TryPass(TransportAddress sender, int size, Instant now, out Instant at)
    {
        at = default;
        _isBurst = _isBurst ? _random.NextDouble() >= BurstLoss.End : _random.NextDouble() < BurstLoss.Begin;
        var total = size + LinkOverhead;
        if (_isBurst || QueueingDelay(now) + TimeOf(total) > TimeSpan.FromTicks(Math.Max(Buffer.Ticks, TimeOf(2 * total).Ticks)))
        {
            Dropped++;
            return false;
        }

        _passed[sender] = PassedBytesFrom(sender) + total;
        _freeAt = Instant.Max(_freeAt, now - TimeOf(Bucket)) + TimeOf(total);
        at = Instant.Max(now, _freeAt);
        return true;
    }

    private TimeSpan TimeOf(int bytes) => TimeSpan.FromSeconds(bytes * 8.0 / BitsPerSecond);
}
