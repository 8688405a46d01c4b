using System.Runtime.ExceptionServices;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>
/// Few viewers have their picture from the thread that brings it: to wake the loop for them takes longer than to send it. The loop lends its viewers while it
/// waits, and only then: whoever finds it at work leaves the picture in the inbox and wakes it.
/// </summary>
internal sealed partial class PeerLoop
{
    /// <summary>With more viewers a camera's thread would be held up for long.</summary>
    public const int MostDirect = 16;

    private readonly Lock _turn = new(); // held by whoever touches viewers, relays and senders
    private Instant? _waitsUntil; // the loop waits, and wakes up by itself then
    private ExceptionDispatchInfo? _fault;
    private long _allocatedElsewhere;

    /// <summary>Sends what is in the inbox, on the camera's thread.</summary>
    /// <returns>False where the loop is to be woken: it is at work, has many viewers, or is to do what is left.</returns>
    private bool TrySendPictures()
    {
        if (!_turn.TryEnter())
            return false;
        try
        {
            if (_waitsUntil is not { } until || _fault is not null || Statistics.Viewers > MostDirect)
                return false;
            var before = GC.GetAllocatedBytesForCurrentThread();
            var now = MonotonicClock.Now;
            DeliverPictures(now);
            Transmit(now);
            var mayRest = ReceiveReports(now, isDirect: true); // or the loop had to wake up for them
            Transmit(now);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            _allocatedElsewhere += allocated;
            Statistics.AllocatedBytes += allocated;
            return _viewers is { Ready.Count: 0, HasEnded: false } && !IsBlocked() && mayRest && Instant.Min(_viewers.NextTimeout, _relays.NextTimeout) >= until;
        }
#pragma warning disable CA1031 // it is the loop's, and not the camera's
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _fault = ExceptionDispatchInfo.Capture(fault);
            return false;
        }
        finally
        {
            _turn.Exit();
        }
    }

    private void DeliverPictures(Instant now)
    {
        while (_inbox.TryTakePicture(out var picture))
        {
            using (picture.Unit)
                _viewers.Deliver(picture.Stream, picture.Unit, now, _transmit);
        }
    }

    /// <summary>Waits for datagrams and the wake signal, for reports only after the rest, and lends the viewers meanwhile.</summary>
    private void LendAndWait(TimeSpan wait, TimeSpan rest, Instant now)
    {
        if (wait == TimeSpan.Zero)
        {
            _poll.Wait(wait, _wantWrite);
            return;
        }

        var until = now + wait;
        _waitsUntil = until;
        _turn.Exit();
        try
        {
            while (rest > TimeSpan.Zero && !_poll.Wait(rest, _wantWrite, withOthers: false))
            {
                now = MonotonicClock.Now;
                rest = RestAt(now, until - now);
            }

            if (rest == TimeSpan.Zero)
                _poll.Wait(Clamp(until - now, wait), _wantWrite);
        }
        finally
        {
            _turn.Enter();
            _waitsUntil = null;
        }

        _fault?.Throw();
    }

    /// <summary>A socket took less than all, and is to be waited for.</summary>
    private bool IsBlocked()
    {
        foreach (var sender in _senders)
        {
            if (sender.IsPending)
                return true;
        }

        return false;
    }
}
