using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>
/// Frames of one viewer that wait to be sent, bounded in number and bytes. Policy: on overflow all that waits is dropped, and everything
/// up to the next IDR picture; a frame that is partly sent is sent to its end by its owner.
/// </summary>
internal sealed class FrameQueue : IDisposable
{
    /// <summary>More than a group of pictures that a new viewer gets at once.</summary>
    public const int MaxFrames = 256;

    public const int MaxBytes = 8 * 1024 * 1024;

    private readonly AccessUnit[] _ring = new AccessUnit[MaxFrames];
    private int _first;
    private int _bytes;

    public int Count { get; private set; }

    public int Bytes => _bytes;

    public long Dropped { get; private set; }

    /// <summary>What may wait, in bytes: an IDR picture, or whatever finds the queue empty, is taken nevertheless.</summary>
    public long Limit { get; set; } = MaxBytes;

    /// <summary>Nothing but an IDR picture is taken.</summary>
    public bool NeedsIdr { get; private set; } = true;

    /// <summary>Retains the frame and queues it.</summary>
    /// <returns>False where this frame was dropped and the viewer now needs an IDR picture.</returns>
    public bool Offer(AccessUnit frame)
    {
        if (NeedsIdr && !frame.IsIdr)
        {
            Dropped++;
            return false;
        }

        if (Count > 0 && (Count == MaxFrames || _bytes + frame.PayloadBytes > Math.Min(Limit, MaxBytes)))
        {
            Dropped += Count;
            Dispose();
            if (!frame.IsIdr)
            {
                Dropped++;
                NeedsIdr = true;
                return false;
            }
        }

        NeedsIdr = false;
        _ring[(_first + Count++) % MaxFrames] = frame.Retain();
        _bytes += frame.PayloadBytes;
        return true;
    }

    /// <summary>The oldest frame; its reference goes to the caller.</summary>
    public bool TryTake(out AccessUnit? frame)
    {
        frame = null;
        if (Count == 0)
            return false;
        frame = _ring[_first];
        _ring[_first] = null!;
        _first = (_first + 1) % MaxFrames;
        _bytes -= frame.PayloadBytes;
        Count--;
        return true;
    }

    /// <summary>Lets go of all that waits.</summary>
    public void Dispose()
    {
        while (TryTake(out var frame))
            frame!.Dispose();
    }
}
