using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras.V4l2.M2m;

/// <summary>
/// What an encoder was given and owes: the pictures inside, by their times, since some encoders leave pictures out without a word; when it
/// last showed that it lives; and the key frame that was asked for. Belongs to the encoder's thread, and allocates nothing once made.
/// </summary>
internal sealed class M2mLedger
{
    /// <summary>More than any encoder holds: of more, the oldest were left out.</summary>
    public const int Most = 64;

    private static readonly TimeSpan s_silent = TimeSpan.FromSeconds(2); // neither an access unit nor a raw buffer
    private static readonly TimeSpan s_fruitless = TimeSpan.FromSeconds(10); // raw buffers come back, but no access unit: at low bitrates many pictures are left out
    private static readonly TimeSpan s_keyAgain = TimeSpan.FromSeconds(1);

    private readonly Queue<long> _inside = new(Most);
    private Instant _lastGiven;
    private Instant _lastSign;
    private Instant _lastUnit;
    private Instant _askAgain;
    private long? _keyFrom; // the time of the picture that a key frame was asked for with

    /// <summary>Pictures that were given in and are neither out nor known to be left out.</summary>
    public int Inside => _inside.Count;

    /// <summary>The encoder starts: nothing is inside, and the first picture is to stand alone.</summary>
    public void Start(Instant now)
    {
        _inside.Clear();
        (_lastGiven, _lastSign, _lastUnit) = (now, now, now);
        (_keyFrom, _askAgain) = (0, now + s_keyAgain);
    }

    /// <summary>A picture is given in.</summary>
    /// <param name="microseconds">Its time: what its access unit carries.</param>
    public void Give(long microseconds, Instant now)
    {
        if (_inside.Count == 0 || now - _lastGiven > s_silent) // it was not at work, whatever it left out before
            (_lastSign, _lastUnit) = (now, now);
        _lastGiven = now;
        if (_inside.Count == Most)
            _inside.Dequeue();
        _inside.Enqueue(microseconds);
    }

    /// <summary>A raw buffer came back.</summary>
    public void HandleRoom(Instant now) => _lastSign = now;

    /// <summary>An access unit came out: pictures come out in their order, so that those before it were left out.</summary>
    /// <param name="microseconds">The time it carries; 0 where the driver gives none: then it is of the oldest one.</param>
    public void HandleUnit(long microseconds, Instant now)
    {
        (_lastSign, _lastUnit) = (now, now);
        if (microseconds <= 0)
            _inside.TryDequeue(out _);
        while (microseconds > 0 && _inside.TryPeek(out var oldest) && oldest <= microseconds)
            _inside.Dequeue();
    }

    /// <summary>A key frame is asked for with the picture of this time.</summary>
    public void HandleKeyAsked(long microseconds, Instant now) => (_keyFrom, _askAgain) = (_keyFrom ?? microseconds, now + s_keyAgain);

    /// <summary>A key frame came out.</summary>
    public void HandleKey(long microseconds)
    {
        if (microseconds <= 0 || microseconds >= _keyFrom)
            _keyFrom = null;
    }

    /// <summary>One was asked for a second ago and has not come: its picture may have been left out.</summary>
    public bool IsKeyOverdue(Instant now) => _keyFrom is not null && now >= _askAgain;

    /// <summary>It is at work, and does not show it any more.</summary>
    public bool IsStuck(Instant now) => _inside.Count > 0 && (now - _lastSign > s_silent || now - _lastUnit > s_fruitless);
}
