using System.Runtime.InteropServices;
using System.Text;
using EdgeCam.Agent.Devices.Ports.Interop;

namespace EdgeCam.Agent.Devices.Guard;

/// <summary>
/// What the guard says, on stdout or stderr, by a thread of its own: who does not listen, be it that the agent is stopped, holds up
/// nobody, and a closed end is no fault.
/// </summary>
/// <remarks>Bound: 4096 for what came by itself, four times that in all; policy: the newest is dropped.</remarks>
internal sealed class GuardOutput
{
    private const int MaxQueued = 4096;

    private readonly object _gate = new(); // to wait at, too
    private readonly Queue<byte[]> _queue = [];
    private readonly SafeHandle _descriptor;
    private readonly Thread _thread;
    private volatile bool _isClosed;
    private bool _isEnding;

    public GuardOutput(SafeHandle descriptor, string name)
    {
        _descriptor = descriptor;
        _thread = new(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    public void Send(GuardMessage message)
    {
        if (message.ToFrame() is { } frame)
            Enqueue(frame, message.Kind == GuardMessageKind.Received ? MaxQueued : 4 * MaxQueued);
    }

    public void Log(string line) => Enqueue(Encoding.UTF8.GetBytes(line + "\n"), MaxQueued);

    /// <summary>Gives what is left a moment to go out.</summary>
    public void End(TimeSpan patience)
    {
        lock (_gate)
        {
            _isEnding = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join(patience);
    }

    private void Enqueue(byte[] bytes, int bound)
    {
        lock (_gate)
        {
            if (_isClosed || _isEnding || _queue.Count >= bound)
                return;
            _queue.Enqueue(bytes);
            Monitor.Pulse(_gate);
        }
    }

    private void Run()
    {
        while (!_isClosed)
        {
            byte[]? bytes;
            lock (_gate)
            {
                while (!_queue.TryDequeue(out bytes))
                {
                    if (_isEnding)
                        return;
                    Monitor.Wait(_gate);
                }
            }

            for (var rest = bytes.AsSpan(); rest.Length > 0 && !_isClosed;)
            {
                var count = LibC.Write(_descriptor, rest);
                if (count < 0 && LibC.LastError == LibC.Again)
                    LibC.Poll(_descriptor, null, -1, isWrite: true); // somebody made the pipe non-blocking
                else if (count < 0)
                    _isClosed = true;
                else
                    rest = rest[count..];
            }
        }
    }
}
