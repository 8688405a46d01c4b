namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>What stands between a site and the public network, by the mapping behaviour of RFC 4787 §4.1.</summary>
internal enum NatBehaviour
{
    /// <summary>A router: the site's addresses are reachable from everywhere.</summary>
    None,

    /// <summary>One external port for all that an internal one sends ("cone"); filters by address and port.</summary>
    EndpointIndependent,

    /// <summary>Another random external port for each peer's address and port ("symmetric"); filters by address and port.</summary>
    AddressAndPortDependent,
}
