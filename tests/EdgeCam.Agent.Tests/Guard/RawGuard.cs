using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using EdgeCam.Agent.Devices.Guard;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Guard;

/// <summary>The real guard process, with the test as its agent: it sends each byte, and beats for as long as it likes.</summary>
internal sealed partial class RawGuard : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Thread _beating;
    private readonly Thread _reading;
    private volatile bool _isBeating = true;
    private volatile bool _isEnding;
    private uint _trips;
    private long _lastBeat;

    /// <param name="isListening">False: nothing is read of what it says.</param>
    /// <param name="before">A program, with its arguments, that becomes the guard.</param>
    public RawGuard(string? socketPath = null, bool isListening = true, string[]? before = null)
    {
        // Whoever runs the tests in the background may have them ignore signals, which a child would inherit.
        string[] program = ["--default-signal=INT,HUP,TERM", .. before ?? [], GuardLink.FindProgram(), "guard"];
        Process = Process.Start(new ProcessStartInfo("/usr/bin/env", socketPath is null ? program : [.. program, "--socket", socketPath])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        })!;
        Process.ErrorDataReceived += (_, line) => Lines.Enqueue(line.Data ?? "");
        Process.BeginErrorReadLine();
        _beating = new(Beat) { IsBackground = true };
        _reading = new(Read) { IsBackground = true };
        _beating.Start();
        if (isListening)
            _reading.Start();
    }

    public Process Process { get; }

    public ConcurrentQueue<(long At, GuardMessage Message)> Messages { get; } = [];

    public ConcurrentQueue<string> Lines { get; } = [];

    /// <summary>When the last beat was sent.</summary>
    public long LastBeat => Volatile.Read(ref _lastBeat);

    /// <summary>Beats say that they know of every trip; else of none.</summary>
    public bool KnowsTrips { get; set; } = true;

    public int Count(GuardMessageKind kind, int port = 0) => Messages.Count(entry => entry.Message.Kind == kind && (port == 0 || entry.Message.Port == port));

    public Task UntilAsync(GuardMessageKind kind, int port = 0, int times = 1) =>
        Wait.UntilAsync(() => Count(kind, port) >= times, () => $"{kind} of port {port}; heard {string.Join(", ", Messages.Select(entry => $"{entry.Message.Kind} {entry.Message.Fault?.What}"))}; {string.Join("; ", Lines)}");

    public void StopBeating() => _isBeating = false;

    public void BeatAgain() => _isBeating = true;

    public void Send(GuardMessage message) => SendBytes(message.ToFrame()!);

    public void SendBytes(byte[] bytes)
    {
        lock (_gate)
        {
            Process.StandardInput.BaseStream.Write(bytes);
            Process.StandardInput.BaseStream.Flush();
        }
    }

    public void Open(ushort port, string uri, string start, string safe) => Open(port, uri, [Bytes(start)], [Bytes(safe)]);

    public void Open(ushort port, string uri, byte[][] start, byte[][] safe) =>
        Send(new(GuardMessageKind.Open) { Port = port, Plan = new($"port {port}", uri, start, safe) });

    public void Write(ushort port, string text, int tag = 0) => Write(port, Bytes(text), tag);

    public void Write(ushort port, byte[] data, int tag = 0, int read = 0) =>
        Send(new(GuardMessageKind.Write) { Port = port, Data = data, Tag = tag, Read = (ushort)read });

    public async Task<GuardMessage> ReplyAsync(int tag)
    {
        await Wait.UntilAsync(() => Messages.Any(entry => entry.Message.Kind == GuardMessageKind.Reply && entry.Message.Tag == tag), $"reply {tag}");
        return Messages.First(entry => entry.Message.Kind == GuardMessageKind.Reply && entry.Message.Tag == tag).Message;
    }

    public void CloseInput()
    {
        _isEnding = true;
        _beating.Join();
        Process.StandardInput.Close();
    }

    public void Signal(int signal) => Assert.Equal(0, kill(Process.Id, signal));

    public void Dispose()
    {
        _isEnding = true;
        _beating.Join();
        Process.Kill();
        Process.WaitForExit();
        if (_reading.IsAlive)
            _reading.Join();
        Process.Dispose();
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.ASCII.GetBytes(text);

    private void Beat()
    {
        for (; !_isEnding; Thread.Sleep(20))
        {
            if (!_isBeating)
                continue;
            try
            {
                Volatile.Write(ref _lastBeat, Stopwatch.GetTimestamp());
                Send(new(GuardMessageKind.Beat) { Trips = KnowsTrips ? Volatile.Read(ref _trips) : 0 });
            }
            catch (IOException)
            {
                return; // it has ended
            }
        }
    }

    private void Read()
    {
        var frames = new GuardFrames();
        var pipe = Process.StandardOutput.BaseStream;
        while (pipe.Read(frames.Free()) is > 0 and var count)
        {
            frames.Advance(count);
            while (frames.TryRead(out var message))
            {
                if (message.Kind == GuardMessageKind.Tripped)
                    Volatile.Write(ref _trips, message.Trips);
                Messages.Enqueue((Stopwatch.GetTimestamp(), message));
            }
        }
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
