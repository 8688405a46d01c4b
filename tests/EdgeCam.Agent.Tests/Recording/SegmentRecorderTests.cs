using System.Buffers.Binary;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Recording;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Recording;

/// <summary>Pictures in, files out. In virtual time; the disk is a real one.</summary>
public sealed class SegmentRecorderTests : IDisposable
{
    private readonly RecordingRig _rig = new();

    public void Dispose()
    {
        Assert.Equal(0, _rig.Outstanding);
        _rig.Dispose();
    }

    [Fact]
    public void A_segment_has_all_pictures_as_they_came_and_others_decode_them()
    {
        var recorder = _rig.Recorder(_rig.Store());
        _rig.Feed(recorder, 0, 150);
        recorder.Finish(null);

        var path = Assert.Single(_rig.Files);
        var file = new Mp4File(path);
        Assert.Equal(["ftyp", "uuid", "moov", "moof", "mdat", "free", "moof", "mdat", "free", "moof", "mdat", "free", "uuid", "mfra"], file.Boxes.Select(static box => box.Type));
        Assert.Equal(150, file.Samples.Count);
        Assert.Equal([0, 60, 120], file.Samples.Index().Where(static item => item.Item.IsSync).Select(static item => item.Index));
        for (var i = 0; i < 150; i++)
        {
            Assert.Equal(RecordingRig.NalUnits(i).Where(static nal => (nal[0] & 0x1F) is not (7 or 8 or 9)).SelectMany(Counted), file.Samples[i].Data);
            Assert.InRange(file.Samples[i].Time - (i * 3000L), -1, 1); // rounding of the ticks of 100 ns
        }

        var times = Mp4File.Decode(path);
        Assert.Equal(150, times.Count);
        Assert.Equal(file.Samples.Select(static sample => sample.Time), times);
    }

    [Fact]
    public void The_header_says_what_the_decoder_needs_and_the_index_where_to_begin()
    {
        var recorder = _rig.Recorder(_rig.Store(), label: "a fox");
        _rig.Feed(recorder, 0, 150);
        recorder.Finish(null);
        var file = new Mp4File(_rig.Files[0]);

        Assert.True(file.Find("ftyp").StartsWith("iso6"u8));
        var entry = file.Find("moov/trak/mdia/minf/stbl/stsd+8/avc1");
        Assert.Equal((1280, 720), (BinaryPrimitives.ReadUInt16BigEndian(entry[24..]), BinaryPrimitives.ReadUInt16BigEndian(entry[26..])));
        var (sequence, picture) = (RecordingRig.NalUnits(0)[0], RecordingRig.NalUnits(0)[1]);
        byte[] avcc = [1, .. sequence[1..4], 0xFF, 0xE1, 0, (byte)sequence.Length, .. sequence, 1, 0, (byte)picture.Length, .. picture];
        Assert.Equal(avcc, file.Find("moov/trak/mdia/minf/stbl/stsd+8/avc1+78/avcC").ToArray());
        Assert.Equal(90_000u, BinaryPrimitives.ReadUInt32BigEndian(file.Find("moov/trak/mdia/mdhd")[20..]));
        Assert.EndsWith("a fox", System.Text.Encoding.UTF8.GetString(file.Find("uuid")), StringComparison.Ordinal);

        var index = file.Find("mfra/tfra");
        Assert.Equal(3, BinaryPrimitives.ReadInt32BigEndian(index[12..]));
        var synchronous = file.Samples.Where(static sample => sample.IsSync).ToList();
        for (var i = 0; i < 3; i++)
        {
            var row = index[(16 + (i * 22))..];
            Assert.Equal(
                (synchronous[i].Time, (long)synchronous[i].Fragment, 1, 1, synchronous[i].Number),
                (BinaryPrimitives.ReadInt64BigEndian(row), BinaryPrimitives.ReadInt64BigEndian(row[8..]), (int)row[16], (int)row[17], BinaryPrimitives.ReadInt32BigEndian(row[18..])));
        }

        Assert.Equal(file.Find("mfra").Length + 8, BinaryPrimitives.ReadInt32BigEndian(file.Find("mfra/mfro")[4..]));
    }

    [Fact]
    public void What_is_on_the_disk_before_the_end_plays_already()
    {
        var recorder = _rig.Recorder(_rig.Store());
        _rig.Feed(recorder, 0, 130);

        Assert.Equal(120, Mp4File.Decode(_rig.Files[0]).Count); // all but the fragment that is being collected
        recorder.Finish(null);
        Assert.Equal(130, Mp4File.Decode(_rig.Files[0]).Count);
    }

    [Fact]
    public void A_segment_is_as_long_as_was_said_and_the_next_one_begins_with_the_next_picture()
    {
        var store = _rig.Store();
        var recorder = _rig.Recorder(store, segmentSeconds: 5);
        _rig.Feed(recorder, 0, 360 + 10);
        recorder.Finish(null);

        var segments = store.List(null, null, null, null, 10);
        Assert.Equal([10u, 180u, 180u], segments.Select(static segment => segment.Pictures)); // six seconds: three groups
        Assert.Equal(segments[1].Start, segments[2].End, TimeSpan.FromMilliseconds(2));
        Assert.All(_rig.Files, file => Mp4File.Decode(file));
        Assert.Single(_rig.Told); // one start
    }

    [Fact]
    public void Other_parameter_sets_begin_another_segment_at_their_IDR_picture()
    {
        var store = _rig.Store();
        var recorder = _rig.Recorder(store);
        _rig.Feed(recorder, 0, 60);
        byte[] other = [.. RecordingRig.NalUnits(0)[0]];
        other[3]++; // another level
        using (var unit = _rig.Picture(60, other))
            recorder.Take(unit);
        _rig.Feed(recorder, 61, 20);
        recorder.Finish(null);

        Assert.Equal([21u, 60u], store.List(null, null, null, null, 10).Select(static segment => segment.Pictures));
    }

    [Fact]
    public void What_was_dropped_on_the_way_costs_the_pictures_up_to_the_next_IDR_picture()
    {
        var store = _rig.Store();
        var recorder = _rig.Recorder(store);
        _rig.Feed(recorder, 0, 70);
        _rig.Lose(5);
        _rig.Feed(recorder, 75, 75);
        recorder.Finish(null);

        Assert.Equal(100u, Assert.Single(store.List(null, null, null, null, 10)).Pictures); // 70, and 30 from the IDR picture on
        Assert.Equal(45, _rig.Drops[Stage.Record, DropReason.WaitingForIdr]);
        var times = Mp4File.Decode(_rig.Files[0]);
        Assert.Equal(100, times.Count);
        Assert.InRange(times[70], (120 * 3000) - 2, (120 * 3000) + 2); // and later ones are where they belong
    }

    [Fact]
    public void A_camera_that_is_gone_ends_the_segment_and_its_return_begins_another()
    {
        var store = _rig.Store();
        var recorder = _rig.Recorder(store);
        _rig.Feed(recorder, 0, 30);
        _rig.Time.Advance(SegmentRecorder.Pause - TimeSpan.FromSeconds(1));
        recorder.HandleIdle();
        Assert.Empty(_rig.Files);
        _rig.Time.Advance(TimeSpan.FromSeconds(2));
        recorder.HandleIdle();
        Assert.Equal(RecorderState.Waiting, recorder.Status.State);
        Assert.Equal(30, Mp4File.Decode(Assert.Single(_rig.Files)).Count);

        _rig.Feed(recorder, 31, 20); // and its first pictures are no beginning
        _rig.Feed(recorder, 120, 10);
        recorder.Finish(null);
        Assert.Equal([10u, 30u], store.List(null, null, null, null, 10).Select(static segment => segment.Pictures));
        Assert.Equal(1.0, store.List(null, null, null, null, 10)[1].Duration.TotalSeconds, 0.05); // not as long as it was away
    }

    [Fact]
    public void Pictures_that_come_twice_are_there_once()
    {
        var store = _rig.Store();
        var recorder = _rig.Recorder(store);
        using var first = _rig.Picture(0);
        using var second = _rig.Picture(1);
        foreach (var unit in new[] { first, second, first, second })
            recorder.Take(unit);
        recorder.Finish(null);
        Assert.Equal(2u, Assert.Single(store.List(null, null, null, null, 10)).Pictures);
    }

    [Fact]
    public void Without_a_set_clock_it_is_recorded_all_the_same_and_marked()
    {
        using var rig = new RecordingRig(isClockSet: false);
        var store = rig.Store();
        var recorder = rig.Recorder(store);
        rig.Feed(recorder, 0, 10);
        recorder.Finish(null);
        Assert.EndsWith("U.mp4", Assert.Single(rig.Files), StringComparison.Ordinal);
        Assert.False(Assert.Single(store.List(null, null, null, null, 10)).Id.IsClockSet);
    }

    [Fact]
    public void A_clock_that_is_set_before_the_first_fragment_is_there_says_nothing_of_its_pictures()
    {
        using var rig = new RecordingRig(isClockSet: false);
        var recorder = rig.Recorder(rig.Store());
        rig.Feed(recorder, 0, 30);
        rig.Time.JumpWallClock(TimeSpan.FromDays(365 * 100));
        rig.Feed(recorder, 30, 60);
        recorder.Finish(null);
        Assert.EndsWith("19700101T000000U.mp4", Assert.Single(rig.Files), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_little_may_be_kept_segments_are_smaller_and_what_was_before_does_not_go_all_at_once()
    {
        const int Megabyte = 1_000_000;
        Assert.Equal((1024L * 1024 * 1024, 50L * Megabyte, 4L * Megabyte), (Bytes(100_000, 1), Bytes(400, 2), Bytes(16, 1)));
        var limits = new RecordingLimits(8 * Megabyte, 0);
        var store = _rig.Store(limits);
        var recorder = _rig.Recorder(store, segmentSeconds: 3600, segmentBytes: limits.SegmentBytes(1));
        var least = long.MaxValue;
        for (var i = 0; i < 60; i++)
        {
            _rig.Feed(recorder, i * RecordingRig.Group, RecordingRig.Group);
            if (store.Size.Bytes > 4 * Megabyte)
                least = Math.Min(least, store.List(null, null, null, null, 100).Where(static segment => !segment.IsOpen).Sum(static segment => segment.Bytes));
        }

        recorder.Finish(null);
        Assert.True(least > Megabyte, $"{least}");
        Assert.StartsWith("started", Assert.Single(_rig.Told), StringComparison.Ordinal); // never full
        static long Bytes(int megabytes, int cameras) => new RecordingLimits((long)megabytes * Megabyte, 0).SegmentBytes(cameras);
    }

    [Fact]
    public void A_full_disk_is_named_once_and_it_goes_on_by_itself_when_there_is_room()
    {
        long free = 100_000_000;
        var store = _rig.Store(new(long.MaxValue / 4, MinFree: 50_000_000), _ => free);
        var recorder = _rig.Recorder(store);
        _rig.Feed(recorder, 0, 130);
        free = 49_000_000;
        _rig.Feed(recorder, 130, 360);

        Assert.Equal(RecorderState.Full, recorder.Status.State);
        Assert.Contains("49 MB left", recorder.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(120, Mp4File.Decode(Assert.Single(_rig.Files)).Count); // what there was before is whole, and stays
        Assert.True(_rig.Drops[Stage.Record, DropReason.StorageFailed] > 0);

        free = 100_000_000;
        _rig.Feed(recorder, 490, 30 * 40);
        Assert.Equal(RecorderState.Recording, recorder.Status.State);
        recorder.Finish(null);
        Assert.Equal(["started", "full", "resumed"], _rig.Told.Select(static told => told.Split(' ')[0]));
        Assert.Equal(2, _rig.Files.Count);
        Assert.NotEmpty(Mp4File.Decode(_rig.Files[1]));
    }

    [Fact]
    public void A_real_disk_that_is_full_loses_no_fragment_that_was_finished()
    {
        using var disk = SmallDisk.Mount(8);
        var store = _rig.Store(folder: disk.Folder); // it believes that there is room
        var recorder = _rig.Recorder(store);
        _rig.Feed(recorder, 0, 130);
        disk.Fill();
        _rig.Feed(recorder, 130, 120);
        Assert.Equal((RecorderState.Full, true), (recorder.Status.State, recorder.Status.Detail.Contains("full", StringComparison.Ordinal)));
        Assert.Equal(120, Mp4File.Decode(Assert.Single(disk.Files)).Count);

        disk.Empty();
        _rig.Feed(recorder, 250, 300);
        recorder.Finish(null);
        Assert.Equal(["started", "full", "resumed"], _rig.Told.Select(static told => told.Split(' ')[0]));
        Assert.All(disk.Files, static file => Mp4File.Decode(file));
        Assert.Equal(2, store.List(null, null, null, null, 10).Count);
        Assert.Equal(2, _rig.Store(folder: disk.Folder).Opened().Size.Segments);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_a_named_failure_that_is_tried_again()
    {
        var place = Path.Combine(_rig.Folder, "recordings");
        File.WriteAllText(place, "in the way");
        var recorder = _rig.Recorder(_rig.Store(folder: place));
        _rig.Feed(recorder, 0, 130);
        Assert.Equal(RecorderState.Failed, recorder.Status.State);
        Assert.DoesNotContain("/", recorder.Status.Detail.Replace("(dmesg)", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.StartsWith("failed", Assert.Single(_rig.Told), StringComparison.Ordinal);

        File.Delete(place);
        _rig.Feed(recorder, 130, 360);
        Assert.Equal(RecorderState.Recording, recorder.Status.State);
        recorder.Finish(null);
    }

    private static IEnumerable<byte> Counted(byte[] nalUnit)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, nalUnit.Length);
        return length.Concat(nalUnit);
    }
}
