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

    private readonly Dictionary<TransportAddress, (long Bitrate, Instant At)> _links = [];

    public int Count => _links.Count;

    /// <param name="isLimited">The estimate had to go down: it is what the path carries. Otherwise it is what was asked for, and less each time if
    /// a share were taken off.</param>
    public void Remember(TransportAddress remote, LinkEstimate estimate, bool isLimited, Instant now)
    {
        if (!estimate.IsMeasured || estimate.IsSilent)
            return;
        var key = remote.WithPort(0);
        if (_links.Count == Capacity && !_links.ContainsKey(key))
            _links.Remove(_links.MinBy(static link => link.Value.At).Key);
        _links[key] = (isLimited ? (long)(estimate.Bitrate * Share) : estimate.Bitrate, now);
    }

    /// <summary>Bits per second to begin with, or 0 where nothing is known.</summary>
    public long Recall(TransportAddress remote, Instant now) =>
        _links.TryGetValue(remote.WithPort(0), out var link) && now - link.At < s_lifetime ? link.Bitrate : 0;
}
