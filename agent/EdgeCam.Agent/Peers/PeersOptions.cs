using System.ComponentModel.DataAnnotations;
using EdgeCam.Agent.Configuration;
using Microsoft.Extensions.Options;

namespace EdgeCam.Agent.Peers;

/// <summary>The media side.</summary>
/// <param name="Port">UDP port of all viewers, so that a firewall opens one; 0 takes a free one.</param>
/// <param name="MaxViewers">Above it an offer is refused with 429.</param>
/// <param name="MaxSessionsPerViewer">Of whoever has one token, or its key; null: a quarter of <paramref name="MaxViewers"/>, at least 4.</param>
/// <param name="OffersPerMinute">Of one viewer, so many at once, too.</param>
/// <param name="ExcludedInterfaces">Interfaces that give no host candidates; a trailing <c>*</c> stands for any ending.</param>
/// <param name="StunServers"><c>host</c> or <c>host:port</c>, asked under which address the Internet sees this device; none by default.</param>
/// <param name="TurnServers">Relays for where no direct path exists; none by default.</param>
/// <param name="TurnCaFile">Certificates (PEM) to trust for <c>turns:</c>; null trusts the system's.</param>
/// <param name="TurnCredentialSeconds">How long minted TURN credentials are good.</param>
/// <param name="IcePolicy"><c>all</c>, or <c>relay</c>: nothing is told or used but what TURN servers relay.</param>
/// <param name="HideHostCandidates">The device's own addresses are used but not told.</param>
/// <param name="Advertise">Told as host candidates besides: <c>IP</c> or <c>IP:port</c> that something in front forwards to the media port.</param>
/// <param name="Segmentation">UDP GSO, where kernel and device have it.</param>
internal sealed record PeersOptions(
    [property: Range(0, 65535)] int Port = 50000,
    [property: Range(1, 1000)] int MaxViewers = 64,
    [property: Range(1, 1000)] int? MaxSessionsPerViewer = null,
    [property: Range(1, 6000)] int OffersPerMinute = 120,
    string[]? ExcludedInterfaces = null,
    string[]? StunServers = null,
    TurnServerOptions[]? TurnServers = null,
    string? TurnCaFile = null,
    [property: Range(60, 86_400)] int TurnCredentialSeconds = 3600,
    [property: OneOf("all", "relay")] string IcePolicy = PeersOptions.All,
    bool HideHostCandidates = false,
    string[]? Advertise = null,
    bool Segmentation = true)
{
    public const string All = "all";
    public const string Relay = "relay";

    /// <summary>A part of the places, so that those who offer and never connect do not shut out the others.</summary>
    public int SessionsPerViewer => MaxSessionsPerViewer ?? Math.Max(4, MaxViewers / 4);

    public bool IsRelayOnly => IcePolicy == Relay;

    public string[] Advertise { get; init => field = value ?? []; } = Advertise ?? [];

    public string[] StunServers { get; init => field = value ?? []; } = StunServers ?? [];

    [ValidateEnumeratedItems]
    public TurnServerOptions[] TurnServers { get; init => field = value ?? []; } = TurnServers ?? [];

    public string[] ExcludedInterfaces { get; init => field = value ?? ["docker*", "veth*", "br-*"]; } = ExcludedInterfaces ?? ["docker*", "veth*", "br-*"];
}
