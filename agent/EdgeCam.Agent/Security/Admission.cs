namespace EdgeCam.Agent.Security;

/// <summary>Somebody is let in with a grant, or not for a reason.</summary>
internal readonly record struct Admission(AccessGrant? Grant, AccessRefusal Refusal, AccessScope Missing = AccessScope.None)
{
    public string Message => Missing == AccessScope.None
        ? Refusal.InWords()
        : $"the token lacks the scope {AccessScopes.Word(Missing)}; ask whoever runs the device for a link with it";

    public int Code => Refusal.Code();

    public static Admission Of(AccessGrant grant, AccessScope needed) =>
        grant.Allows(needed) ? new(grant, AccessRefusal.None) : new(null, AccessRefusal.MissingScope, needed);

    public static Admission Refuse(AccessRefusal refusal) => new(null, refusal);
}
