using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>Whose motion it is, and until when it may go on without another word of that caller.</summary>
/// <param name="patience">How long a present caller may be silent.</param>
internal sealed class PtzDeadMan(TimeSpan patience)
{
    /// <summary>The longest that a motion goes on whose caller nobody sees.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private bool _isPresent;
    private bool _isTravel;
    private Instant _silentAt;
    private Instant _endsAt;

    /// <summary>Null: nothing moves that anybody has to keep going.</summary>
    public string? Owner { get; private set; }

    /// <param name="isTravel">It ends by itself at a target.</param>
    /// <param name="timeout">Ends the motion whatever is heard; null: <see cref="Longest"/> for a caller whom nobody sees.</param>
    public void Begin(PtzCaller caller, bool isTravel, TimeSpan? timeout, Instant now)
    {
        (Owner, _isPresent, _isTravel) = (caller.Id, caller.IsPresent, isTravel);
        _silentAt = caller.IsPresent ? now + patience : Instant.Never;
        _endsAt = timeout is { } span ? now + span : caller.IsPresent ? Instant.Never : now + Longest;
    }

    /// <summary>A caller has said something.</summary>
    /// <param name="isAlive">It is about the motion; any other word keeps only a move to a target going.</param>
    public void Hear(string caller, bool isAlive, Instant now)
    {
        if (_isPresent && caller == Owner && (isAlive || _isTravel))
            _silentAt = now + patience;
    }

    public bool IsOver(Instant now) => Owner is not null && (now >= _silentAt || now >= _endsAt);

    /// <summary>It is over because nothing was heard, not because its time was up.</summary>
    public bool IsSilent(Instant now) => Owner is not null && now >= _silentAt;

    public void End() => Owner = null;
}
