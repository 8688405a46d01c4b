using System.Runtime.ExceptionServices;
using EdgeCam.Agent.Recording.Mp4;
using EdgeCam.Agent.Security.Interop;

namespace EdgeCam.Agent.Recording;

/// <summary>The segments there are, in memory: what they are called, how large they are, and which may go. It touches no disk, and may be called from any thread.</summary>
internal sealed class SegmentList(TimeProvider time)
{
    private const int MaxReaders = 16;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<SegmentId, StoredSegment> _entries = new(new StoredSegment.ByNumber());
    private readonly List<StoredSegment> _lent = []; // that which was asked for the longest ago in front
    private FolderIdentity? _place;
    private long _bytes;
    private long _last;
    private int _readers;

    /// <summary>Of all segments.</summary>
    public (long Bytes, int Segments) Size
    {
        get
        {
            lock (_gate)
                return (_bytes, _entries.Count);
        }
    }

    /// <summary>The folder that the names were read of.</summary>
    public FolderIdentity? Place
    {
        get
        {
            lock (_gate)
                return _place;
        }
    }

    /// <summary>Those of which only name and size are known, the newest first.</summary>
    public List<StoredSegment> Unknown
    {
        get
        {
            lock (_gate)
                return [.. _entries.Values.Reverse().Where(static entry => !entry.IsKnown)];
        }
    }

    /// <summary>Takes the names that a folder has. What is being written where the folder was before stays until it ends.</summary>
    /// <returns>Those that have the number of another one.</returns>
    public IReadOnlyList<SegmentId> Replace(List<(SegmentId Id, long Bytes)> found, FolderIdentity? place)
    {
        lock (_gate)
        {
            _place = place;
            _lent.Clear();
            foreach (var gone in _entries.Values.Where(static entry => !entry.Segment.IsOpen).ToList())
                _entries.Remove(gone.Id);
            foreach (var (id, bytes) in found)
            {
                _last = Math.Max(_last, id.Number);
                if (_entries.TryGetValue(id, out var open))
                    open.Place = place;
                else
                    _entries.Add(id, new(new(id, id.Start, "", bytes, TimeSpan.Zero, 0, IsOpen: false), null, place));
            }

            _bytes = _entries.Values.Sum(static entry => entry.Segment.Bytes);
            return [.. _entries.Keys.Zip(_entries.Keys.Skip(1)).Where(static pair => pair.First.Number == pair.Second.Number).Select(static pair => pair.Second)];
        }
    }

    /// <summary>A number that no segment has had, and where its file is to lie; null where there are no more.</summary>
    public (long Number, FolderIdentity? Place)? TakeNumber()
    {
        lock (_gate)
        {
            if (SegmentId.After(_last) is not { } next)
                return null;
            _last = next;
            return (next, _place);
        }
    }

    /// <summary>One that this run begins to write.</summary>
    public void Add(SegmentId id, SegmentHead head, FolderIdentity? place)
    {
        lock (_gate)
            _entries[id] = new(new(id, head.Start, head.Label, 0, TimeSpan.Zero, 0, IsOpen: true), time.GetTimestamp(), place);
    }

    /// <summary>How far it has come.</summary>
    /// <returns>False where it is written no more, and lies where the folder was before: then it is in the list no more.</returns>
    public bool Update(SegmentId id, SegmentFile file, bool isOpen)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(id, out var entry))
                return true;
            Replace(entry, entry.Segment with { Bytes = file.Length, Duration = SegmentCheck.Span(file.Ticks), Pictures = file.Pictures, IsOpen = isOpen });
            entry.Written = time.GetTimestamp();
            if (isOpen || entry.Place == _place)
                return true;
            Remove(entry);
            return false;
        }
    }

    /// <summary>Keeps one that is not known yet for whoever reads its file; false where somebody else does, or it is gone.</summary>
    public bool TryHold(StoredSegment entry)
    {
        lock (_gate)
        {
            if (entry.IsKnown || entry.Readers > 0 || !Has(entry))
                return false;
            entry.Readers++;
            return true;
        }
    }

    /// <summary>What has become of it.</summary>
    /// <param name="segment">What its file says; null where it is none that plays.</param>
    public void Settle(StoredSegment entry, Segment? segment)
    {
        lock (_gate)
        {
            entry.Readers--;
            if (segment is null)
                Remove(entry);
            else if (Has(entry))
                Replace(entry, segment);
            entry.IsKnown = true;
        }
    }

    public void Drop(StoredSegment entry)
    {
        lock (_gate)
            Remove(entry);
    }

    /// <summary>It could not be deleted.</summary>
    /// <returns>True where that is news.</returns>
    public bool Fail(StoredSegment entry, Exception failure)
    {
        lock (_gate)
        {
            var isNews = entry.Failure is null;
            (entry.Failure, entry.FailedAt) = (ExceptionDispatchInfo.Capture(failure), time.GetTimestamp());
            return isNews;
        }
    }

    /// <summary>The oldest segment that may go, where all that may would make so much room.</summary>
    /// <param name="failure">Why one could not be deleted a while ago.</param>
    public StoredSegment? FindOldest(long needed, out ExceptionDispatchInfo? failure)
    {
        var now = time.GetTimestamp();
        StoredSegment? oldest = null;
        long sum = 0;
        failure = null;
        lock (_gate)
        {
            foreach (var entry in _entries.Values)
            {
                if (!entry.IsIdle(now))
                    continue;
                if (IsStuck(entry, now))
                {
                    failure ??= entry.Failure;
                    continue;
                }

                oldest ??= entry;
                sum += entry.Segment.Bytes;
                if (sum >= needed)
                    return oldest;
            }
        }

        return null;
    }

    /// <summary>What ended before that moment and may go. What this run has written has to be as old by the monotonic clock, too.</summary>
    public List<StoredSegment> FindExpired(DateTimeOffset end, TimeSpan age)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            return
            [
                .. _entries.Values.Where(entry => entry is { IsKnown: true, Id.IsClockSet: true } && entry.Segment.End < end && entry.IsIdle(now) && !IsStuck(entry, now)
                    && !(entry.Written is { } written && time.GetElapsedTime(written, now) < age)),
            ];
        }
    }

    /// <summary>The newest first.</summary>
    /// <param name="before">Only older ones than this number.</param>
    public IReadOnlyList<Segment> Find(string? camera, DateTimeOffset? from, DateTimeOffset? to, long? before, int most)
    {
        lock (_gate)
        {
            return
            [
                .. _entries.Values.Reverse().Where(static entry => entry.IsKnown).Select(static entry => entry.Segment)
                    .Where(segment => (before is null || segment.Id.Number < before) && (camera is null || segment.Id.Camera == camera) && segment.Bytes > 0
                        && (from is null || segment.End >= from) && (to is null || segment.Start <= to))
                    .Take(most),
            ];
        }
    }

    /// <summary>Null where there is none of that id, or nothing of it that plays.</summary>
    public StoredSegment? Find(SegmentId id)
    {
        lock (_gate)
            return _entries.TryGetValue(id, out var entry) && entry is { IsKnown: true } ? entry : null;
    }

    /// <summary>Lends it, until <see cref="Return"/>. Bound: sixteen.</summary>
    /// <param name="isPiece">It is kept for <see cref="RecordingStore.Lent"/>, too. Bound: eight; a further one takes the place of that which was asked for the longest ago.</param>
    /// <returns>What it is now; null where there is none of that id.</returns>
    public Segment? TryLend(SegmentId id, bool isPiece, out StoredSegment? entry, out bool isBusy)
    {
        lock (_gate)
        {
            isBusy = false;
            if (!_entries.TryGetValue(id, out entry) || entry is not { IsKnown: true, Segment.Bytes: > 0 })
                return null;
            isBusy = _readers == MaxReaders;
            if (isBusy)
                return null;
            entry.Readers++;
            _readers++;
            if (isPiece)
                Keep(entry);
            return entry.Segment;
        }
    }

    public void Return(StoredSegment entry)
    {
        lock (_gate)
        {
            _readers--;
            entry.Readers--;
        }
    }

    private void Keep(StoredSegment entry)
    {
        entry.LentUntil = time.GetTimestamp() + (long)(RecordingStore.Lent.TotalSeconds * time.TimestampFrequency);
        _lent.Remove(entry);
        _lent.Add(entry);
        if (_lent.Count <= RecordingStore.MaxLent)
            return;
        _lent[0].LentUntil = null;
        _lent.RemoveAt(0);
    }

    private bool IsStuck(StoredSegment entry, long now) => entry.Failure is not null && time.GetElapsedTime(entry.FailedAt, now) < RecordingStore.Retry;

    private bool Has(StoredSegment entry) => _entries.TryGetValue(entry.Id, out var known) && known == entry;

    private void Replace(StoredSegment entry, Segment segment)
    {
        _bytes += segment.Bytes - entry.Segment.Bytes;
        entry.Segment = segment;
    }

    private void Remove(StoredSegment entry)
    {
        if (!Has(entry))
            return;
        _entries.Remove(entry.Id);
        _lent.Remove(entry);
        _bytes -= entry.Segment.Bytes;
    }
}
