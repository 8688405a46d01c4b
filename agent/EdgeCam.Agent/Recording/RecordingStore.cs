using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Recording.Mp4;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Interop;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Recording;

/// <summary>
/// The folder of recordings: a folder to a camera, a file to a segment, and a list of them in memory. Its methods may be called from any thread;
/// those that touch the disk wait for it.
/// </summary>
/// <param name="free">Bytes that the disk of a folder has left.</param>
internal sealed class RecordingStore(string folder, RecordingLimits limits, TimeProvider time, ILogger log, Func<string, long>? free = null)
{
    private const string Extension = ".mp4";
    private const int HeadSize = 1024; // what a listing reads of a file's beginning
    private const int MaxReaders = 16;

    private readonly Lock _gate = new(); // of the list: held for no work on the disk
    private readonly Lock _opening = new();
    private readonly SortedDictionary<long, Entry> _entries = [];
    private long _bytes;
    private long _last;
    private int _readers;
    private bool _isOpen;

    /// <summary>Of all segments.</summary>
    public (long Bytes, int Segments) Size
    {
        get
        {
            lock (_gate)
                return (_bytes, _entries.Count);
        }
    }

    public RecordingLimits Limits => limits;

    /// <summary>What the disk has left; null where nobody knows.</summary>
    public long? Free
    {
        get
        {
            try
            {
                return MeasureFree();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>Reads what is there, and closes what a kill or a power cut left open. Once; further calls do nothing. Where it fails it may be called again.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public void Open()
    {
        lock (_opening)
        {
            if (!_isOpen)
                ReadAll();
            _isOpen = true;
        }
    }

    /// <summary>Makes a new segment's file. The caller ends it by <see cref="End"/>.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public (SegmentId Id, SegmentFile File) Begin(string camera, SegmentHead head, AvcTrack track)
    {
        Open();
        SegmentId id;
        lock (_gate)
        {
            _last = SegmentId.After(_last) ?? throw new IOException("there are no more numbers for recordings: move the folder away");
            id = new(camera, _last, DateTimeOffset.FromUnixTimeSeconds(head.Start.ToUnixTimeSeconds()), DeviceClock.IsSet(time));
        }

        var path = PathOf(id);
        var home = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(home))
        {
            StateFile.CreateFolder(folder);
            StateFile.CreateFolder(home);
            FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(folder))!);
            FolderSync.Flush(folder);
        }

        var file = SegmentFile.Create(path, head, track);
        lock (_gate)
            _entries[id.Number] = new(new(id, head.Start, head.Label, 0, TimeSpan.Zero, 0, IsOpen: true));
        return (id, file);
    }

    /// <summary>Says how far a segment has come.</summary>
    public void Update(SegmentId id, SegmentFile file) => Set(id, file, isOpen: true);

    /// <summary>It is written no more. One without a picture goes.</summary>
    public void End(SegmentId id, SegmentFile file)
    {
        file.Dispose();
        Set(id, file, isOpen: false);
        if (file.Pictures == 0)
            Delete(id);
    }

    /// <summary>Makes room for so many bytes: what is oldest goes, but for what is being written or read. Where all of it would not do, nothing goes.</summary>
    /// <returns>Why there is none; null where there is.</returns>
    /// <exception cref="IOException">The disk cannot be asked, or nothing be deleted.</exception>
    public string? MakeRoom(long bytes)
    {
        long? left = null;
        while (true)
        {
            left ??= MeasureFree();
            Segment victim;
            lock (_gate)
            {
                var (onDisk, ofOurs) = (limits.MinFree + bytes - left.Value, _bytes + bytes - limits.MaxBytes);
                if (onDisk <= 0 && ofOurs <= 0 && _entries.Count < limits.MaxSegments)
                    return null;
                var idle = _entries.Values.Where(static entry => entry is { Segment.IsOpen: false, Readers: 0 }).Select(static entry => entry.Segment).ToList();
                if (idle.Count == 0 || idle.Sum(static segment => segment.Bytes) < Math.Max(onDisk, ofOurs))
                {
                    return onDisk > 0
                        ? $"the disk has {left / 1_000_000} MB left, and {limits.MinFree / 1_000_000} MB are to stay free: make room, or lower recording.minFreeMegabytes"
                        : "recordings may not have more room, and there is none to delete: raise recording.maxMegabytes";
                }

                victim = idle[0];
            }

            Remove(victim);
            left += victim.Bytes; // some file systems tell it later: that must not cost one segment after the other
        }
    }

    /// <summary>Deletes what is older than it may be, as far as the clock can be believed.</summary>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    public void Expire()
    {
        if (limits.MaxAge is not { } age || !DeviceClock.IsSet(time))
            return;
        var oldest = time.GetUtcNow() - age;
        List<Segment> expired;
        lock (_gate)
            expired = [.. _entries.Values.Where(entry => entry is { Segment: { IsOpen: false, Id.IsClockSet: true }, Readers: 0 } && entry.Segment.End < oldest).Select(static entry => entry.Segment)];
        expired.ForEach(Remove);
    }

    /// <summary>The newest first.</summary>
    /// <param name="before">Only older ones than this number.</param>
    public IReadOnlyList<Segment> List(string? camera, DateTimeOffset? from, DateTimeOffset? to, long? before, int most)
    {
        lock (_gate)
        {
            return
            [
                .. _entries.Values.Reverse().Select(static entry => entry.Segment)
                    .Where(segment => (before is null || segment.Id.Number < before) && (camera is null || segment.Id.Camera == camera) && segment.Bytes > 0
                        && (from is null || segment.End >= from) && (to is null || segment.Start <= to))
                    .Take(most),
            ];
        }
    }

    /// <summary>Null where there is none of that id.</summary>
    public Segment? Find(string text)
    {
        if (SegmentId.TryParse(text) is not { } id)
            return null;
        lock (_gate)
            return _entries.TryGetValue(id.Number, out var entry) && entry.Segment.Id == id && entry.Segment.Bytes > 0 ? entry.Segment : null;
    }

    /// <summary>Lends a segment's bytes, as many as it has now: it is not deleted to make room meanwhile.</summary>
    /// <param name="isBusy">As many are read at once as may be.</param>
    /// <returns>Null where there is none of that id, or it cannot be read.</returns>
    public SegmentReader? TryRead(string text, out bool isBusy)
    {
        isBusy = false;
        if (SegmentId.TryParse(text) is not { } id)
            return null;
        Segment segment;
        lock (_gate)
        {
            if (!_entries.TryGetValue(id.Number, out var entry) || entry.Segment.Id != id || entry.Segment.Bytes == 0)
                return null;
            isBusy = _readers == MaxReaders;
            if (isBusy)
                return null;
            entry.Readers++;
            _readers++;
            segment = entry.Segment;
        }

        try
        {
            return new(File.OpenHandle(PathOf(id), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan), segment, () => Return(id));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log.SegmentNotRead(id, failure.Message);
            Return(id);
            return null;
        }
    }

    /// <summary>Deletes a segment that is not being written.</summary>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    public void Delete(SegmentId id)
    {
        Segment? segment;
        lock (_gate)
            segment = _entries.TryGetValue(id.Number, out var entry) && entry.Segment.Id == id && !entry.Segment.IsOpen ? entry.Segment : null;
        if (segment is not null)
            Remove(segment);
    }

    private void ReadAll()
    {
        List<Entry> found = [];
        if (Directory.Exists(folder))
        {
            // Of other names are folders of others, such as a disk's lost+found, which we may not even read.
            foreach (var camera in Directory.EnumerateDirectories(folder).Where(static path => SegmentId.IsCamera(Path.GetFileName(path))))
            {
                foreach (var file in Directory.EnumerateFiles(camera, "*" + Extension))
                {
                    // A file that was put there by hand is none of ours, and stays.
                    if (SegmentId.TryParse(Path.GetFileNameWithoutExtension(file)) is { } id && id.Camera == Path.GetFileName(camera) && Read(id, file) is { } segment)
                        found.Add(new(segment));
                }
            }
        }

        lock (_gate)
        {
            foreach (var entry in found)
            {
                if (_entries.TryAdd(entry.Segment.Id.Number, entry))
                    _bytes += entry.Segment.Bytes;
                _last = Math.Max(_last, entry.Segment.Id.Number);
            }
        }
    }

    private string PathOf(SegmentId id) => Path.Combine(folder, id.Camera, id + Extension);

    private void Remove(Segment segment)
    {
        File.Delete(PathOf(segment.Id));
        lock (_gate)
        {
            if (_entries.Remove(segment.Id.Number))
                _bytes -= segment.Bytes;
        }
    }

    private void Return(SegmentId id)
    {
        lock (_gate)
        {
            _readers--;
            if (_entries.TryGetValue(id.Number, out var entry))
                entry.Readers--;
        }
    }

    private void Set(SegmentId id, SegmentFile file, bool isOpen)
    {
        lock (_gate)
        {
            var entry = _entries[id.Number];
            _bytes += file.Length - entry.Segment.Bytes;
            entry.Segment = entry.Segment with { Bytes = file.Length, Duration = Span(file.Ticks), Pictures = file.Pictures, IsOpen = isOpen };
        }
    }

    private long MeasureFree()
    {
        var there = Path.GetFullPath(folder);
        while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } above)
            there = above;
        return free is null ? new DriveInfo(there).AvailableFreeSpace : free(there);
    }

    /// <returns>Null where there is nothing that plays.</returns>
    private Segment? Read(SegmentId id, string path)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(file);
            var start = new byte[Math.Min(length, HeadSize)];
            if (!ReadFrom(file)(0, start) || SegmentHead.TryRead(start) is not { } head)
            {
                Discard(id, path, length);
                return null;
            }

            if (SegmentEnd.TryRead(length, ReadFrom(file)) is { } end)
                return new(id, head.Start, head.Label, length, Span(end.Ticks), end.Pictures, IsOpen: false);
            var scan = SegmentScan.Run(length, ReadFrom(file));
            if (scan.Length == 0)
            {
                Discard(id, path, length);
                return null;
            }

            var whole = Close(id, path, scan, length);
            return new(id, head.Start, head.Label, whole, Span(scan.End.Ticks), scan.End.Pictures, IsOpen: false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log.SegmentNotRead(id, failure.Message);
            return null;
        }
    }

    /// <summary>Gives a segment its end. Where the disk does not let us, it is lent up to its last whole fragment.</summary>
    private long Close(SegmentId id, string path, SegmentScan scan, long length)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.SetLength(file, scan.Length);
            var whole = SegmentFile.Finish(file, scan.Length, scan.End, scan.Index);
            log.SegmentClosed(id, scan.End.Pictures, length - scan.Length);
            return whole;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log.SegmentNotClosed(id, failure.Message);
            return scan.Length;
        }
    }

    /// <summary>A file that was begun, and nothing of it came to the disk.</summary>
    private void Discard(SegmentId id, string path, long length)
    {
        log.SegmentDiscarded(id, length);
        File.Delete(path);
    }

    private static ReadAt ReadFrom(SafeFileHandle file) => (offset, destination) =>
    {
        while (destination.Length > 0)
        {
            var count = RandomAccess.Read(file, destination, offset);
            if (count == 0)
                return false;
            offset += count;
            destination = destination[count..];
        }

        return true;
    };

    private static TimeSpan Span(long ticks) => TimeSpan.FromTicks(ticks * TimeSpan.TicksPerSecond / SegmentHead.Timescale);

    private sealed class Entry(Segment segment)
    {
        public Segment Segment { get; set; } = segment;

        public int Readers { get; set; }
    }
}
