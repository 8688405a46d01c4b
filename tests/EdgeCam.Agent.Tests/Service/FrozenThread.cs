using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Tests.Service;

/// <summary>One thread of another process stopped by ptrace(2), while all others go on: what a signal cannot do.</summary>
internal sealed partial class FrozenThread : IDisposable
{
    private const int Seize = 0x4206;
    private const int Interrupt = 0x4207;
    private const int Detach = 17;
    private const int WaitForAnyChild = 0x4000_0000; // __WALL: a thread, too

    private readonly ManualResetEventSlim _thaw = new();
    private readonly Task<bool> _holding;
    private readonly TaskCompletionSource<bool> _isFrozen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FrozenThread(int thread) => _holding = Task.Factory.StartNew(() => Hold(thread), TaskCreationOptions.LongRunning);

    /// <returns>Null where it is not allowed here.</returns>
    public static FrozenThread? TryFreeze(int process, string name)
    {
        var folder = Directory.EnumerateDirectories($"/proc/{process}/task").Single(folder => File.ReadAllText(Path.Combine(folder, "comm")).Trim() == name);
        var frozen = new FrozenThread(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture));
        if (frozen._isFrozen.Task.GetAwaiter().GetResult())
            return frozen;
        frozen.Dispose();
        return null;
    }

    public void Dispose()
    {
        _thaw.Set();
        _holding.GetAwaiter().GetResult();
        _thaw.Dispose();
    }

    /// <summary>All requests must come from the thread that made the first.</summary>
    private bool Hold(int thread)
    {
        if (Ptrace(Seize, thread, 0, 0) < 0)
        {
            _isFrozen.SetResult(false);
            return false;
        }

        var isStopped = Ptrace(Interrupt, thread, 0, 0) == 0 && WaitPid(thread, out _, WaitForAnyChild) == thread;
        _isFrozen.SetResult(isStopped);
        _thaw.Wait();
        return Ptrace(Detach, thread, 0, 0) == 0;
    }

    [LibraryImport("libc", EntryPoint = "ptrace", SetLastError = true)]
    private static partial long Ptrace(long request, int thread, nint address, nint data);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitPid(int thread, out int status, int options);
}
