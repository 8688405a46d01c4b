using EdgeCam.Agent.Recording;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Recording;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>What is kept, what goes, and what a kill or a power cut leaves behind.</summary>
public sealed class RecordingStoreTests : IDisposable
{
    private readonly RecordingRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Cut_off_anywhere_it_has_every_whole_fragment_and_no_part_of_another()
    {
        var (id, bytes) = Unfinished(200);
        var ends = new Mp4File(bytes).FragmentEnds;
        Assert.Equal(3, ends.Count);
        var random = new Random(7);
        int[] cuts = [0, 1, 100, .. ends.SelectMany(static end => new[] { end - 1, end, end + 1, end + 7, end + 300 }), .. Enumerable.Range(0, 60).Select(_ => random.Next(bytes.Length))];
        foreach (var cut in cuts.Where(cut => cut <= bytes.Length))
            Reopen(id, bytes[..cut], [.. ends.Where(end => end <= cut)], $"cut at {cut}");
    }

    [Fact]
    public void What_the_disk_lost_of_the_last_fragment_is_seen()
    {
        var (id, bytes) = Unfinished(200);
        var ends = new Mp4File(bytes).FragmentEnds;
        var random = new Random(11);
        for (var round = 0; round < 60; round++)
        {
            // Pages of what was not on the disk yet: zero, as a file system leaves them, or of another time.
            var torn = bytes.ToArray();
            var start = random.Next(ends[1], bytes.Length - 1);
            var page = torn.AsSpan(start, Math.Min(random.Next(1, 9000), bytes.Length - start));
            if (round % 2 == 0 && page.IndexOfAnyExcept((byte)0) >= 0)
                page.Clear();
            else
                page[random.Next(page.Length)] ^= (byte)(1 << random.Next(8));
            Reopen(id, torn, [ends[0], ends[1]], $"round {round}");
        }
    }

    [Fact]
    public void A_segment_that_was_closed_is_never_written_again()
    {
        var id = _rig.Write(_rig.Store());
        var path = Assert.Single(_rig.Files);
        var (before, written) = (File.ReadAllBytes(path), File.GetLastWriteTimeUtc(path));
        var store = _rig.Store().Opened();
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal(written, File.GetLastWriteTimeUtc(path));
        var segment = store.Find(id.ToString())!;
        Assert.Equal((10u, before.Length, false), (segment.Pictures, segment.Bytes, segment.IsOpen));
        Assert.Equal(1.0 / 3, segment.Duration.TotalSeconds, 0.001);
    }

    [Fact]
    public void Numbers_go_on_after_a_start_whatever_the_clock_says()
    {
        _rig.Write(_rig.Store());
        using var later = new RecordingRig(isClockSet: false); // the battery is empty
        var store = _rig.Store(of: later).Opened();
        var id = later.Write(store);
        Assert.Equal((2, false), (id.Number, id.IsClockSet));
        Assert.Equal([2L, 1L], store.List(null, null, null, null, 10).Select(static segment => segment.Id.Number)); // the newest first
    }

    [Fact]
    public void The_oldest_go_where_there_is_more_than_there_may_be_but_none_that_is_written_or_read()
    {
        var size = new FileInfo(PathOf(_rig.Write(_rig.Store()))).Length;
        var store = _rig.Store(new(MaxBytes: (size * 4) + 10, 0)).Opened();
        for (var i = 0; i < 3; i++)
            _rig.Write(store, camera: i == 1 ? "cam1" : "cam0");
        using var read = store.TryRead(store.List(null, null, null, null, 10)[^1].Id.ToString(), out _)!; // number 1
        using var first = _rig.Picture(0);
        var (open, file) = store.Begin("cam0", new(_rig.Time.GetUtcNow(), ""), EdgeCam.Agent.Recording.Mp4.AvcTrack.TryFrom(first)!); // number 5

        Assert.Null(store.MakeRoom(size));
        Assert.Equal([4L, 3L, 1L], Numbers(store));
        Assert.Null(store.MakeRoom(size * 3));
        Assert.Equal([1L], Numbers(store));
        Assert.Contains("none to delete", store.MakeRoom(size * 4), StringComparison.Ordinal);
        read.Dispose();
        Assert.Null(store.MakeRoom(size * 4));
        Assert.Empty(Numbers(store));
        store.End(open, file);
        Assert.Empty(_rig.Files);
        Assert.Equal((0, 0), store.Size);
    }

    [Fact]
    public void Room_that_a_file_system_tells_of_later_does_not_cost_one_segment_after_the_other()
    {
        var size = new FileInfo(PathOf(_rig.Write(_rig.Store()))).Length;
        var store = _rig.Store(new(long.MaxValue / 4, MinFree: 10_000_000 + (size * 5 / 2)), static _ => 10_000_000).Opened();
        for (var i = 0; i < 9; i++)
            _rig.Write(store);
        Assert.Null(store.MakeRoom(size)); // three and a half are missing
        Assert.Equal([10L, 9L, 8L, 7L, 6L, 5L], Numbers(store));
    }

    [Fact]
    public void Where_all_of_it_would_not_make_enough_room_nothing_is_deleted()
    {
        var size = new FileInfo(PathOf(_rig.Write(_rig.Store()))).Length;
        var store = _rig.Store(new(long.MaxValue / 4, MinFree: 10_000_000 + (size * 2)), static _ => 10_000_000).Opened();
        Assert.Contains("10 MB left", store.MakeRoom(0), StringComparison.Ordinal); // somebody else has filled the disk
        Assert.Equal([1L], Numbers(store));
    }

    [Fact]
    public void What_is_too_old_goes_as_far_as_its_time_is_known()
    {
        var store = _rig.Store(RecordingRig.Plenty with { MaxAge = TimeSpan.FromDays(7) });
        var old = _rig.Write(store);
        using var unset = new RecordingRig(isClockSet: false);
        var undated = unset.Write(_rig.Store(of: unset).Opened());
        _rig.Time.Advance(TimeSpan.FromDays(4));
        var young = _rig.Write(_rig.Store().Opened());
        store = _rig.Store(RecordingRig.Plenty with { MaxAge = TimeSpan.FromDays(7) }).Opened();

        store.Expire();
        Assert.NotNull(store.Find(old.ToString()));
        _rig.Time.Advance(TimeSpan.FromDays(4));
        store.Expire();
        Assert.Null(store.Find(old.ToString()));
        Assert.NotNull(store.Find(undated.ToString()));
        Assert.NotNull(store.Find(young.ToString()));
    }

    [Fact]
    public void What_was_recorded_a_moment_ago_stays_when_the_clock_is_set_on()
    {
        var store = _rig.Store(RecordingRig.Plenty with { MaxAge = TimeSpan.FromDays(7) });
        _rig.Write(store); // the device shows the time of its last shutdown
        _rig.Time.JumpWallClock(TimeSpan.FromDays(30));
        for (var i = 0; i < 4; i++)
        {
            store.Expire();
            _rig.Time.Advance(ClockWatch.Doubt);
        }

        Assert.Equal([1L], Numbers(store));
        _rig.Time.Advance(TimeSpan.FromDays(7));
        store.Expire();
        Assert.Empty(Numbers(store));
    }

    [Fact]
    public void Nothing_of_before_goes_for_ten_minutes_after_the_clock_has_jumped()
    {
        _rig.Write(_rig.Store());
        var store = _rig.Store(RecordingRig.Plenty with { MaxAge = TimeSpan.FromDays(7) }).Opened();
        _rig.Time.JumpWallClock(TimeSpan.FromDays(30)); // a server of the network is wrong
        store.Expire();
        _rig.Time.Advance(TimeSpan.FromMinutes(1));
        _rig.Time.JumpWallClock(-TimeSpan.FromDays(30));
        store.Expire();
        _rig.Time.Advance(ClockWatch.Doubt);
        store.Expire();
        Assert.Equal([1L], Numbers(store));

        _rig.Time.JumpWallClock(TimeSpan.FromDays(30)); // and here it was right
        store.Expire();
        Assert.Equal([1L], Numbers(store));
        _rig.Time.Advance(ClockWatch.Doubt);
        store.Expire();
        Assert.Empty(Numbers(store));
    }

    [Fact]
    public void What_is_fetched_in_pieces_stays_for_half_a_minute_after_each()
    {
        var size = new FileInfo(PathOf(_rig.Write(_rig.Store()))).Length;
        var store = _rig.Store(new(size, 0)).Opened();
        for (var i = 0; i < 3; i++)
        {
            store.TryRead($"cam0-00000001-21000501T120000Z", out _, isPiece: true)!.Dispose();
            _rig.Time.Advance(RecordingStore.Lent * 0.9);
            Assert.NotNull(store.MakeRoom(size));
        }

        _rig.Time.Advance(RecordingStore.Lent * 0.2);
        Assert.Null(store.MakeRoom(size));
        Assert.Empty(Numbers(store));
    }

    [Fact]
    public void Those_who_fetch_in_pieces_keep_eight_at_most()
    {
        var size = new FileInfo(PathOf(_rig.Write(_rig.Store()))).Length;
        var store = _rig.Store(new(size * 10, 0)).Opened();
        for (var i = 1; i < 10; i++)
            _rig.Write(store);
        foreach (var segment in store.List(null, null, null, null, 10).Reverse())
            store.TryRead(segment.Id.ToString(), out _, isPiece: true)!.Dispose();
        Assert.Null(store.MakeRoom(size * 2)); // the first two
        Assert.NotNull(store.MakeRoom(size * 3));
        Assert.Equal(RecordingStore.MaxLent, store.Size.Segments);
    }

    [Fact]
    public void That_there_are_too_many_is_told_once()
    {
        var store = _rig.Store(RecordingRig.Plenty with { MaxSegments = 3 });
        for (var i = 0; i < 6; i++)
        {
            Assert.Null(store.MakeRoom(0));
            _rig.Write(store);
        }

        Assert.Equal([6L, 5L, 4L], Numbers(store));
        Assert.Equal(1, _rig.Log.Count("as many as there may be"));
    }

    [Theory]
    [InlineData("../cam0-00000001-21000501T120000Z")]
    [InlineData("cam0/cam0-00000001-21000501T120000Z")]
    [InlineData("/etc/passwd")]
    [InlineData("cam0-00000001-21000501T120000Z.mp4")]
    [InlineData("cam0-00000001-21000501T120000Z\0")]
    [InlineData("cam0-00000001-21000501T120000Z\n")]
    [InlineData("cam0-00000001-21000501T120000U")]
    [InlineData("cam0-00000002-21000501T120000Z")]
    [InlineData("cam1-00000001-21000501T120000Z")]
    [InlineData("cam0-00000001-21009901T120000Z")]
    [InlineData("cam0-٠٠٠٠٠٠٠١-21000501T120000Z")]
    [InlineData("")]
    public void What_is_no_id_of_a_recording_leads_nowhere(string text)
    {
        var store = _rig.Store();
        Assert.Equal("cam0-00000001-21000501T120000Z", _rig.Write(store).ToString());
        Assert.NotNull(store.Find("cam0-00000001-21000501T120000Z"));
        Assert.Null(store.Find(text));
        Assert.Null(store.TryRead(text, out _));
    }

    [Fact]
    public void Files_of_others_stay_and_are_not_listed()
    {
        var path = PathOf(_rig.Write(_rig.Store()));
        var (foreign, elsewhere) = (Path.Combine(Path.GetDirectoryName(path)!, "holiday.mp4"), Path.Combine(_rig.Folder, "other"));
        Directory.CreateDirectory(elsewhere);
        File.Copy(path, foreign);
        File.Copy(path, Path.Combine(elsewhere, Path.GetFileName(path))); // of cam0, in another's folder
        Directory.CreateDirectory(Path.Combine(_rig.Folder, "lost+found"), UnixFileMode.None); // to the agent's user, who is not root, it is closed
        Assert.Equal(1, _rig.Store().Opened().Size.Segments);
        Directory.Delete(Path.Combine(_rig.Folder, "lost+found"));
        Assert.Equal(3, _rig.Files.Count);
    }

    [Fact]
    public void Only_so_many_are_read_at_once()
    {
        var store = _rig.Store();
        var id = _rig.Write(store).ToString();
        var readers = Enumerable.Range(0, 16).Select(_ => store.TryRead(id, out var busy)).ToList();
        Assert.All(readers, Assert.NotNull);
        Assert.Null(store.TryRead(id, out var isBusy));
        Assert.True(isBusy);
        readers.ForEach(static reader => reader!.Dispose());
        using var again = store.TryRead(id, out isBusy);
        Assert.True(again is not null && !isBusy);
    }

    [Fact]
    public void The_list_is_bounded_and_goes_on_where_it_ended()
    {
        var store = _rig.Store();
        for (var i = 0; i < 5; i++)
        {
            _rig.Write(store, camera: i % 2 == 0 ? "cam0" : "cam1");
            _rig.Time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal([5L, 4L], Numbers(store, most: 2));
        Assert.Equal([3L, 2L], Numbers(store, before: 4, most: 2));
        Assert.Equal([5L, 3L, 1L], Numbers(store, camera: "cam0"));
        var second = ManualTime.SetClock.AddHours(1);
        Assert.Equal([3L, 2L], Numbers(store, from: second, to: second.AddHours(1.5)));
        Assert.Equal([2L], Numbers(store, from: second.AddSeconds(0.2), to: second.AddSeconds(0.3))); // in the midst of it
    }

    private static IEnumerable<long> Numbers(RecordingStore store, string? camera = null, DateTimeOffset? from = null, DateTimeOffset? to = null, long? before = null, int most = 10) =>
        store.List(camera, from, to, before, most).Select(static segment => segment.Id.Number);

    private string PathOf(SegmentId id) => Path.Combine(_rig.Folder, id.Camera, $"{id}.mp4");

    /// <summary>A segment of which the agent died: three fragments, and no end.</summary>
    private (SegmentId Id, byte[] Bytes) Unfinished(int pictures)
    {
        var recorder = _rig.Recorder(_rig.Store(), label: "unfinished");
        _rig.Feed(recorder, 0, pictures);
        var path = Assert.Single(_rig.Files);
        var bytes = File.ReadAllBytes(path);
        recorder.Finish(null);
        File.Delete(path);
        return (SegmentId.TryParse(Path.GetFileNameWithoutExtension(path))!, bytes);
    }

    /// <summary>Starts with such a file, and looks at what becomes of it.</summary>
    /// <param name="whole">Where its whole fragments end.</param>
    private void Reopen(SegmentId id, byte[] left, int[] whole, string when)
    {
        File.WriteAllBytes(PathOf(id), left);
        var store = _rig.Store().Opened();
        if (whole.Length == 0)
        {
            Assert.True(_rig.Files.Count == 0 && store.Size == (0, 0), when);
            return;
        }

        var file = new Mp4File(PathOf(id));
        Assert.True(file.Fragments.Count == whole.Length, $"{when}: {file.Fragments.Count} of {whole.Length}");
        Assert.True(file.Bytes[..whole[^1]].SequenceEqual(left.AsSpan(0, whole[^1])), when);
        Assert.Equal("mfra", file.Boxes[^1].Type);
        var segment = Assert.Single(store.List(null, null, null, null, 10));
        Assert.Equal(("unfinished", (uint)file.Samples.Count, new FileInfo(PathOf(id)).Length), (segment.Label, segment.Pictures, segment.Bytes));
        Assert.Equal(segment, _rig.Store().Opened().Find(id.ToString())); // read by its end, it says the same
        File.Delete(PathOf(id));
    }
}
