using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

namespace EdgeCam.Sims.World;

/// <summary>
/// The few numbers that make several simulated devices one world, in a file that all of them map into memory: the head writes where it
/// looks, the GPIO chip which lamps are lit, the camera draws both.
/// </summary>
/// <remarks>
/// 64 bytes, little-endian: 0 "EDGV", 4 uint32 sequence of the head (odd while it writes), 8 pan, 16 tilt (degrees, double), 24 zoom (factor,
/// double), 32 uint32 lamps, 36 uint32 sequence of the lamps. A file of zeros with its mark is a head that looks straight ahead at zoom 1.
/// </remarks>
internal sealed unsafe class ViewFile : IDisposable
{
    private const int Length = 64;
    private const int HeadSequence = 4;
    private const int LampSequence = 36;
    private const int Patience = 100; // a writer may have lost its core halfway, or its life: then the last whole view holds

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _accessor;
    private readonly byte* _start;
    private (double Pan, double Tilt, double Zoom) _last = (0, 0, 1);

    private ViewFile(MemoryMappedFile file)
    {
        _file = file;
        _accessor = file.CreateViewAccessor(0, Length);
        _accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>Opens the file, or makes it: whoever comes first.</summary>
    public static ViewFile Open(string path)
    {
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length < Length)
            stream.SetLength(Length); // two at once do the same
        var view = new ViewFile(MemoryMappedFile.CreateFromFile(stream, null, Length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false));
        "EDGV"u8.CopyTo(new Span<byte>(view._start, 4));
        return view;
    }

    public void WriteHead(double pan, double tilt, double zoom)
    {
        var sequence = Begin(HeadSequence);
        WriteDouble(8, pan);
        WriteDouble(16, tilt);
        WriteDouble(24, zoom);
        End(HeadSequence, sequence);
    }

    public void WriteLamps(uint lamps)
    {
        var sequence = Begin(LampSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(new(_start + 32, 4), lamps);
        End(LampSequence, sequence);
    }

    public WorldView Read()
    {
        for (var attempt = 0; attempt < Patience; attempt++)
        {
            var before = Volatile.Read(ref Word(HeadSequence));
            var (pan, tilt, zoom) = (ReadDouble(8), ReadDouble(16), ReadDouble(24));
            Interlocked.MemoryBarrier();
            if ((before & 1) == 0 && before == Volatile.Read(ref Word(HeadSequence)))
            {
                _last = (Sound(pan), Sound(tilt), zoom >= 1 && double.IsFinite(zoom) ? zoom : 1);
                break;
            }

            Thread.SpinWait(10);
        }

        var lamps = BinaryPrimitives.ReadUInt32LittleEndian(new(_start + 32, 4)); // one word: never torn
        return new(_last.Pan, _last.Tilt, _last.Zoom, lamps, Volatile.Read(ref Word(LampSequence)) != 0);
    }

    public void Dispose()
    {
        _accessor.SafeMemoryMappedViewHandle.ReleasePointer();
        _accessor.Dispose();
        _file.Dispose();
    }

    private static double Sound(double degrees) => double.IsFinite(degrees) ? degrees : 0;

    private ref uint Word(int offset) => ref *(uint*)(_start + offset);

    private uint Begin(int at)
    {
        var sequence = Volatile.Read(ref Word(at)) | 1;
        Volatile.Write(ref Word(at), sequence);
        Interlocked.MemoryBarrier();
        return sequence;
    }

    private void End(int at, uint sequence)
    {
        var even = sequence + 1;
        Volatile.Write(ref Word(at), even == 0 ? 2 : even); // zero means that nobody has written yet
    }

    private void WriteDouble(int at, double value) => BinaryPrimitives.WriteDoubleLittleEndian(new(_start + at, 8), value);

    private double ReadDouble(int at) => BinaryPrimitives.ReadDoubleLittleEndian(new(_start + at, 8));
}
