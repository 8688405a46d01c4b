using System.Diagnostics;
using System.IO.Pipes;
using System.Threading.Channels;
using EdgeCam.Agent.Devices.Ports.Interop;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Devices.Guard;

/// <summary>A running guard, as the agent sees it. Its pipes have threads of their own: nobody waits for them.</summary>
internal sealed class GuardChild : IDisposable
{
    private const int MaxQueued = 1024;
    private const int MaxPendingBeats = 4;
    private const int MaxWrite = 16 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5); // for what the guard itself waits for at the end

    private readonly Process _process;
    private readonly Channel<byte[]> _frames = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });
    private readonly Task _threads;
    private int _pendingBeats;

    private GuardChild(Process process, Action<GuardMessage> received, Action<string> logged)
    {
        _process = process;
        Id = process.Id;
        _threads = Task.WhenAll(RunThread(Send), RunThread(() => Receive(received)), RunThread(() => ReadLines(logged)));
    }

    public int Id { get; }

    /// <exception cref="System.ComponentModel.Win32Exception">It could not be started.</exception>
    public static GuardChild Start(string program, string? socketPath, Action<GuardMessage> received, Action<string> logged)
    {
        LibC.KeepDescriptors();
        var start = new ProcessStartInfo(program, socketPath is null ? ["guard"] : ["guard", "--socket", socketPath])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // nobody debugs it, and it starts sooner
        return new(Process.Start(start)!, received, logged);
    }

    /// <summary>Once it has ended: it made everything safe before.</summary>
    public bool IsEndedInOrder => _process.ExitCode == 0;

    /// <summary>Bound: 1024; policy: the newest is refused.</summary>
    public bool TrySend(byte[] frame) => _frames.Writer.TryWrite(frame);

    /// <summary>As <see cref="TrySend"/>, but refused also where the guard has not taken the last ones yet.</summary>
    public bool SendBeat(byte[] frame)
    {
        if (Volatile.Read(ref _pendingBeats) >= MaxPendingBeats || !TrySend(frame))
            return false;
        Interlocked.Increment(ref _pendingBeats);
        return true;
    }

    public void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (Exception gone) when (gone is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It was quicker than we.
        }
    }

    /// <summary>Waits until it has ended, and says how.</summary>
    public async Task<string> WaitAsync()
    {
        await _process.WaitForExitAsync();
        _frames.Writer.TryComplete();
        await _threads;
        var code = _process.ExitCode;
        return code is > 128 and < 193 ? $"it was killed by signal {code - 128}" : $"it ended with code {code}";
    }

    /// <summary>Closes the pipe once everything is written: the guard makes everything safe and ends, by force where that takes too long.</summary>
    /// <param name="ended">What <see cref="WaitAsync"/> gave.</param>
    public async Task StopAsync(Task ended)
    {
        _frames.Writer.TryComplete();
        try
        {
            await ended.WaitAsync(s_patience);
        }
        catch (TimeoutException)
        {
            Kill();
            await ended;
        }
    }

    public void Dispose() => _process.Dispose();

    private static Task RunThread(Action action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static SafePipeHandle Handle(Stream pipe) => ((PipeStream)pipe).SafePipeHandle;

    private void Send()
    {
        using var pipe = _process.StandardInput.BaseStream;
        var buffer = new byte[MaxWrite];
        while (WaitForFrames())
        {
            var length = 0;
            while (length + GuardMessage.HeaderLength + GuardMessage.MaxLength <= buffer.Length && _frames.Reader.TryRead(out var frame))
            {
                frame.CopyTo(buffer, length);
                length += frame.Length;
                if (frame[GuardMessage.HeaderLength] == (byte)GuardMessageKind.Beat)
                    Interlocked.Decrement(ref _pendingBeats);
            }

            for (var sent = 0; sent < length;)
            {
                var count = LibC.Write(Handle(pipe), buffer.AsSpan(sent, length - sent));
                if (count < 0)
                    return; // it has ended
                sent += count;
            }
        }
    }

    /// <summary>Waits on this thread, which is there for nothing else.</summary>
    private bool WaitForFrames() => _frames.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();

    private void Receive(Action<GuardMessage> received)
    {
        var frames = new GuardFrames();
        var pipe = Handle(_process.StandardOutput.BaseStream);
        while (!frames.IsBroken)
        {
            var count = LibC.Read(pipe, frames.Free());
            if (count <= 0)
                return;
            frames.Advance(count);
            while (frames.TryRead(out var message))
                received(message);
        }

        Kill();
    }

    private void ReadLines(Action<string> logged)
    {
        while (_process.StandardError.ReadLine() is { } line)
            logged(line);
    }
}
