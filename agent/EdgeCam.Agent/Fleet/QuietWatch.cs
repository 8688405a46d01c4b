namespace EdgeCam.Agent.Fleet;

/// <summary>Tells when a stream of messages that nothing ends has come to its end: when it has been quiet for a while. Used from any thread.</summary>
/// <param name="first">For the first one there is more time.</param>
/// <param name="silence">Afterwards.</param>
/// <param name="limit">However much still comes.</param>
internal sealed class QuietWatch(TimeSpan first, TimeSpan silence, TimeSpan limit, TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();
    private long _heard = time.GetTimestamp();
    private bool _hasHeard;

    public void Hear()
    {
        Volatile.Write(ref _heard, time.GetTimestamp());
        Volatile.Write(ref _hasHeard, true);
    }

    /// <returns>False where it was not quiet yet when the time was up.</returns>
    public async Task<bool> WaitAsync(CancellationToken stop)
    {
        while (true)
        {
            var quiet = (Volatile.Read(ref _hasHeard) ? silence : first) - time.GetElapsedTime(Volatile.Read(ref _heard));
            var left = limit - time.GetElapsedTime(_began);
            if (quiet <= TimeSpan.Zero)
                return true;
            if (left <= TimeSpan.Zero)
                return false;
            TimeSpan[] waits = [quiet, left, silence]; // no longer than that: the first message shortens the time for it
            await Task.Delay(waits.Min(), time, stop);
        }
    }
}
