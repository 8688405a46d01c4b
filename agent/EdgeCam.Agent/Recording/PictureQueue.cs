using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Recording;

/// <summary>Pictures on their way from the stream to a recorder's thread, which the disk may hold up.</summary>
internal sealed class PictureQueue(DropCounters drops) : IFrameReceiver, IDisposable
{
    public const int MaxPictures = 600; // twenty seconds of a usual camera
    public const int MaxBytes = 16 * 1024 * 1024;

    private readonly object _gate = new(); // waited on, which a Lock cannot be
    private readonly Queue<AccessUnit> _pictures = [];
    private int _bytes;
    private bool _needsIdr;
    private bool _isClosed;

    /// <summary>Bound: 600 pictures and 16 MiB; policy: what does not fit is dropped, and all that follows it up to the next IDR picture.</summary>
    public void Offer(LiveStream stream, AccessUnit unit)
    {
        DropReason reason;
        lock (_gate)
        {
            if (_isClosed)
                return;
            var isFull = _pictures.Count == MaxPictures || _bytes + unit.Length > MaxBytes;
            if (!isFull && (unit.IsIdr || !_needsIdr))
            {
                _needsIdr = false;
                _pictures.Enqueue(unit.Retain());
                _bytes += unit.Length;
                Monitor.Pulse(_gate);
                return;
            }

            reason = isFull ? DropReason.QueueFull : DropReason.WaitingForIdr;
            _needsIdr = true;
        }

        drops.Count(Stage.Record, reason);
    }

    /// <summary>The next picture, which the caller disposes; null where none comes in time, or somebody calls <see cref="Wake"/>.</summary>
    public AccessUnit? Take(TimeSpan patience)
    {
        lock (_gate)
        {
            if (_pictures.Count == 0 && patience > TimeSpan.Zero)
                Monitor.Wait(_gate, patience);
            if (!_pictures.TryDequeue(out var unit))
                return null;
            _bytes -= unit.Length;
            return unit;
        }
    }

    public void Wake()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            while (_pictures.TryDequeue(out var unit))
                unit.Dispose();
        }
    }
}
