using System.Runtime.ExceptionServices;
using EdgeCam.Agent.Security.Interop;

namespace EdgeCam.Agent.Recording;

/// <summary>A segment in the store's list, and what is to be known to delete it or not.</summary>
/// <param name="written">When it was begun, by the monotonic clock; null where an earlier run has written it.</param>
/// <param name="place">The folder it lies in.</param>
internal sealed class StoredSegment(Segment segment, long? written, FolderIdentity? place)
{
    public Segment Segment { get; set; } = segment;

    public SegmentId Id => Segment.Id;

    /// <summary>When this run has last written to it, by the monotonic clock.</summary>
    public long? Written { get; set; } = written;

    public FolderIdentity? Place { get; set; } = place;

    /// <summary>What its file says of itself is known; before, its name and size are.</summary>
    public bool IsKnown { get; set; } = written is not null;

    public int Readers { get; set; }

    /// <summary>It is fetched in pieces, and the last one was a moment ago: until when it is kept for the next one.</summary>
    public long? LentUntil { get; set; }

    /// <summary>Why it could not be deleted; null where nobody has tried.</summary>
    public ExceptionDispatchInfo? Failure { get; set; }

    /// <summary>When that was, by the monotonic clock.</summary>
    public long FailedAt { get; set; }

    public bool IsIdle(long now) => !Segment.IsOpen && Readers == 0 && !(LentUntil > now);

    /// <summary>By number; where two have the same, by time.</summary>
    internal sealed class ByNumber : IComparer<SegmentId>
    {
        public int Compare(SegmentId? x, SegmentId? y)
        {
            var order = x!.Number.CompareTo(y!.Number);
            if (order == 0)
                order = x.Start.CompareTo(y.Start);
            return order != 0 ? order : string.CompareOrdinal(x.ToString(), y.ToString());
        }
    }
}
