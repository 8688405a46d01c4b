using EdgeCam.Agent.Recording;
using EdgeCam.Agent.Recording.Mp4;

namespace EdgeCam.Agent.Tests.Recording;

/// <summary>What happens to the folder behind the store's back: disks come late, files are not ours or cannot be deleted, other agents want it.</summary>
public sealed class RecordingFolderTests : IDisposable
{
    private const string Time = "21000501T120000Z";

    private readonly RecordingRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_disk_that_is_mounted_late_is_noticed_and_its_numbers_go_on()
    {
        var (place, disk, under) = (Path.Combine(_rig.Folder, "place"), Path.Combine(_rig.Folder, "disk"), Path.Combine(_rig.Folder, "under"));
        var before = _rig.Store(folder: disk);
        for (var i = 0; i < 3; i++)
            _rig.Write(before);
        Directory.CreateDirectory(place);
        _rig.Time.Advance(TimeSpan.FromHours(1));
        var store = _rig.Store(folder: place).Opened();
        Assert.Equal(1, _rig.Write(store).Number); // on the card, below the place where the disk is to be
        var (open, file) = Begin(store);

        Directory.Move(place, under);
        Directory.Move(disk, place);
        Assert.Equal(4, _rig.Write(store).Number);
        store.ReadHeads();
        Assert.Equal([4L, 3L, 2L, 1L], Numbers(store)); // the one that is being written has nothing yet
        store.End(open, file);
        Assert.Equal(4, store.Size.Segments);
        Assert.Equal((1, 1), (_rig.Log.Count("another one than before"), _rig.Log.Count("not there any more")));
        Assert.Equal(4, Directory.GetFiles(place, "*.mp4", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public void Two_of_one_number_are_both_listed_counted_and_deleted()
    {
        var size = new FileInfo(PathOf(_rig.Write(_rig.Store()))).Length;
        Directory.CreateDirectory(Path.Combine(_rig.Folder, "cam1"));
        File.Copy(Path.Combine(_rig.Folder, "cam0", $"cam0-00000001-{Time}.mp4"), Path.Combine(_rig.Folder, "cam1", $"cam1-00000001-{Time}.mp4"));
        var store = _rig.Store(new(size * 2, 0)).Opened();
        Assert.Equal((size * 2, 2), store.Size);
        Assert.Equal([1L, 1L], Numbers(store));
        Assert.NotNull(store.Find($"cam1-00000001-{Time}"));
        Assert.Equal(1, _rig.Log.Count("numbers that others have"));
        Assert.Null(store.MakeRoom(size * 2));
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public void One_that_cannot_be_deleted_is_told_once_and_the_next_ones_go_in_its_place()
    {
        var store = Filled(5, out var size);
        var stuck = Stick(Numbers(store).Last(), store);
        Assert.Null(store.MakeRoom(size));
        Assert.Null(store.MakeRoom(size * 2));
        Assert.Equal([5L, 4L, 1L], Numbers(store));
        Assert.Equal(1, _rig.Log.Count($"{stuck} cannot be deleted"));
    }

    [Fact]
    public void Where_none_can_be_deleted_it_fails_with_the_reason_until_one_can()
    {
        var store = Filled(1, out var size);
        var stuck = Stick(1, store);
        for (var i = 0; i < 2; i++)
            Assert.True(Record.Exception(() => store.MakeRoom(size)) is IOException or UnauthorizedAccessException);
        Directory.Delete(PathOf(stuck), recursive: true);
        _rig.Time.Advance(RecordingStore.Retry);
        Assert.Null(store.MakeRoom(size));
        Assert.Equal((0, 0), store.Size);
    }

    [Fact]
    public void A_folder_that_somebody_has_removed_counts_as_deleted()
    {
        var store = Filled(2, out var size);
        Directory.Delete(Path.Combine(_rig.Folder, "cam0"), recursive: true);
        Assert.Null(store.MakeRoom(size));
        Assert.Equal([2L], Numbers(store));
        Assert.Equal(3, _rig.Write(store).Number); // and the folder is there again
    }

    [Fact]
    public void One_that_is_too_old_and_cannot_be_deleted_keeps_no_other_one()
    {
        var store = Filled(2, out _, TimeSpan.FromDays(1));
        Stick(1, store);
        _rig.Time.Advance(TimeSpan.FromDays(2));
        store.Expire();
        store.Expire();
        Assert.Equal([1L], Numbers(store));
        Assert.Equal(1, _rig.Log.Count("cannot be deleted"));
    }

    [Fact]
    public void What_does_not_read_as_ours_stays_and_its_number_is_not_given_again()
    {
        var (ours, noise) = (Recorded(), Noise());
        Put(1, []); // what a power cut leaves goes
        Put(2, new byte[4096]);
        Put(3, ours[..20]);
        Put(4, ours[..50]);
        Put(5, ours[..700]);
        Put(6, noise); // what it cannot have left stays
        Put(7, noise[..100]);
        Put(8, [.. ours[..20], .. noise[..100]]);
        Put(9, [.. ours[..600], .. noise]);
        var store = _rig.Store().Opened();
        Assert.Equal(["00000006", "00000007", "00000008", "00000009"], _rig.Files.Select(static file => Path.GetFileName(file).Split('-')[1]));
        Assert.Equal((0, 0), store.Size);
        Assert.Equal((5, 4), (_rig.Log.Count("bytes goes"), _rig.Log.Count("is left alone")));
        Assert.Equal(10, Begin(store).Id.Number);
    }

    [Fact]
    public void What_does_not_read_as_ours_does_not_go_for_room_either()
    {
        Put(2, Recorded());
        Put(1, Noise());
        var store = _rig.Store(new(1000, 0));
        Assert.Null(store.MakeRoom(0)); // of what it knows no more than names of
        Assert.EndsWith($"cam0-00000001-{Time}.mp4", Assert.Single(_rig.Files), StringComparison.Ordinal);
        Assert.Equal((0, 0), store.Size);
    }

    [Fact]
    public void One_that_is_damaged_plays_up_to_there_and_is_not_cut()
    {
        var bytes = Recorded();
        var end = new Mp4File(bytes).FragmentEnds[0];
        var path = Path.Combine(_rig.Folder, "cam0", $"cam0-00000001-{Time}.mp4");
        byte[] damaged = [.. bytes[..end], .. new byte[SegmentCheck.MaxUnfinished + 1]];
        File.WriteAllBytes(path, damaged);
        var segment = Assert.Single(_rig.Store().Opened().List(null, null, null, null, 10));
        Assert.Equal((end, damaged.Length), (segment.Bytes, new FileInfo(path).Length));
        Assert.Equal(1, _rig.Log.Count("is damaged"));
    }

    [Fact]
    public void Names_are_enough_to_count_number_and_delete_and_the_rest_is_read_beside()
    {
        var before = _rig.Store();
        for (var i = 0; i < 3; i++)
            _rig.Write(before);
        var recorder = _rig.Recorder(before);
        _rig.Feed(recorder, 0, 130); // the agent dies with it
        var size = new FileInfo(_rig.Files[0]).Length;
        var store = _rig.Store(new(_rig.Files.Sum(static file => new FileInfo(file).Length), 0));

        Assert.Null(store.MakeRoom(size)); // though nobody has called Open
        Assert.Equal((3, 3), (store.Size.Segments, store.Unread));
        var unfinished = Path.GetFileNameWithoutExtension(_rig.Files[^1]);
        Assert.Empty(Numbers(store));
        Assert.Null(store.Find(unfinished));
        Assert.Null(store.TryRead(unfinished, out _));
        var id = _rig.Write(store);
        Assert.Equal(5, id.Number);
        Assert.Equal([5L], Numbers(store));
        store.ReadHeads();
        Assert.Equal([5L, 4L, 3L, 2L], Numbers(store));
        Assert.Equal((120u, 0), (store.Find(unfinished)!.Pictures, store.Unread));
    }

    [Fact]
    public void A_quota_that_is_used_up_comes_with_a_remedy() =>
        Assert.Contains("raise the quota", DiskFault.InWords(new IOException("Disk quota exceeded", 122)), StringComparison.Ordinal);

    [Fact]
    public void One_agent_has_the_folder_until_it_has_ended()
    {
        var first = _rig.Store();
        var recorder = _rig.Recorder(first);
        _rig.Feed(recorder, 0, 130);
        var written = File.ReadAllBytes(Assert.Single(_rig.Files));
        using var second = _rig.Beside();
        var failure = Assert.Throws<IOException>(second.Open);
        Assert.Contains("another edgecam", DiskFault.InWords(failure), StringComparison.Ordinal);
        var other = _rig.Recorder(second, camera: "cam1");
        _rig.Feed(other, 0, 130);
        Assert.Equal(RecorderState.Failed, other.Status.State);
        Assert.Contains("another edgecam", other.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(written, File.ReadAllBytes(Assert.Single(_rig.Files))); // nobody has closed it
        recorder.Finish(null);
        first.Dispose();
        Assert.Throws<IOException>(first.Open);

        _rig.Feed(other, 130, 360);
        Assert.Equal(RecorderState.Recording, other.Status.State);
        other.Finish(null);
        Assert.Equal([1L, 2L], second.Opened().List(null, null, null, null, 10).Select(static segment => segment.Id.Number).Order());
    }

    private static IEnumerable<long> Numbers(RecordingStore store) => store.List(null, null, null, null, 10).Select(static segment => segment.Id.Number);

    private string PathOf(SegmentId id) => Path.Combine(_rig.Folder, id.Camera, $"{id}.mp4");

    /// <summary>A store that has as many as it may have, of two cameras in turns.</summary>
    private RecordingStore Filled(int count, out long size, TimeSpan? maxAge = null)
    {
        var first = PathOf(_rig.Write(_rig.Store()));
        size = new FileInfo(first).Length;
        File.Delete(first);
        var store = _rig.Store(new(size * count, 0, maxAge));
        for (var i = 0; i < count; i++)
            _rig.Write(store, camera: i % 2 == 0 ? "cam0" : "cam1");
        return store;
    }

    /// <summary>Puts something in its place that root cannot delete either: a folder that is not empty.</summary>
    private SegmentId Stick(long number, RecordingStore store)
    {
        var id = store.List(null, null, null, null, 10).First(segment => segment.Id.Number == number).Id;
        File.Delete(PathOf(id));
        Directory.CreateDirectory(Path.Combine(PathOf(id), "in it"));
        return id;
    }

    private void Put(int number, byte[] bytes)
    {
        var home = Directory.CreateDirectory(Path.Combine(_rig.Folder, "cam0")).FullName;
        File.WriteAllBytes(Path.Combine(home, $"cam0-{number:D8}-{Time}.mp4"), bytes);
    }

    private static byte[] Noise()
    {
        var noise = new byte[SegmentCheck.MaxUnfinished + 1];
        new Random(5).NextBytes(noise);
        return noise;
    }

    private (SegmentId Id, SegmentFile File) Begin(RecordingStore store)
    {
        using var first = _rig.Picture(0);
        return store.Begin("cam0", new(_rig.Time.GetUtcNow(), ""), AvcTrack.TryFrom(first)!);
    }

    /// <summary>A file of three fragments and no end.</summary>
    private byte[] Recorded()
    {
        var recorder = _rig.Recorder(_rig.Store());
        _rig.Feed(recorder, 0, 200);
        var bytes = File.ReadAllBytes(Assert.Single(_rig.Files));
        recorder.Finish(null);
        File.Delete(_rig.Files[0]);
        return bytes;
    }
}
