using EdgeCam.Agent.Recording.Mp4;
using EdgeCam.Agent.Security.Interop;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Recording;

/// <summary>
/// A segment that is being written. A fragment is one write, and on the disk when <see cref="Append"/> returns; what is there is never written again, so that
/// a power cut costs what was not written yet.
/// </summary>
internal sealed class SegmentFile : IDisposable
{
    private readonly BoxWriter _writer = new();
    private readonly List<SyncSample> _index = [];
    private readonly SafeFileHandle _file;
    private readonly string _folder;
    private uint _fragments;

    private SegmentFile(SafeFileHandle file, string folder) => (_file, _folder) = (file, folder);

    /// <summary>Bytes that are on the disk, and play.</summary>
    public long Length { get; private set; }

    /// <summary>How long it lasts, in ticks of the track.</summary>
    public long Ticks { get; private set; }

    public uint Pictures { get; private set; }

    /// <exception cref="IOException">There is a file of that name, or none can be made.</exception>
    public static SegmentFile Create(string path, SegmentHead head, AvcTrack track)
    {
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var made = new SegmentFile(file, Path.GetDirectoryName(path)!);
        head.Write(made._writer, track);
        return made;
    }

    /// <param name="end">When the picture after its last one begins, in ticks.</param>
    public void Append(Fragment fragment, long end)
    {
        var isFirst = _fragments == 0; // the head goes with it
        var start = isFirst ? _writer.Length : 0;
        if (!isFirst)
            _writer.Clear();
        fragment.WriteHead(_writer, _fragments + 1, end);
        var head = _writer.Length;
        FragmentCheck.Write(_writer, FragmentCheck.Add(FragmentCheck.Add(FragmentCheck.Start, _writer.Written.Span[start..head]), fragment.Data.Span));
        var length = _writer.Length + fragment.Bytes;
        try
        {
            RandomAccess.Write(_file, [_writer.Written[..head], fragment.Data, _writer.Written[head..]], Length);
            RandomAccess.FlushToDisk(_file);
        }
        catch
        {
            Cut();
            throw;
        }

        foreach (var (time, number) in fragment.SyncSamples)
            _index.Add(new(time, Length + start, number));
        if (isFirst)
            FolderSync.Flush(_folder);
        (Length, Ticks, Pictures, _fragments) = (Length + length, end, Pictures + (uint)fragment.Count, _fragments + 1);
    }

    /// <summary>Adds the index. Without it the file plays, too.</summary>
    public void Finish()
    {
        if (_fragments > 0)
            Length = Finish(_file, Length, new(Ticks, Pictures), _index);
    }

    /// <returns>The file's length.</returns>
    public static long Finish(SafeFileHandle file, long length, SegmentEnd end, IReadOnlyList<SyncSample> index)
    {
        var writer = new BoxWriter();
        end.Write(writer, index);
        RandomAccess.Write(file, writer.Written.Span, length);
        RandomAccess.FlushToDisk(file);
        return length + writer.Length;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>What of a fragment is there after a write that failed: a full disk gets its blocks back.</summary>
    private void Cut()
    {
        try
        {
            RandomAccess.SetLength(_file, Length);
        }
        catch (IOException)
        {
            // Whoever reads it sees where it is whole.
        }
    }
}
