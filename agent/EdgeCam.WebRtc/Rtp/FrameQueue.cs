using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>
/// Frames of one viewer that wait to be sent, bounded in number and bytes, the rest of the one that is partly sent included. Policy: a frame
/// that does not fit is dropped, and everything up to the next IDR picture, for which what still waits makes room where it must; a frame
/// that is partly sent is sent to its end by its owner.
/// </summary>
internal sealed class FrameQueue : IDisposable
{
    /// <summary>More than a group of pictures that a new viewer gets at once.</summary>
    public const int MaxFrames = 256;

    public const int MaxBytes = 8 * 1024 * 1024;

    private readonly AccessUnit[] _ring = new AccessUnit[MaxFrames];
    private int _first;
    private int _bytes;
    private int _idrBytes; // of the largest IDR picture since nothing waited

    public int Count { get; private set; }

    public int Bytes => _bytes;

    public long Dropped { get; private set; }

    /// <summary>
    /// What may wait, in bytes. An IDR picture comes on top of it until all that it held up has left, since a path that carries the stream
    /// would lose pictures otherwise; and what finds nothing waiting is taken.
    /// </summary>
    public long Limit { get; set; } = MaxBytes;

    /// <summary>Nothing but an IDR picture is taken.</summary>
    public bool NeedsIdr { get; private set; } = true;

    /// <summary>Retains the frame and queues it.</summary>
    /// <param name="rest">Bytes not yet sent of the frame taken last.</param>
    /// <returns>False where this frame was dropped and the viewer now needs an IDR picture.</returns>
    public bool Offer(AccessUnit frame, int rest)
    {
        if (NeedsIdr && !frame.IsIdr)
        {
            Dropped++;
            return false;
        }

        var waiting = rest + _bytes;
        if (waiting == 0)
            _idrBytes = 0;
        var idrBytes = frame.IsIdr ? Math.Max(_idrBytes, frame.PayloadBytes) : _idrBytes;
        var bound = Math.Min(Limit + idrBytes, MaxBytes);
        if (Count == MaxFrames || (waiting > 0 && waiting + frame.PayloadBytes > bound))
        {
            if (frame.IsIdr || waiting > bound || Count == MaxFrames)
            {
                Dropped += Count; // superseded, or late whatever comes
                Dispose();
            }

            if (!frame.IsIdr || rest + frame.PayloadBytes > bound)
            {
                Dropped++;
                NeedsIdr = true;
                return false;
            }
        }

        NeedsIdr = false;
        _idrBytes = idrBytes;
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
