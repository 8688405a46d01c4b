using System.Runtime.InteropServices;
using System.Text;

namespace EdgeCam.Sims.Ptz.Interop;

/// <summary>
/// A serial cable whose other end lies in the file system: a raw pseudo terminal, and a symbolic link to its slave. It keeps a descriptor of
/// the slave open itself, so that the other side may come and go without an end of file here.
/// </summary>
internal sealed unsafe class PseudoTerminal : IDisposable
{
    private readonly int _master;
    private readonly int _slave;
    private readonly string _link;

    /// <exception cref="IOException">The kernel or the link's place would not have it.</exception>
    public PseudoTerminal(string link)
    {
        _link = Path.GetFullPath(link);
        _master = Check(LibC.OpenTerminal(LibC.ReadWrite | LibC.NoControllingTerminal | LibC.NonBlocking | LibC.CloseOnExec), "posix_openpt");
        Check(LibC.Grant(_master), "grantpt");
        Check(LibC.Unlock(_master), "unlockpt");
        Span<byte> name = stackalloc byte[128];
        fixed (byte* start = name)
        {
            if (LibC.Name(_master, start, (nuint)name.Length) != 0)
                throw new IOException("ptsname_r failed");
        }

        Slave = Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]);
        _slave = Check(LibC.Open(Slave, LibC.ReadWrite | LibC.NoControllingTerminal | LibC.CloseOnExec), Slave);
        MakeRaw();
        MakeLink();
    }

    public string Slave { get; }

    /// <summary>Waits up to a time for bytes.</summary>
    /// <returns>How many there are; 0 when none came.</returns>
    public int Read(Span<byte> buffer, int milliseconds)
    {
        var descriptor = new LibC.PollDescriptor { Descriptor = _master, Events = LibC.Readable };
        if (LibC.Poll(ref descriptor, 1, milliseconds) <= 0)
            return 0;
        fixed (byte* start = buffer)
            return (int)Math.Max(0, LibC.Read(_master, start, (nuint)buffer.Length));
    }

    /// <summary>Sends bytes; what the cable cannot hold because nobody reads at the other end is lost, as on a real one.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
            _ = LibC.Write(_master, start, (nuint)bytes.Length);
    }

    public void Dispose()
    {
        if (File.ResolveLinkTarget(_link, returnFinalTarget: false)?.FullName == Slave) // another run may have put its own there
            File.Delete(_link);
        _ = LibC.Close(_slave);
        _ = LibC.Close(_master);
    }

    private static int Check(int result, string what) =>
        result >= 0 ? result : throw new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    private void MakeRaw()
    {
        var termios = stackalloc byte[LibC.TermiosSize * 2];
        Check(LibC.GetAttributes(_slave, termios), "tcgetattr");
        LibC.MakeRaw(termios);
        Check(LibC.SetAttributes(_slave, LibC.Now, termios), "tcsetattr");
    }

    private void MakeLink()
    {
        var info = new FileInfo(_link);
        if (info.LinkTarget is null && info.Exists)
            throw new IOException($"{_link} exists and is not a symbolic link");
        var fresh = $"{_link}.{Environment.ProcessId}";
        File.Delete(fresh);
        File.CreateSymbolicLink(fresh, Slave);
        File.Move(fresh, _link, overwrite: true); // in one step: whoever looks finds the old one or the new one
    }
}
