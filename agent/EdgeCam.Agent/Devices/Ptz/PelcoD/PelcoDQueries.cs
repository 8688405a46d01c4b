using EdgeCam.Agent.Devices.Ports;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz.PelcoD;

/// <summary>Asks a head where it is: one axis after the other, each 200 ms while it moves and each 2 s while it stands, as the line allows.</summary>
internal sealed class PelcoDQueries(byte address, IReadOnlyList<PtzAxis> axes, SerialLine line)
{
    private const int MaxUnanswered = 3;
    private static readonly TimeSpan s_moving = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_resting = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_afterwards = TimeSpan.FromSeconds(1); // it runs on for a while
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(150); // besides what the bytes take

    private readonly PelcoDReplies _replies = new(address);
    private readonly Dictionary<PtzAxis, Instant> _askedAt = [];
    private readonly Dictionary<PtzAxis, ushort> _told = [];
    private PtzAxis? _asking;
    private Instant _nextAt;
    private Instant _giveUpAt;
    private Instant _watchUntil;
    private int _unanswered;

    /// <summary>It has not answered three times; null once it does.</summary>
    public DeviceFault? Fault { get; private set; }

    /// <summary>Every axis has told its position, and the last queries were not in vain.</summary>
    public bool IsAnswered => Fault is null && _told.Count == axes.Count;

    /// <summary>The line is open, for the first time or again.</summary>
    public void Begin()
    {
        _replies.Clear();
        _askedAt.Clear();
        _told.Clear();
        (_asking, _unanswered, Fault) = (null, 0, null);
    }

    /// <summary>It moves, or is about to: it is asked often until what it says has stayed the same for a second.</summary>
    public void Watch(Instant now) => _watchUntil = now + s_afterwards;

    public void Ask(IDevicePort port, Instant now)
    {
        if (_asking is { } silent && now >= _giveUpAt)
            GiveUp(silent);
        if (_asking is not null || now < _nextAt || !line.IsFree(now))
            return;
        var isHasty = now < _watchUntil || (Fault is null && _told.Count < axes.Count);
        var next = axes.MinBy(axis => _askedAt.GetValueOrDefault(axis));
        if (_askedAt.TryGetValue(next, out var asked) && now - asked < (isHasty ? s_moving : s_resting))
            return;
        if (!line.TryWrite(port, PelcoDFrame.Query(address, next), now, PelcoDFrame.Length))
            return;
        _askedAt[next] = now;
        _asking = next;
        _giveUpAt = now + line.Takes(2 * PelcoDFrame.Length) + s_patience;
        _nextAt = now + line.Takes(4 * PelcoDFrame.Length); // half of the line is for commands
    }

    /// <param name="handle">Gets each position, as the head tells it.</param>
    public void Receive(ReadOnlySpan<byte> data, Action<PtzAxis, ushort> handle, Instant now) => _replies.Append(data, (axis, raw) =>
    {
        if (axis == _asking)
            _asking = null;
        if (_told.TryGetValue(axis, out var before) && before != raw)
            Watch(now);
        _told[axis] = raw;
        (_unanswered, Fault) = (0, null);
        handle(axis, raw);
    });

    private void GiveUp(PtzAxis axis)
    {
        _asking = null;
        if (++_unanswered < MaxUnanswered)
            return;
        Fault = new(
            $"the head does not answer when asked for its {PtzNames.Of(axis)} position",
            "Check its power, its cable, its address and the baud rate; remove position=query where it cannot tell its position");
    }
}
