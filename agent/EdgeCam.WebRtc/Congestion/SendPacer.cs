using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Congestion;

/// <summary>
/// A token bucket of bytes: a picture of common size leaves at once, a large IDR picture, or the group of pictures that a new viewer begins
/// with, in chunks that do not overrun buffers on the way.
/// </summary>
internal sealed class SendPacer(Instant now)
{
    /// <summary>What may leave at once on a fast path: about one GSO message.</summary>
    public const int MaxBurst = 64 * 1024;

    private const int DatagramSize = 1200;

    /// <summary>Below it, waiting on a fast path costs less than a system call for a few packets.</summary>
    private const int LargestChunk = 12 * DatagramSize;

    private Instant _updated = now;
    private double _tokens = MaxBurst;
    private double _bytesPerSecond = 100_000_000 / 8;
    private double _burst = MaxBurst;
    private double _chunk = LargestChunk;

    /// <summary>When the next chunk may be sent.</summary>
    public Instant NextTimeout => _updated + TimeSpan.FromSeconds(Math.Max(_chunk - _tokens, 0) / _bytesPerSecond) + TimeSpan.FromTicks(1);

    /// <summary>Sets how fast, and how much may leave at once.</summary>
    public void Set(long bitsPerSecond, TimeSpan burst, Instant now)
    {
        Refill(now);
        _bytesPerSecond = bitsPerSecond / 8.0;
        _burst = Math.Clamp(_bytesPerSecond * burst.TotalSeconds, 2 * DatagramSize, MaxBurst);
        _chunk = Math.Clamp(_bytesPerSecond * 0.005, DatagramSize, LargestChunk);
        _chunk = Math.Min(_chunk, _burst);
        _tokens = Math.Min(_tokens, _burst);
    }

    /// <summary>Bytes that may be sent now, a datagram at least; 0 before <see cref="NextTimeout"/>.</summary>
    public int Available(Instant now)
    {
        Refill(now);
        return _tokens >= _chunk ? (int)_tokens : 0;
    }

    public void Spend(int bytes) => _tokens -= bytes;

    private void Refill(Instant now)
    {
        _tokens = Math.Min(_burst, _tokens + ((now - _updated).TotalSeconds * _bytesPerSecond));
        _updated = now;
    }
}
