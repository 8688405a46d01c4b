using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Control;

/// <summary>
/// What comes by <c>control-fast</c>, the newest alone: one message each 20 ms goes on, one that finds its turn not come yet waits for it and
/// is replaced by what comes after it. So whatever floods the channel, the last word counts.
/// </summary>
internal sealed class FastMailbox : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(20);

    private readonly Action<byte[]> _take;
    private readonly TimeProvider _time;
    private readonly DropCounters _drops;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private byte[]? _waiting;
    private bool _isResting;
    private bool _isClosed;

    /// <param name="take">Called one message at a time, on the thread that offers or on a timer's; must not wait.</param>
    public FastMailbox(Action<byte[]> take, TimeProvider time, DropCounters drops)
    {
        (_take, _time, _drops) = (take, time, drops);
        _timer = _time.CreateTimer(_ => Rested(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Offer(byte[] message)
    {
        lock (_lock)
        {
            if (_isClosed)
                return;
            if (_isResting)
            {
                if (_waiting is not null)
                    _drops.Count(Stage.Control, DropReason.Superseded);
                _waiting = message;
                return;
            }

            Begin(message);
        }
    }

    /// <summary>Nothing is taken any more once it has returned.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            (_isClosed, _waiting) = (true, null);
            _timer.Dispose();
        }
    }

    private void Rested()
    {
        lock (_lock)
        {
            _isResting = false;
            if (_waiting is not { } message || _isClosed)
                return;
            _waiting = null;
            Begin(message);
        }
    }

    private void Begin(byte[] message)
    {
        _isResting = true;
        _timer.Change(s_interval, Timeout.InfiniteTimeSpan);
        _take(message);
    }
}
