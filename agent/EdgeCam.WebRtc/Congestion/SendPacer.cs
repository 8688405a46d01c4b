using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Congestion;

/// <summary>
/// A token bucket of bytes: a large IDR picture, or the group of pictures that a new viewer begins with, leaves in chunks and does not
/// overrun buffers on its way.
/// </summary>
/// <remarks>The rate is constant and far above any stream's; an estimate per viewer is not yet its source.</remarks>
internal sealed class SendPacer(Instant now)
{
    /// <summary>What may leave at once: about one GSO message.</summary>
    public const int Burst = 64 * 1024;

    private const long BytesPerSecond = 100_000_000 / 8;

    /// <summary>Below it, waiting costs less than a system call for a few packets.</summary>
    private const int SmallestChunk = 12 * 1200;

    private Instant _updated = now;
    private double _tokens = Burst;

    /// <summary>Bytes that may be sent now; 0 before <see cref="NextTimeout"/>.</summary>
    public int Available(Instant now)
    {
        _tokens = Math.Min(Burst, _tokens + ((now - _updated).TotalSeconds * BytesPerSecond));
        _updated = now;
        return _tokens >= SmallestChunk ? (int)_tokens : 0;
    }

    /// <summary>When the next chunk may be sent.</summary>
    public Instant NextTimeout => _updated + TimeSpan.FromSeconds((SmallestChunk - _tokens) / BytesPerSecond) + TimeSpan.FromTicks(1);

    public void Spend(int bytes) => _tokens -= bytes;
}
