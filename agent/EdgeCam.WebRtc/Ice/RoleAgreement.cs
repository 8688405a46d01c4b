using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Ice;

/// <summary>Our role and the tie-breaker that decides when both agents claim the same (RFC 8445 §6.1.1, §7.2.5.1, §7.3.1.1).</summary>
internal sealed class RoleAgreement(IceRole role, RandomSource random)
{
    private const int MaxConflicts = 8;

    private ulong _tieBreaker = random.NextUInt64();
    private int _conflicts;

    public IceRole Role { get; private set; } = role;

    public void Switch() => Role = Role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling;

    public void HandleRestart() => _conflicts = 0;

    public void Write(ref StunMessageWriter request) => request.AddUInt64(Attribute(Role), _tieBreaker);

    /// <summary>Gives way where the peer's tie-breaker asks for it. Zero is a tie-breaker as any other: browsers send it.</summary>
    /// <returns>False where the peer has to give way: 487.</returns>
    public bool TryAgree(StunMessageView request)
    {
        if (!request.TryGetUInt64(Attribute(Role), out var tieBreaker))
            return true; // it has the other role
        if ((_tieBreaker >= tieBreaker) == (Role == IceRole.Controlling))
            return false;
        Switch();
        return true;
    }

    /// <summary>A request with this role was refused by 487.</summary>
    /// <returns>False where the peer refuses again and again, whatever we say.</returns>
    public bool TryGiveWay(IceRole refused)
    {
        if (refused == Role)
        {
            Switch();
            _tieBreaker = random.NextUInt64(); // two agents that keep refusing each other part this way
        }

        return ++_conflicts <= MaxConflicts;
    }

    private static StunAttributeType Attribute(IceRole role) =>
        role == IceRole.Controlling ? StunAttributeType.IceControlling : StunAttributeType.IceControlled;
}
