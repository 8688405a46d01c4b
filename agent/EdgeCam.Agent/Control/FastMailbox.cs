using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Control;

/// <summary>
/// What comes by <c>control-fast</c>, the newest alone: each 20 ms one message for each head goes on, one that finds its turn not come yet
/// waits for it and is replaced by what comes after it. So whatever floods the channel, the last word counts; and a stop counts at once.
/// </summary>
/// <remarks>
/// Bound: 4 heads and one message that is about none; policy: of two moves the one with the lower <c>seq</c> is dropped, without one the
/// older; a <c>ptz.alive</c> gives way to any move. Stops: 8 in 20 ms, what is above is dropped.
/// </remarks>
internal sealed class FastMailbox : IDisposable
{
    private const int MaxHeads = 4;
    private const int MaxStops = 8;

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(20);

    private readonly Action<byte[]> _take;
    private readonly TimeProvider _time;
    private readonly DropCounters _drops;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly List<(FastMessage About, byte[] Message)> _waiting = []; // in order of the first for each head
    private bool _isResting;
    private bool _isClosed;
    private int _stops; // since it began to rest

    /// <param name="take">Called one message at a time, on the thread that offers or on a timer's; must not wait.</param>
    public FastMailbox(Action<byte[]> take, TimeProvider time, DropCounters drops)
    {
        (_take, _time, _drops) = (take, time, drops);
        _timer = _time.CreateTimer(_ => Rested(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Offer(byte[] message)
    {
        var about = FastMessage.Peek(message);
        lock (_lock)
        {
            if (_isClosed)
                return;
            if (about.Kind == FastMessageKind.Stop)
                Stop(about, message);
            else if (_isResting)
                Keep(about, message);
            else
                Begin(message);
        }
    }

    /// <summary>Nothing is taken any more once it has returned.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            _waiting.Clear();
            _timer.Dispose();
        }
    }

    private void Rested()
    {
        lock (_lock)
        {
            (_isResting, _stops) = (false, 0);
            if (_isClosed || _waiting.Count == 0)
                return;
            Rest();
            Flush(static _ => true);
        }
    }

    private void Begin(byte[] message)
    {
        Rest();
        _take(message);
    }

    private void Rest()
    {
        _isResting = true;
        _timer.Change(s_interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>At once, after what waits for that head: else that would set it moving again.</summary>
    private void Stop(FastMessage about, byte[] message)
    {
        if (_stops >= MaxStops)
        {
            _drops.Count(Stage.Control, DropReason.RateLimited);
            return;
        }

        _stops++;
        if (!_isResting)
            Rest();
        Flush(other => about.Camera.Length == 0 || other.Camera.Length == 0 || other.Camera == about.Camera);
        _take(message);
    }

    private void Flush(Predicate<FastMessage> which)
    {
        foreach (var (_, message) in _waiting.Where(entry => which(entry.About)).ToArray())
            _take(message);
        _waiting.RemoveAll(entry => which(entry.About));
    }

    private void Keep(FastMessage about, byte[] message)
    {
        var place = _waiting.FindIndex(entry => IsOther(entry.About) == IsOther(about) && (IsOther(about) || entry.About.Camera == about.Camera));
        if (place < 0 && !IsOther(about) && _waiting.Count(entry => !IsOther(entry.About)) >= MaxHeads)
        {
            _drops.Count(Stage.Control, DropReason.QueueFull);
            return;
        }

        if (place < 0)
        {
            _waiting.Add((about, message));
            return;
        }

        _drops.Count(Stage.Control, DropReason.Superseded); // one of the two
        if (Supersedes(about, _waiting[place].About))
            _waiting[place] = (about, message);
    }

    private static bool Supersedes(FastMessage newer, FastMessage older) => (older.Kind, newer.Kind) switch
    {
        (FastMessageKind.Move, FastMessageKind.Alive) => false,
        (FastMessageKind.Move, FastMessageKind.Move) => newer.Sequence is not { } number || older.Sequence is not { } before || number >= before,
        _ => true,
    };

    private static bool IsOther(FastMessage about) => about.Kind == FastMessageKind.Other;
}
