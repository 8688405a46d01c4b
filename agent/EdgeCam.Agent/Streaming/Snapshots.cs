using System.Collections.Concurrent;
using EdgeCam.Agent.Cameras;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Streaming;

/// <summary>
/// JPEGs of cameras' latest pictures. Bound: one is made at a time for a camera, and whoever asks meanwhile gets the same; one is kept for as long as it is the latest
/// picture, or for a second.
/// </summary>
/// <param name="decode">Makes a JPEG of the last of so many pictures. It calls the function once, on the thread that decodes, for their Annex B: whoever asks for one is not held up by megabytes.</param>
/// <param name="time">Tells how long a key frame is waited for.</param>
internal sealed class Snapshots(Func<Func<ReadOnlyMemory<byte>>, int, Task<JpegResult>> decode, Func<Instant> clock, TimeProvider time)
{
    public static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);

    /// <summary>Where the latest group of pictures is not kept, a key frame that was asked for has so long to come.</summary>
    public static readonly TimeSpan KeyFramePatience = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, Slot> _slots = new(StringComparer.Ordinal); // one to a camera there is

    /// <summary>The latest picture, or one of less than a second before; or why there is none.</summary>
    public Task<JpegResult> TakeAsync(LiveStream stream)
    {
        var slot = _slots.GetOrAdd(stream.Name, static _ => new());
        lock (slot)
        {
            if (slot.Task is { IsCompleted: false } underWay)
                return underWay;
            List<AccessUnit> group = [];
            stream.CopyLatestTo(group);
            if (group.Count > 0)
                return slot.IsFresh(group[^1].Number, clock()) ? Keep(slot, group) : slot.Task = DecodeAsync(slot, group);
            return stream.IsLive ? slot.Task = AskAsync(stream, slot) : Task.FromResult(NoPicture(stream));
        }
    }

    private static Task<JpegResult> Keep(Slot slot, List<AccessUnit> group)
    {
        group.ForEach(static unit => unit.Dispose());
        return slot.Task!;
    }

    private Task<JpegResult> DecodeAsync(Slot slot, List<AccessUnit> group)
    {
        (slot.Number, slot.At) = (group[^1].Number, clock());
        return decode(() => AnnexB(group), group.Count);
    }

    /// <summary>The camera is live, but its latest group has outgrown what is kept: a key frame begins another one.</summary>
    private async Task<JpegResult> AskAsync(LiveStream stream, Slot slot)
    {
        var next = new NextKeyFrame();
        List<AccessUnit> group = [];
        stream.Subscribe(next);
        try
        {
            stream.RequestKeyFrame();
            await next.Come.WaitAsync(KeyFramePatience, time);
        }
        catch (TimeoutException)
        {
            // It gives none when it is asked.
        }
        finally
        {
            stream.Unsubscribe(next);
        }

        stream.CopyLatestTo(group);
        if (group.Count > 0)
            return await DecodeAsync(slot, group);
        return stream.IsLive
            ? new(
                null, "the camera's key frames are too far apart: of more than 240 pictures or 8 MiB from one to the next there is no picture at any time",
                "Set cameras[].keyFrameInterval to 240 or less; that of an IP camera is set in the camera")
            : NoPicture(stream);
    }

    private static JpegResult NoPicture(LiveStream stream) => new(null, $"the camera gives no picture now{(stream.Detail.Length > 0 ? $": {stream.Detail}" : "")}", "Try again in a moment");

    /// <summary>Gives the pictures back.</summary>
    private static ReadOnlyMemory<byte> AnnexB(List<AccessUnit> group)
    {
        try
        {
            var bytes = new byte[group.Sum(static unit => NalUnits(unit))];
            var length = 0;
            foreach (var unit in group)
            {
                foreach (var nal in unit.NalUnits)
                {
                    bytes[length + 3] = 1; // the start code
                    unit.Block.Slice(nal.Offset, nal.Length).CopyTo(bytes.AsSpan(length + 4));
                    length += 4 + nal.Length;
                }
            }

            return bytes;
        }
        finally
        {
            group.ForEach(static unit => unit.Dispose());
        }
    }

    private static int NalUnits(AccessUnit unit)
    {
        var bytes = 0;
        foreach (var nal in unit.NalUnits)
            bytes += 4 + nal.Length;
        return bytes;
    }

    private sealed class Slot
    {
        public Task<JpegResult>? Task { get; set; }

        public long Number { get; set; }

        public Instant At { get; set; }

        /// <summary>What was made last is that picture, or of this second.</summary>
        public bool IsFresh(long latest, Instant now) => Task is { IsCompletedSuccessfully: true, Result.Jpeg: not null } && (Number == latest || now - At < Kept);
    }

    /// <summary>Notes that an IDR picture has come; the stream keeps it.</summary>
    private sealed class NextKeyFrame : IFrameReceiver
    {
        private readonly TaskCompletionSource _come = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Come => _come.Task;

        public void Offer(LiveStream stream, AccessUnit unit)
        {
            if (unit.IsIdr)
                _come.TrySetResult();
        }
    }
}
