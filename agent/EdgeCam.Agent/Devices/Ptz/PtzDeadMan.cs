using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>
/// Whose motion it is, and until when each axis may go on without another word of that caller. A driven axis is kept going by the next command
/// to drive that axis and by nothing else; a travel by any command to move, or by a sign of life.
/// </summary>
/// <remarks>Times are those at which words arrived, not those at which they were dealt with: a loop that hung gives nobody more time.</remarks>
/// <param name="patience">How long a present caller may be silent.</param>
internal sealed class PtzDeadMan(TimeSpan patience)
{
    /// <summary>The longest that a motion goes on whose caller nobody sees.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly Deadline?[] _axes = new Deadline?[3];
    private (string Caller, Instant HeardAt)? _hand; // who drove it last, and has not let go since
    private (string Caller, Instant HeardAt)? _shut; // who has to let go before driving it again

    public TimeSpan Patience { get; set; } = patience;

    /// <summary>Null: nothing moves that anybody has to keep going.</summary>
    public string? Owner { get; private set; }

    /// <param name="isTravel">It ends by itself at a target.</param>
    /// <param name="timeout">Ends the motion whatever is heard; null: <see cref="Longest"/> for a caller whom nobody sees.</param>
    public void Begin(PtzCaller caller, IEnumerable<PtzAxis> axes, bool isTravel, TimeSpan? timeout, Instant heardAt)
    {
        Owner = caller.Id;
        var endsAt = timeout is { } span ? heardAt + span : caller.IsPresent ? Instant.Never : heardAt + Longest;
        foreach (var axis in axes)
            _axes[(int)axis] = new(isTravel, caller.IsPresent ? heardAt + Patience : Instant.Never, endsAt);
        Hear(caller.Id, heardAt);
        if (!isTravel)
            _hand = (caller.Id, heardAt);
    }

    /// <summary>A caller has said that it is still there.</summary>
    public void Hear(string caller, Instant heardAt)
    {
        if (caller != Owner)
            return;
        for (var i = 0; i < _axes.Length; i++)
        {
            if (_axes[i] is { IsTravel: true } travel && travel.SilentAt != Instant.Never)
                _axes[i] = travel with { SilentAt = Instant.Max(travel.SilentAt, heardAt + Patience) };
        }
    }

    public bool IsOver(PtzAxis axis, Instant now) => IsSilent(axis, now) || _axes[(int)axis]?.EndsAt <= now;

    /// <summary>It is over because nothing was heard, not because its time was up.</summary>
    public bool IsSilent(PtzAxis axis, Instant now) => _axes[(int)axis]?.SilentAt <= now;

    /// <summary>That axis stands, or is about to.</summary>
    public void End(PtzAxis axis)
    {
        _axes[(int)axis] = null;
        if (Array.TrueForAll(_axes, one => one is null))
            Owner = null;
    }

    public void End()
    {
        Array.Clear(_axes);
        Owner = null;
    }

    /// <summary>The head was made safe: whoever still holds a stick has to let go of it first.</summary>
    public void Shut(Instant now) => _shut = _hand is { } hand ? (hand.Caller, Instant.Max(hand.HeardAt, now)) : _shut; // an agent that hung heard nothing meanwhile

    /// <summary>A caller has said stop, or gone: the next command to drive is a new one.</summary>
    public void LetGo(string caller)
    {
        if (_hand?.Caller == caller)
            _hand = null;
        if (_shut?.Caller == caller)
            _shut = null;
    }

    /// <summary>Whether a caller may drive the head, or holds what it held when the head was made safe. Silence is letting go, too.</summary>
    public bool MayDrive(string caller, Instant heardAt)
    {
        if (_hand is { } hand && hand.Caller == caller)
            _hand = (caller, Instant.Max(hand.HeardAt, heardAt)); // refused or not, it is held
        if (_shut is not { } shut || shut.Caller != caller)
            return true;
        var isHeld = heardAt - shut.HeardAt < Patience;
        _shut = isHeld ? (caller, Instant.Max(shut.HeardAt, heardAt)) : null;
        return !isHeld;
    }

    private readonly record struct Deadline(bool IsTravel, Instant SilentAt, Instant EndsAt);
}
