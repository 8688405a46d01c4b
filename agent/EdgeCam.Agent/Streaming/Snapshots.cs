using System.Collections.Concurrent;
using EdgeCam.Agent.Cameras;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Streaming;

/// <summary>
/// JPEGs of cameras' latest pictures. Bound: one is made at a time for a camera, and whoever asks meanwhile gets the same; one is kept for as long as it is the latest
/// picture, or for a second.
/// </summary>
/// <param name="decode">Makes a JPEG of the last of so many pictures in Annex B.</param>
internal sealed class Snapshots(Func<ReadOnlyMemory<byte>, int, Task<JpegResult>> decode, Func<Instant> clock)
{
    public static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);

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
            try
            {
                if (group.Count == 0)
                    return Task.FromResult(new JpegResult(null, $"the camera gives no picture now{(stream.Detail.Length > 0 ? $": {stream.Detail}" : "")}", "Try again in a moment"));
                var (latest, now) = (group[^1].Number, clock());
                if (slot.Task is { IsCompletedSuccessfully: true, Result.Jpeg: not null } && (slot.Number == latest || now - slot.At < Kept))
                    return slot.Task;
                (slot.Number, slot.At) = (latest, now);
                return slot.Task = decode(AnnexB(group), group.Count);
            }
            finally
            {
                group.ForEach(static unit => unit.Dispose());
            }
        }
    }

    private static byte[] AnnexB(List<AccessUnit> group)
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
    }
}
