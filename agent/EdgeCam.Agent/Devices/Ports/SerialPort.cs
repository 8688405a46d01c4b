using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeCam.Agent.Devices.Ports.Interop;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Devices.Ports;

/// <summary>A serial line: <c>serial:/dev/ttyUSB0?baud=2400&amp;parity=none&amp;stop=1</c>, eight data bits, no flow control.</summary>
/// <remarks>
/// termios and not System.IO.Ports: that one brings a native library beside the one binary, waits for the line to drain when it is
/// disposed of, which a dead line never does, and its writes cannot be given up for a more urgent one.
/// </remarks>
internal sealed class SerialPort : IPort
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_backlog = TimeSpan.FromMilliseconds(50); // about a frame of Pelco-D at 2400 baud

    private readonly string _path;
    private readonly int _baud;
    private readonly PortContext _context;
    private readonly SafeFileHandle _line;

    private SerialPort(string path, int baud, SafeFileHandle line, PortContext context) =>
        (_path, _baud, _line, _context) = (path, baud, line, context);

    public SafeHandle Descriptor => _line;

    private bool IsWritable => LibC.Poll(_line, null, 0, isWrite: true).First;

    public static SerialPort Open(PortUri uri, PortContext context)
    {
        uri.CheckKeys("baud", "parity", "stop");
        var baud = uri.Number("baud", 1200, 230_400, 9600);
        if (!Terminal.IsSpeed(baud))
            throw new PortException(new($"'{uri}' names no port: {baud} is no usual speed", "Use 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200 or 230400."));
        var parity = uri.Choice("parity", "none", "even", "odd") switch { "even" => 'E', "odd" => 'O', _ => 'N' };
        var line = Terminal.Open(uri.Path, baud, parity, uri.Number("stop", 1, 2, 1), out var error);
        return line is null ? throw PortFaults.Open(uri.Path, error, "dialout") : new(uri.Path, baud, line, context);
    }

    public void Receive()
    {
        Span<byte> buffer = stackalloc byte[512];
        var count = LibC.Read(_line, buffer);
        if (count > 0)
            _context.Received(buffer[..count].ToArray());
        else if (count == 0 || LibC.LastError != LibC.Again)
            throw PortFaults.Lost(_path, count == 0 ? 0 : LibC.LastError);
    }

    public byte[] Write(ReadOnlySpan<byte> data, int read)
    {
        var began = Stopwatch.GetTimestamp();
        while (data.Length > 0)
        {
            var count = LibC.Write(_line, data);
            if (count < 0 && LibC.LastError != LibC.Again)
                throw PortFaults.Lost(_path, LibC.LastError);
            data = data[Math.Max(count, 0)..];
            if (data.Length > 0)
                Wait(s_patience - Stopwatch.GetElapsedTime(began));
        }

        return [];
    }

    /// <summary>A frame in the making is let out; a queue of them is forgotten.</summary>
    public bool Hurry()
    {
        if (Terminal.Unsent(_line) * 10.0 / _baud <= s_backlog.TotalSeconds && IsWritable)
            return false;
        Terminal.DiscardUnsent(_line);
        return true;
    }

    public void Dispose()
    {
        LetOut();
        if (Terminal.Unsent(_line) > 0 || !IsWritable)
            Terminal.DiscardUnsent(_line); // closing would wait up to 30 s for a line that takes nothing
        Terminal.Release(_line);
        _line.Dispose();
    }

    /// <summary>What was written last may be what makes it safe: it goes out while the line takes anything.</summary>
    private void LetOut()
    {
        var began = Stopwatch.GetTimestamp();
        var (unsent, since) = (Terminal.Unsent(_line), began);
        while (unsent > 0 && Stopwatch.GetElapsedTime(since) < s_backlog && Stopwatch.GetElapsedTime(began) < s_patience)
        {
            Thread.Sleep(s_interval);
            var rest = Terminal.Unsent(_line);
            if (rest != unsent)
                (unsent, since) = (rest, Stopwatch.GetTimestamp());
        }
    }

    private void Wait(TimeSpan patience)
    {
        if (patience <= TimeSpan.Zero)
            throw PortFaults.Blocked(_path, s_patience);
        if (LibC.Poll(_line, _context.Interrupt.Descriptor, (int)Math.Ceiling(patience.TotalMilliseconds), isWrite: true).Second)
            throw new PortInterruptedException();
    }
}
