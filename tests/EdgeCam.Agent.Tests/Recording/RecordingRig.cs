using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Recording;
using EdgeCam.Agent.Recording.Mp4;
using EdgeCam.Agent.Tests.Cameras;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Recording;

/// <summary>A folder for recordings, and pictures of the shipped clip at 30 a second of virtual time.</summary>
internal sealed class RecordingRig : IDisposable
{
    public const int Group = 60; // pictures of the clip from one IDR picture to the next

    public static readonly RecordingLimits Plenty = new(long.MaxValue / 4, 0);

    private static readonly TimeSpan s_interval = TimeSpan.FromTicks(333_334);
    private static readonly Lazy<(bool IsIdr, byte[][] NalUnits)[]> s_clip = new(ReadClip);

    private readonly AccessUnitPool _pool = new();
    private RecordingStore? _latest;
    private long _number;

    public RecordingRig(bool isClockSet = true)
    {
        Time = new(isClockSet ? ManualTime.SetClock : null);
        Drops = new();
    }

    public ManualTime Time { get; }

    public DropCounters Drops { get; }

    public LogLines<RecordingService> Log { get; } = new();

    public List<string> Told { get; } = [];

    public string Folder { get; } = Directory.CreateTempSubdirectory("edgecam-recording-").FullName;

    public int Outstanding => _pool.Outstanding;

    public IReadOnlyList<string> Files => [.. Directory.EnumerateFiles(Folder, "*.mp4", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    public Instant Now => new(Time.GetTimestamp());

    /// <summary>A store, as after a start: the one before has ended.</summary>
    /// <param name="of">Whose clock it has; null: this one's.</param>
    public RecordingStore Store(RecordingLimits? limits = null, Func<string, long>? free = null, string? folder = null, RecordingRig? of = null)
    {
        _latest?.Dispose();
        return _latest = Beside(limits, free, folder, of);
    }

    /// <summary>A store of another agent, which runs at the same time.</summary>
    public RecordingStore Beside(RecordingLimits? limits = null, Func<string, long>? free = null, string? folder = null, RecordingRig? of = null) =>
        new(folder ?? Folder, limits ?? Plenty, (of ?? this).Time, Log, free ?? (static _ => long.MaxValue / 2));

    public SegmentRecorder Recorder(RecordingStore store, int segmentSeconds = 60, string camera = "cam0", string label = "", long segmentBytes = long.MaxValue) => new(
        camera, store, TimeSpan.FromSeconds(segmentSeconds), segmentBytes, label, () => Now, Time, Drops, (kind, id, words) => Told.Add($"{kind} {id} {words}".TrimEnd()), Log);

    /// <summary>A picture of the clip, as the stream lends it; the caller gives it back.</summary>
    public AccessUnit Picture(int index, byte[]? otherSequence = null)
    {
        var (isIdr, nalUnits) = s_clip.Value[index % s_clip.Value.Length];
        var unit = _pool.Rent();
        (unit.IsIdr, unit.Number, unit.CaptureTime) = (isIdr, _number++, Now);
        foreach (var nalUnit in nalUnits)
            unit.AddNalUnit(otherSequence is not null && (nalUnit[0] & 0x1F) == 7 ? otherSequence : nalUnit);
        return unit;
    }

    /// <summary>The NAL units of one of its pictures.</summary>
    public static byte[][] NalUnits(int index) => s_clip.Value[index % s_clip.Value.Length].NalUnits;

    /// <summary>Gives pictures of the clip, each a thirtieth of a second after the one before.</summary>
    public void Feed(SegmentRecorder recorder, int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            Time.Advance(s_interval);
            using var unit = Picture(i);
            recorder.Take(unit);
        }
    }

    /// <summary>Pictures that were dropped on the way.</summary>
    public void Lose(int count)
    {
        _number += count;
        Time.Advance(s_interval * count);
    }

    /// <summary>A whole segment of a few pictures.</summary>
    public SegmentId Write(RecordingStore store, string camera = "cam0", int pictures = 10, string label = "")
    {
        using var first = Picture(0);
        var track = AvcTrack.TryFrom(first)!;
        var (id, file) = store.Begin(camera, new(Time.GetUtcNow(), label), track);
        var fragment = new Fragment();
        for (var i = 0; i < pictures; i++)
        {
            using var unit = Picture(i);
            fragment.Add(unit, i * 3000);
        }

        file.Append(fragment, pictures * 3000);
        file.Finish();
        store.End(id, file);
        return id;
    }

    public void Dispose()
    {
        _latest?.Dispose();
        Directory.Delete(Folder, recursive: true);
        Drops.Dispose();
    }

    private static (bool IsIdr, byte[][] NalUnits)[] ReadClip()
    {
        var pool = new AccessUnitPool();
        using var reader = new PictureReader(pool);
        var bytes = File.ReadAllBytes(CameraRig.ShippedClip.FullName);
        bytes.CopyTo(reader.GetMemory(bytes.Length));
        reader.Advance(bytes.Length, default);
        reader.Flush();
        List<(bool, byte[][])> found = [];
        while (reader.TryRead() is { } unit)
        {
            using (unit)
                found.Add((unit.IsIdr, [.. unit.NalUnits.ToArray().Select(nal => unit.Block.Slice(nal.Offset, nal.Length).ToArray())]));
        }

        return [.. found];
    }
}
