using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>
/// What the network to an address carried when a viewer last came from there: one that comes back need not begin with caution. Bound: 256
/// addresses for ten minutes; policy: the oldest goes.
/// </summary>
internal sealed class LinkMemory
{
    public const int Capacity = 256;

    private const double Share = 0.75; // of a capacity that was met: a beginning that is too fast costs the first picture

    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(10);

    private readonly Dictionary<TransportAddress, (RememberedLink Link, Instant At)> _links = [];

    public int Count => _links.Count;

    /// <param name="isLimited">The estimate had to go down: it is what the path carries. Otherwise it is what was asked for.</param>
    public void Remember(TransportAddress remote, LinkEstimate estimate, bool isLimited, Instant now)
    {
        if (!estimate.IsMeasured || estimate.IsSilent)
            return;
        var key = remote.WithPort(0);
        if (_links.Count == Capacity && !_links.ContainsKey(key))
            _links.Remove(_links.MinBy(static link => link.Value.At).Key);
        _links[key] = (new(isLimited ? (long)(estimate.Bitrate * Share) : estimate.Bitrate, isLimited), now);
    }

    public RememberedLink Recall(TransportAddress remote, Instant now) =>
        _links.TryGetValue(remote.WithPort(0), out var link) && now - link.At < s_lifetime ? link.Link : default;
}
