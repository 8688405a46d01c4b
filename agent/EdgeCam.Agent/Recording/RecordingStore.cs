using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Recording.Mp4;

namespace EdgeCam.Agent.Recording;

/// <summary>
/// The recordings of a folder: what is there, and what goes when there is no room. Its methods may be called from any thread; those that touch the disk wait for it.
/// Until it is disposed no other agent writes to the folder.
/// </summary>
/// <param name="free">Bytes that the disk of a folder has left.</param>
internal sealed class RecordingStore(string folder, RecordingLimits limits, TimeProvider time, ILogger log, Func<string, long>? free = null) : IDisposable
{
    /// <summary>A recording that is fetched in pieces is kept for so long after each.</summary>
    public static readonly TimeSpan Lent = TimeSpan.FromSeconds(30);

    /// <summary>A file that could not be deleted is tried again after so long.</summary>
    public static readonly TimeSpan Retry = TimeSpan.FromMinutes(10);

    /// <summary>So many at most are kept for those who fetch them in pieces.</summary>
    public const int MaxLent = 8;

    private readonly RecordingFolder _folder = new(folder, free);
    private readonly SegmentList _list = new(time);
    private readonly ClockWatch _clock = new(time, log);
    private readonly Lock _opening = new();
    private readonly Lock _checking = new(); // held while a file of an earlier run is looked at
    private bool _isOpen;
    private bool _hasToldOfCount;
    private volatile bool _isEnding;

    /// <summary>Of all segments.</summary>
    public (long Bytes, int Segments) Size => _list.Size;

    /// <summary>Segments of earlier runs that are counted, but not listed yet: <see cref="ReadHeads"/> has not come to them.</summary>
    public int Unread => _list.Unknown.Count;

    public RecordingLimits Limits => limits;

    /// <summary>What the disk has left; null where nobody knows.</summary>
    public long? Free
    {
        get
        {
            try
            {
                return _folder.MeasureFree();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>
    /// Reads the names of what is there: enough to count, number and delete by. Once, and again where another folder lies behind the path, as when its disk is
    /// mounted late; else it does nothing. Where it fails it may be called again.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be read, or another agent has it.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be read.</exception>
    public void Open()
    {
        lock (_opening)
        {
            if (_isEnding)
                throw new IOException("the agent is ending");
            var (place, before) = (_folder.Identity, _list.Place);
            if (_isOpen && place == before)
                return;
            _folder.Release();
            if (place is not null)
                TryLock();
            var found = _folder.ReadNames();
            if (_isOpen && before is not null)
                log.FolderChanged(found.Count);
            var twice = _list.Replace(found, place);
            if (twice.Count > 0)
                log.NumbersTwice(twice.Count, twice[0]);
            _isOpen = true;
        }
    }

    /// <summary>Reads what the files of earlier runs say of themselves, the newest first, and closes what a kill or a power cut left open. They are listed one by one.</summary>
    public void ReadHeads()
    {
        foreach (var entry in _list.Unknown)
        {
            lock (_checking)
            {
                if (_isEnding)
                    return;
                Check(entry);
            }
        }
    }

    /// <summary>Makes a new segment's file. The caller ends it by <see cref="End"/>.</summary>
    /// <exception cref="IOException">It cannot be made, or another agent has the folder.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made.</exception>
    public (SegmentId Id, SegmentFile File) Begin(string camera, SegmentHead head, AvcTrack track)
    {
        _folder.CreateHome(camera);
        lock (_opening)
        {
            Open();
            _folder.Lock();
        }

        var (number, place) = _list.TakeNumber() ?? throw new IOException("there are no more numbers for recordings: move the folder away");
        var id = new SegmentId(camera, number, DateTimeOffset.FromUnixTimeSeconds(head.Start.ToUnixTimeSeconds()), DeviceClock.IsSet(head.Start));
        var file = SegmentFile.Create(_folder.PathOf(id), head, track);
        _list.Add(id, head, place);
        return (id, file);
    }

    /// <summary>Says how far a segment has come.</summary>
    public void Update(SegmentId id, SegmentFile file) => _list.Update(id, file, isOpen: true);

    /// <summary>It is written no more. One without a picture goes.</summary>
    public void End(SegmentId id, SegmentFile file)
    {
        file.Dispose();
        if (!_list.Update(id, file, isOpen: false))
            log.SegmentElsewhere(id);
        if (file.Pictures == 0)
            Delete(id);
    }

    /// <summary>
    /// Makes room for so many bytes: what is oldest goes, but for what is being written or read, or cannot be deleted. Where all of it would not do, nothing goes.
    /// </summary>
    /// <returns>Why there is none; null where there is.</returns>
    /// <exception cref="IOException">The disk cannot be asked, or nothing be deleted.</exception>
    /// <exception cref="UnauthorizedAccessException">Nothing can be deleted.</exception>
    public string? MakeRoom(long bytes)
    {
        Open();
        var left = _folder.MeasureFree();
        var hasDeleted = false;
        while (true)
        {
            var (all, count) = _list.Size;
            var (onDisk, ofOurs) = (limits.MinFree + bytes - left, all + bytes - limits.MaxBytes);
            var isRoom = onDisk <= 0 && ofOurs <= 0;
            if (isRoom && count < limits.MaxSegments)
                return null;
            if (_list.FindOldest(Math.Max(onDisk, ofOurs), out var failure) is not { } victim)
            {
                if (!hasDeleted)
                    failure?.Throw();
                return onDisk > 0
                    ? $"the disk has {left / 1_000_000} MB left, and {limits.MinFree / 1_000_000} MB are to stay free: make room, or lower recording.minFreeMegabytes"
                    : "recordings may not have more room, and there is none to delete: raise recording.maxMegabytes";
            }

            if (isRoom && !_hasToldOfCount)
            {
                _hasToldOfCount = true;
                log.TooManySegments(limits.MaxSegments);
            }

            var size = victim.Segment.Bytes;
            if (!TryRemove(victim))
                continue;
            hasDeleted = true;
            left += size; // some file systems tell it later: that must not cost one segment after the other
        }
    }

    /// <summary>Deletes what is older than it may be, as far as the clock can be believed. To be called regularly, from one thread.</summary>
    public void Expire()
    {
        if (limits.MaxAge is { } age && _clock.IsSteady())
            _list.FindExpired(time.GetUtcNow() - age, age).ForEach(entry => TryRemove(entry));
    }

    /// <summary>The newest first.</summary>
    /// <param name="before">Only older ones than this number.</param>
    public IReadOnlyList<Segment> List(string? camera, DateTimeOffset? from, DateTimeOffset? to, long? before, int most) => _list.Find(camera, from, to, before, most);

    /// <summary>Null where there is none of that id.</summary>
    public Segment? Find(string text) => SegmentId.TryParse(text) is { } id && _list.Find(id) is { Segment: { Bytes: > 0 } segment } ? segment : null;

    /// <summary>Lends a segment's bytes, as many as it has now: it is not deleted to make room meanwhile.</summary>
    /// <param name="isBusy">As many are read at once as may be.</param>
    /// <param name="isPiece">More of it will be asked for soon: it is kept for <see cref="Lent"/> from now on.</param>
    /// <returns>Null where there is none of that id, or it cannot be read.</returns>
    public SegmentReader? TryRead(string text, out bool isBusy, bool isPiece = false)
    {
        isBusy = false;
        if (SegmentId.TryParse(text) is not { } id || _list.TryLend(id, isPiece, out var entry, out isBusy) is not { } segment)
            return null;
        try
        {
            return new(
                File.OpenHandle(_folder.PathOf(id), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan), segment, () => _list.Return(entry!));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log.SegmentNotRead(id, failure.Message);
            _list.Return(entry!);
            return null;
        }
    }

    /// <summary>Deletes a segment that is not being written.</summary>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public void Delete(SegmentId id)
    {
        if (_list.Find(id) is { Segment.IsOpen: false } entry)
            Remove(entry);
    }

    /// <summary>Another agent may have the folder. To be called when the last recorder has ended.</summary>
    public void Dispose()
    {
        _isEnding = true;
        lock (_checking)
        {
            lock (_opening)
                _folder.Dispose();
        }
    }

    /// <summary>A folder that cannot be written, or whose disk is full, can be read all the same, and be given room.</summary>
    private void TryLock()
    {
        try
        {
            _folder.Lock();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException && !RecordingFolder.IsInUse(failure))
        {
            log.FolderNotLocked(failure.Message);
        }
    }

    /// <summary>Reads what a file of an earlier run says, unless somebody else does.</summary>
    private void Check(StoredSegment entry)
    {
        if (_list.TryHold(entry))
            _list.Settle(entry, SegmentCheck.Run(entry.Id, _folder.PathOf(entry.Id), log));
    }

    /// <returns>False where it stays: it cannot be deleted, or is none of ours.</returns>
    private bool TryRemove(StoredSegment entry)
    {
        try
        {
            if (!entry.IsKnown && !SegmentCheck.IsOursOrGone(_folder.PathOf(entry.Id)))
            {
                Check(entry);
                return false;
            }

            Remove(entry);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (_list.Fail(entry, failure))
                log.SegmentNotDeleted(entry.Id, failure.Message);
            return false;
        }
    }

    private void Remove(StoredSegment entry)
    {
        _folder.Delete(entry.Id);
        _list.Drop(entry);
    }
}
