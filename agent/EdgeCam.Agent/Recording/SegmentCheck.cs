using EdgeCam.Agent.Recording.Mp4;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Recording;

/// <summary>
/// Reads what a file says of itself, and closes one that a kill or a power cut left open. It takes away only what can be no more than a fragment that did not come
/// to the disk: what else does not read as ours stays as it is, for somebody to look at.
/// </summary>
internal static class SegmentCheck
{
    /// <summary>Bytes of a head and a fragment. A single picture that is larger makes a fragment, too; what is left of one stays.</summary>
    public const long MaxUnfinished = SegmentRecorder.MaxFragment + (1024 * 1024);

    private const int HeadSize = 1024; // what a listing reads of a file's beginning

    /// <summary>It begins as our segments do; or there is no such file any more.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static bool IsOursOrGone(string path)
    {
        try
        {
            using var file = OpenToRead(path);
            return SegmentHead.TryRead(ReadStart(file, RandomAccess.GetLength(file))) is not null;
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return true;
        }
    }

    /// <returns>Null where there is nothing that plays: the file is gone, or left alone.</returns>
    public static Segment? Run(SegmentId id, string path, ILogger log)
    {
        try
        {
            using var file = OpenToRead(path);
            var length = RandomAccess.GetLength(file);
            var start = ReadStart(file, length);
            if (SegmentHead.TryRead(start) is not { } head)
                return DiscardOrLeave(id, path, length, length == 0 || SegmentHead.Begins(start) || start.AsSpan().IndexOfAnyExcept((byte)0) < 0, log);
            if (SegmentEnd.TryRead(length, ReadFrom(file)) is { } end)
                return new(id, head.Start, head.Label, length, Span(end.Ticks), end.Pictures, IsOpen: false);
            var scan = SegmentScan.Run(length, ReadFrom(file));
            if (scan.Length == 0)
                return DiscardOrLeave(id, path, length, isBegun: true, log);
            var whole = Close(id, path, scan, length, log);
            return new(id, head.Start, head.Label, whole, Span(scan.End.Ticks), scan.End.Pictures, IsOpen: false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log.SegmentNotRead(id, failure.Message);
            return null;
        }
    }

    public static TimeSpan Span(long ticks) => TimeSpan.FromTicks(ticks * TimeSpan.TicksPerSecond / SegmentHead.Timescale);

    /// <summary>Gives a segment its end. Where the disk does not let us, or there is more behind it than a fragment, it is lent up to its last whole fragment.</summary>
    private static long Close(SegmentId id, string path, SegmentScan scan, long length, ILogger log)
    {
        if (length - scan.Length > MaxUnfinished)
        {
            log.SegmentDamaged(id, scan.Length, length);
            return scan.Length;
        }

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

    /// <param name="isBegun">The agent has begun it, and no fragment of it is whole.</param>
    private static Segment? DiscardOrLeave(SegmentId id, string path, long length, bool isBegun, ILogger log)
    {
        if (isBegun && length <= MaxUnfinished)
        {
            log.SegmentDiscarded(id, length);
            File.Delete(path);
        }
        else
        {
            log.SegmentLeft(id, length);
        }

        return null;
    }

    private static SafeFileHandle OpenToRead(string path) => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private static byte[] ReadStart(SafeFileHandle file, long length)
    {
        var start = new byte[Math.Min(length, HeadSize)];
        if (!ReadFrom(file)(0, start))
            throw new EndOfStreamException("it has become shorter meanwhile");
        return start;
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
}
