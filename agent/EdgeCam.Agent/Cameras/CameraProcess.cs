using System.Diagnostics;
using System.IO.Pipes;
using System.Text;
using EdgeCam.Agent.Cameras.Interop;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// A camera's child process: its stdout to read, the last lines of its stderr, and an end that takes the whole process tree. Belongs to
/// the camera's thread.
/// </summary>
internal sealed class CameraProcess : IDisposable
{
    private const int PictureSize = 1024 * 1024; // the largest pipe an ordinary user may have; a picture then comes in one piece
    private const int MaxLines = 20;
    private const int MaxLineLength = 400; // bytes
    private const int MostReads = 64; // of what is left of stderr at the end: whoever still holds it may write for ever

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2); // for the kernel to end what was killed

    private readonly Process _process;
    private readonly Queue<string> _lines = new(MaxLines);
    private readonly byte[] _line = new byte[MaxLineLength];
    private readonly int _output;
    private int _errors;
    private int _lineLength;
    private bool _isCut;

    private CameraProcess(Process process)
    {
        _process = process;
        _output = Descriptor(process.StandardOutput);
        _errors = Descriptor(process.StandardError);
        HasLargePipe = LibC.TrySetPipeSize(_output, PictureSize);
    }

    public int Id => _process.Id;

    /// <summary>False where the system's limits left the pipe smaller than a picture.</summary>
    public bool HasLargePipe { get; }

    /// <summary>
    /// The last lines it wrote to stderr, oldest first, without the line per frame that rpicam-vid likes to write. One that is cut ends with a
    /// whole word: half an address does not show that there is a password in it.
    /// </summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <param name="input">What it finds on its stdin, which ends after it: at most as much as a pipe holds, 64 KiB.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">It could not be started.</exception>
    public static CameraProcess Start(string program, IReadOnlyList<string> arguments, string input = "")
    {
        var process = ChildProgram.Start(program, arguments);
        Give(process.StandardInput, input);
        return new(process);
    }

    /// <summary>Waits for stdout, taking what comes on stderr meanwhile.</summary>
    /// <returns>False where it was silent for all that time.</returns>
    public bool WaitForOutput(int milliseconds)
    {
        var began = Stopwatch.GetTimestamp();
        for (var left = (double)milliseconds; ; left = milliseconds - Stopwatch.GetElapsedTime(began).TotalMilliseconds)
        {
            var (output, errors) = LibC.Poll(_output, _errors, (int)Math.Ceiling(Math.Max(left, 0)));
            if (errors)
                ReadErrors();
            if (output || left <= 0)
                return output;
        }
    }

    /// <returns>0 at its end.</returns>
    public int Read(Span<byte> buffer) => LibC.Read(_output, buffer);

    /// <summary>Ends it where it has not ended, reads what is left of its stderr, and says how it went.</summary>
    public string End()
    {
        var hadEnded = _process.WaitForExit(TimeSpan.FromMilliseconds(200)); // stdout at its end comes a moment before the exit
        Kill();
        _process.WaitForExit(Patience);
        for (var reads = 0; reads < MostReads && _errors >= 0 && LibC.Poll(-1, _errors, 0).Second; reads++)
            ReadErrors();
        if (!hadEnded)
            return "it was ended";
        var code = _process.ExitCode;
        return code is > 128 and < 193 ? $"it was killed by signal {code - 128}" : $"it ended with code {code}";
    }

    /// <summary>Kills it with all its children. May be called from any thread.</summary>
    public void Kill() => ChildProgram.Kill(_process);

    public void Dispose()
    {
        Kill();
        _process.WaitForExit(Patience);
        _process.StandardOutput.Dispose(); // the process leaves them to whoever asked for them
        _process.StandardError.Dispose();
        _process.Dispose();
    }

    /// <summary>rpicam-vid reads the terminal's keys from an open stdin; others their orders, which no argument list shows.</summary>
    private static void Give(StreamWriter stdin, string input)
    {
        try
        {
            using (stdin)
                stdin.Write(input);
        }
        catch (IOException)
        {
            // It has ended already; the end of its stdout tells that.
        }
    }

    private static int Descriptor(StreamReader reader) => (int)((PipeStream)reader.BaseStream).SafePipeHandle.DangerousGetHandle();

    private void ReadErrors()
    {
        Span<byte> bytes = stackalloc byte[1024];
        var count = LibC.Read(_errors, bytes);
        if (count == 0)
            _errors = -1;
        foreach (var value in bytes[..count])
        {
            if (value is (byte)'\n' or (byte)'\r')
                EndLine();
            else if (_lineLength < MaxLineLength)
                _line[_lineLength++] = value;
            else
                _isCut = true;
        }
    }

    private void EndLine()
    {
        var isNews = _lineLength > 0 && _line[0] != '#';
        if (isNews && _lines.Count == MaxLines)
            _lines.Dequeue();
        if (isNews)
            _lines.Enqueue(Line());
        (_lineLength, _isCut) = (0, false);
    }

    private string Line()
    {
        var text = Encoding.UTF8.GetString(_line, 0, _lineLength);
        return _isCut ? string.Concat(text.AsSpan(0, text.LastIndexOf(' ') + 1), "…") : text;
    }
}
