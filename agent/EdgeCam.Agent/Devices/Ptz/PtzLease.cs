using EdgeCam.Agent.Security;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>Which operator controls a head: one at a time, until it has given no command for a while.</summary>
/// <param name="duration">After the holder's last command.</param>
internal sealed class PtzLease(TimeSpan duration)
{
    /// <summary>Whoever asks for it may take over where the head has stood still for so long.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromSeconds(2);

    private string? _holder;
    private string _name = "";
    private Instant _expiresAt;

    /// <summary>After the holder's last command; another one counts from the next command on.</summary>
    public TimeSpan Duration { get; set; } = duration;

    /// <summary>Null: nobody.</summary>
    public (string Id, string Name, TimeSpan ExpiresIn)? Holder(Instant now) => _holder is not null && now < _expiresAt ? (_holder, _name, _expiresAt - now) : null;

    /// <summary>Takes or renews it for a command; refused where another holds it.</summary>
    public PtzRefusal? Use(PtzCaller caller, Instant now)
    {
        if (Holder(now) is { } holder && holder.Id != caller.Id)
            return PtzRefusal.Held(holder.Name, holder.ExpiresIn);
        Give(caller, now);
        return null;
    }

    /// <summary>Takes it on demand, from another where <paramref name="isForced"/> and the rules allow.</summary>
    /// <param name="stillFor">How long the head has stood.</param>
    public PtzRefusal? Acquire(PtzCaller caller, bool isForced, TimeSpan stillFor, Instant now)
    {
        if (!isForced || Holder(now) is not { } holder || holder.Id == caller.Id)
            return Use(caller, now);
        if (!CanTake(caller.Access, stillFor))
            return PtzRefusal.Held(holder.Name, holder.ExpiresIn);
        Give(caller, now);
        return null;
    }

    public static bool CanTake(AccessGrant access, TimeSpan stillFor) => stillFor >= Idle || access.Allows(AccessScope.Manage);

    /// <summary>The holder goes on with what it commanded.</summary>
    public void Extend(string caller, Instant now)
    {
        if (Holder(now) is { } holder && holder.Id == caller)
            _expiresAt = now + Duration;
    }

    /// <returns>Whether it was the caller's.</returns>
    public bool Release(string caller)
    {
        if (_holder != caller)
            return false;
        _holder = null;
        return true;
    }

    /// <summary>Forgets a holder whose time is up.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Expire(Instant now)
    {
        if (_holder is null || now < _expiresAt)
            return false;
        _holder = null;
        return true;
    }

    public void End() => _holder = null;

    private void Give(PtzCaller caller, Instant now) => (_holder, _name, _expiresAt) = (caller.Id, caller.Access.Name, now + Duration);
}
