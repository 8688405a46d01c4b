namespace EdgeCam.Agent.Security;

/// <summary>The ICE servers that one viewer may use.</summary>
/// <param name="Lifetime">For how long; null where no credential among them ends.</param>
internal sealed record IceServerGrant(IReadOnlyList<IceServer> Servers, TimeSpan? Lifetime)
{
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(20);

    public static readonly IceServerGrant None = new([], null);

    /// <summary>When the viewer should be given fresh ones: after two thirds of their life, and at least 20 s before its end.</summary>
    public TimeSpan? RenewAfter => Lifetime is not { } lifetime ? null : lifetime * 2 / 3 < lifetime - s_margin ? lifetime * 2 / 3 : lifetime - s_margin;
}
