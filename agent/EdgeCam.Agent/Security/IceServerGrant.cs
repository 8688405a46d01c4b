namespace EdgeCam.Agent.Security;

/// <summary>The ICE servers that one viewer may use.</summary>
/// <param name="Lifetime">For how long; null where no credential among them ends.</param>
internal sealed record IceServerGrant(IReadOnlyList<IceServer> Servers, TimeSpan? Lifetime)
{
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(20);

    public static readonly IceServerGrant None = new([], null);

    /// <summary>
    /// When the viewer should be given fresh ones: after two thirds of their life, and at least 20 s before its end. Not sooner than after 20 s:
    /// those that last no longer end with the viewer's access.
    /// </summary>
    public TimeSpan? RenewAfter => Lifetime is not { } lifetime ? null : TimeSpan.FromSeconds(Math.Max(s_margin.TotalSeconds, Math.Min(lifetime.TotalSeconds * 2 / 3, (lifetime - s_margin).TotalSeconds)));
}
