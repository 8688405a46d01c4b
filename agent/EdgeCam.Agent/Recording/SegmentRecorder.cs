using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Recording.Mp4;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Recording;

/// <summary>
/// Makes segments of a camera's pictures. A segment begins with an IDR picture; another one begins when it is long enough, when the parameter
/// sets change, or after a pause. A fragment of some two seconds is brought to the disk at once. Belongs to one thread, which the disk may hold up.
/// </summary>
/// <param name="segmentBytes">Of so many, it ends with the next IDR picture.</param>
/// <param name="tell">What begins and what goes wrong: <c>started</c>, <c>full</c>, <c>failed</c>, <c>resumed</c>, with words.</param>
/// <param name="disk">Told before and after the disk has to do something.</param>
internal sealed class SegmentRecorder(
    string camera, RecordingStore store, TimeSpan segmentLength, long segmentBytes, string label, Func<Instant> clock, TimeProvider time, DropCounters drops,
    Action<string, SegmentId?, string?> tell, ILogger log, Action<bool>? disk = null)
{
    public static readonly TimeSpan FragmentLength = TimeSpan.FromSeconds(2);

    /// <summary>A camera that gives nothing for so long ends its segment.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    /// <summary>Bytes of the pictures of a fragment, so that memory is bounded; a single picture may be larger.</summary>
    public const int MaxFragment = 4 * 1024 * 1024;

    private const long MaxSegment = 2L * 1024 * 1024 * 1024; // bytes, where no IDR picture comes
    private const long Reserve = 1024 * 1024; // for the index, and what the file system needs itself
    private const long UsualDuration = SegmentHead.Timescale / 30;

    private readonly Fragment _fragment = new();
    private AvcTrack? _track; // of the segment under way; null: there is none
    private SegmentFile? _file; // made with its first fragment
    private SegmentId? _id;
    private SegmentHead _head = new(default, "");
    private Instant _start;
    private Instant _latest;
    private Instant? _retryAt;
    private long _lastNumber = -1;
    private long _usualDuration = UsualDuration;
    private int _failures;
    private bool _needsIdr = true;
    private bool _hasStarted;
    private volatile RecorderStatus _status = new(RecorderState.Waiting);

    /// <summary>May be read from any thread.</summary>
    public RecorderStatus Status => _status;

    private long UsualEnd => _fragment.LastTime + _usualDuration;

    /// <summary>Takes a picture, lent for the call. One that it has already, as the first ones may come twice, it passes over.</summary>
    public void Take(AccessUnit unit)
    {
        if (unit.Number <= _lastNumber)
            return;
        _needsIdr |= unit.Number != _lastNumber + 1; // some were dropped on the way
        _lastNumber = unit.Number;
        if (IsHeldUp(unit.CaptureTime))
        {
            drops.Count(Stage.Record, DropReason.StorageFailed);
            _needsIdr = true;
            return;
        }

        if (unit.IsIdr && _track is not null && !Continues(unit))
            Finish(unit.CaptureTime);
        if (unit.IsIdr && _track is null && !IsHeldUp(unit.CaptureTime)) // the one before may have failed at its end
            Begin(unit);
        if (_track is null || (_needsIdr && !unit.IsIdr))
        {
            drops.Count(Stage.Record, DropReason.WaitingForIdr);
            return;
        }

        if (!_track.Fits(unit)) // other parameter sets in the midst of a group
        {
            Finish(unit.CaptureTime);
            drops.Count(Stage.Record, DropReason.WaitingForIdr);
            return;
        }

        Add(unit);
    }

    /// <summary>Nothing has come for a moment.</summary>
    public void HandleIdle()
    {
        if (_track is not null && clock() - _latest > Pause)
            Finish(null);
    }

    /// <summary>Brings what it has to the disk, and ends the segment.</summary>
    /// <param name="next">When the picture after its last one was taken; null where there is none.</param>
    public void Finish(Instant? next)
    {
        if (_fragment.Count > 0)
            Write(next is { } at && at - _latest <= Pause ? Ticks(at) : UsualEnd);
        End();
        if (next is null && _status.State == RecorderState.Recording)
            _status = _status with { State = RecorderState.Waiting };
    }

    /// <summary>After a fault: ends the segment with what is on the disk.</summary>
    public void Abandon() => End();

    private bool IsHeldUp(Instant at) => _retryAt is { } next && at < next;

    private bool Continues(AccessUnit idr) =>
        _track!.Fits(idr) && idr.CaptureTime - _start < segmentLength && idr.CaptureTime - _latest <= Pause && (_file?.Length ?? 0) < segmentBytes;

    private void Begin(AccessUnit idr)
    {
        _track = AvcTrack.TryFrom(idr);
        _start = _latest = idr.CaptureTime;
        _head = new(time.GetUtcNow() - (clock() - idr.CaptureTime), label);
    }

    private void Add(AccessUnit unit)
    {
        var at = Ticks(unit.CaptureTime);
        if (_fragment.Count > 0)
        {
            at = Math.Max(at, _fragment.LastTime + 1);
            _usualDuration = Math.Min(at - _fragment.LastTime, SegmentHead.Timescale);
            var isDue = at - _fragment.Time >= FragmentLength.TotalSeconds * SegmentHead.Timescale || _fragment.Bytes + unit.Length > MaxFragment;
            if (isDue && !Write(at))
            {
                drops.Count(Stage.Record, DropReason.StorageFailed);
                return;
            }
        }

        _fragment.Add(unit, at);
        _latest = unit.CaptureTime;
        _needsIdr = false;
        if (_file?.Length >= MaxSegment) // and no IDR picture all the while: the next one begins another
            Finish(null);
    }

    /// <summary>Brings the fragment to the disk, with as much room as it needs.</summary>
    /// <returns>False where it failed: then the segment has ended, and the next one begins after a while.</returns>
    private bool Write(long end)
    {
        disk?.Invoke(true);
        try
        {
            if (store.MakeRoom(_fragment.Bytes + Reserve) is { } problem)
            {
                GiveUp(RecorderState.Full, problem);
                return false;
            }

            if (_file is null)
                (_id, _file) = store.Begin(camera, _head, _track!);
            _file.Append(_fragment, end);
            store.Update(_id!, _file);
            _fragment.Clear();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log.RecordingDiskFailed(camera, failure);
            GiveUp(DiskFault.IsFull(failure) ? RecorderState.Full : RecorderState.Failed, DiskFault.InWords(failure));
            return false;
        }
        finally
        {
            disk?.Invoke(false);
        }

        HandleWritten();
        return true;
    }

    private void HandleWritten()
    {
        var wasFailing = _status.State is RecorderState.Full or RecorderState.Failed;
        _status = new(RecorderState.Recording, "", _id);
        (_retryAt, _failures) = (null, 0);
        if (!_hasStarted || wasFailing)
            tell(_hasStarted ? "resumed" : "started", _id, null);
        _hasStarted = true;
    }

    private void GiveUp(RecorderState state, string why)
    {
        drops.Count(Stage.Record, DropReason.StorageFailed, _fragment.Count);
        End();
        _needsIdr = true;
        _retryAt = clock() + TimeSpan.FromSeconds(Math.Min(Math.Pow(2, _failures), LongestRetry.TotalSeconds));
        _failures = Math.Min(_failures + 1, 16);
        var isNews = _status.State != state;
        _status = new(state, why, _status.Segment);
        if (isNews)
            tell(state == RecorderState.Full ? "full" : "failed", _id, why);
    }

    private void End()
    {
        _fragment.Clear();
        _track = null;
        if (_file is not { } file || _id is not { } id)
            return;
        _file = null;
        disk?.Invoke(true);
        try
        {
            Close(id, file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log.SegmentNotClosed(id, failure.Message); // it plays without its index; the next start adds that
        }
        finally
        {
            disk?.Invoke(false);
        }
    }

    private void Close(SegmentId id, SegmentFile file)
    {
        try
        {
            file.Finish();
        }
        finally
        {
            store.End(id, file);
        }
    }

    private long Ticks(Instant at) => (at - _start).Ticks * SegmentHead.Timescale / TimeSpan.TicksPerSecond;
}
