using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Guard;

/// <summary>A serial line with the test at its other end, which knows when each piece came.</summary>
internal sealed partial class Pty : IDisposable
{
    private const int ReadWrite = 2 | 0x100 | 0x80000; // O_RDWR, O_NOCTTY, O_CLOEXEC

    private const ulong ExclusiveState = 0x80045440; // TIOCGEXCL

    private readonly int _master;
    private readonly int _slave; // kept open: the line lives on while nobody uses it
    private readonly Thread _thread;
    private volatile bool _isEnding;

    /// <param name="isRead">False: nothing is taken from it, so that it blocks when it is full.</param>
    public Pty(bool isRead = true)
    {
        _master = posix_openpt(ReadWrite);
        Assert.True(_master >= 0 && grantpt(_master) == 0 && unlockpt(_master) == 0);
        var name = new byte[64];
        Assert.Equal(0, ptsname_r(_master, name, name.Length));
        Path = System.Text.Encoding.ASCII.GetString(name, 0, Array.IndexOf(name, (byte)0));
        _slave = open(Path, ReadWrite);
        _thread = new(Read) { IsBackground = true };
        if (isRead)
            _thread.Start();
    }

    public string Path { get; }

    /// <summary>Others than root are kept out: TIOCEXCL, which outlasts who said it for as long as the line is open to anybody.</summary>
    public bool IsExclusive
    {
        get
        {
            Assert.Equal(0, ioctl(_slave, ExclusiveState, out var state));
            return state != 0;
        }
    }

    public ConcurrentQueue<(long At, byte[] Data)> Arrived { get; } = [];

    public byte[] Bytes => [.. Arrived.SelectMany(piece => piece.Data)];

    public string Text => System.Text.Encoding.ASCII.GetString(Bytes);

    /// <summary>When the text was complete for the first time.</summary>
    public long? When(string text)
    {
        var so_far = "";
        foreach (var (at, data) in Arrived)
        {
            so_far += System.Text.Encoding.ASCII.GetString(data);
            if (so_far.Contains(text, StringComparison.Ordinal))
                return at;
        }

        return null;
    }

    /// <summary>This is all that arrives.</summary>
    public async Task HasAsync(string text)
    {
        await Wait.UntilAsync(() => Text.Length >= text.Length, () => $"{text} where there was {Text}");
        Assert.Equal(text, Text);
    }

    public void Send(ReadOnlySpan<byte> data) => Assert.Equal(data.Length, (int)write(_master, data.ToArray(), data.Length));

    public void Dispose()
    {
        _isEnding = true;
        if (_thread.IsAlive)
        {
            _ = write(_slave, [0], 1); // wakes the reader
            _thread.Join();
        }

        _ = close(_slave);
        _ = close(_master);
    }

    private void Read()
    {
        var buffer = new byte[4096];
        while (!_isEnding)
        {
            var count = (int)read(_master, buffer, buffer.Length);
            if (count <= 0)
                return;
            Arrived.Enqueue((Stopwatch.GetTimestamp(), buffer[..count]));
        }
    }

    [LibraryImport("libc")]
    private static partial int posix_openpt(int flags);

    [LibraryImport("libc")]
    private static partial int grantpt(int master);

    [LibraryImport("libc")]
    private static partial int unlockpt(int master);

    [LibraryImport("libc")]
    private static partial int ptsname_r(int master, byte[] name, nint length);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial nint read(int descriptor, byte[] buffer, nint length);

    [LibraryImport("libc")]
    private static partial nint write(int descriptor, byte[] buffer, nint length);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc")]
    private static partial int ioctl(int descriptor, ulong request, out int value);
}
