using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Turn;

/// <summary>Which peers an allocation speaks with: their permissions and channels, and when these are to be renewed or forgotten.</summary>
internal sealed class TurnPeerTable(int maxPeers)
{
    private static readonly TimeSpan s_permissionLifetime = TimeSpan.FromMinutes(5); // RFC 8656 §9
    private static readonly TimeSpan s_permissionMargin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_channelLifetime = TimeSpan.FromMinutes(10);   // §12
    private static readonly TimeSpan s_channelMargin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_channelReserve = TimeSpan.FromMinutes(5);     // §12: after it has expired
    private static readonly TimeSpan s_checkInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_refusal = TimeSpan.FromSeconds(30);

    private readonly Dictionary<TransportAddress, TurnPermission> _permissions = [];
    private readonly Dictionary<TransportAddress, TurnPeer> _peers = [];
    private readonly Dictionary<ushort, TurnPeer> _channels = [];
    private Instant _nextCheck;
    private ushort _nextChannel = ChannelData.FirstChannel;

    public int Count => _peers.Count;

    public int ChannelCount => _channels.Count;

    /// <summary>When <see cref="TryTakeDue"/> is to be asked: now and again, well within the margins.</summary>
    public Instant NextTimeout => _peers.Count == 0 && _permissions.Count == 0 ? Instant.Never : _nextCheck;

    public TurnPeer? Find(TransportAddress address) => _peers.GetValueOrDefault(address);

    public TurnPeer? FindByChannel(ushort channel) => _channels.GetValueOrDefault(channel);

    /// <summary>Whether datagrams from this IP address were asked for.</summary>
    public bool IsPermitted(TransportAddress address, Instant now) => _permissions.GetValueOrDefault(address.WithPort(0))?.IsInstalled(now) == true;

    /// <summary>The peer at this address; null where there are as many as there may be, and all have channels.</summary>
    public TurnPeer? GetOrAdd(TransportAddress address, Instant now)
    {
        if (_peers.TryGetValue(address, out var peer))
            return peer;
        if (_peers.Count >= maxPeers && !TryForgetOne())
            return null;
        var host = address.WithPort(0);
        if (!_permissions.TryGetValue(host, out var permission))
            _permissions[host] = permission = new(host);
        _peers[address] = peer = new(address, permission) { LastUsedAt = now };
        return peer;
    }

    /// <summary>Gives the peer a channel number, or leaves it the one it has; false where all numbers are in use.</summary>
    public bool TryAssignChannel(TurnPeer peer)
    {
        if (peer.Channel != 0)
            return true;
        for (var tried = 0; tried <= ChannelData.LastChannel - ChannelData.FirstChannel; tried++)
        {
            var channel = _nextChannel;
            _nextChannel = channel == ChannelData.LastChannel ? ChannelData.FirstChannel : (ushort)(channel + 1);
            if (!_channels.TryAdd(channel, peer))
                continue;
            peer.Channel = channel;
            return true;
        }

        return false;
    }

    /// <param name="since">When it was asked for: the server counts from a moment after.</param>
    public static void HandlePermitted(TurnPermission permission, Instant since)
    {
        permission.IsAsked = false;
        permission.ExpiresAt = since + s_permissionLifetime;
    }

    public static void HandleBound(TurnPeer peer, Instant since)
    {
        peer.IsAsked = false;
        peer.BoundUntil = since + s_channelLifetime;
        peer.ReservedUntil = peer.BoundUntil + s_channelReserve;
        HandlePermitted(peer.Permission, since);
    }

    public static void HandleNotPermitted(TurnPermission permission, Instant now)
    {
        permission.IsAsked = false;
        permission.RefusedUntil = now + s_refusal;
    }

    /// <summary>The server may have bound it or not: the number stays reserved for this peer.</summary>
    public static void HandleNotBound(TurnPeer peer, Instant now)
    {
        peer.IsAsked = false;
        peer.RefusedUntil = now + s_refusal;
        peer.ReservedUntil = Instant.Max(peer.ReservedUntil, now + s_channelLifetime + s_channelReserve);
    }

    /// <summary>Forgets what is over, and gives one permission or channel that is used and soon expires; none when nothing is due.</summary>
    public bool TryTakeDue(Instant now, out TurnPermission? permission, out TurnPeer? peer)
    {
        (permission, peer) = (null, null);
        foreach (var (address, known) in _peers)
        {
            if (IsChannelDue(known, now))
            {
                peer = known;
                return true;
            }

            // .NET allows removing while enumerating.
            if (!known.IsAsked && !known.Permission.IsAsked && now >= EndOf(known))
            {
                _peers.Remove(address);
                if (known.Channel != 0)
                    _channels.Remove(known.Channel);
            }
        }

        foreach (var (address, known) in _permissions)
        {
            if (IsPermissionDue(known, now))
            {
                permission = known;
                return true;
            }

            if (!known.IsAsked && !known.IsInstalled(now) && now >= known.RefusedUntil && !_peers.Values.Any(other => other.Permission == known))
                _permissions.Remove(address);
        }

        _nextCheck = now + s_checkInterval;
        return false;
    }

    private static bool IsPermissionDue(TurnPermission permission, Instant now) =>
        !permission.IsAsked && permission.IsInstalled(now) && now >= permission.ExpiresAt - s_permissionMargin
        && permission.LastUsedAt > permission.ExpiresAt - s_permissionLifetime && now >= permission.RefusedUntil;

    private static bool IsChannelDue(TurnPeer peer, Instant now) =>
        !peer.IsAsked && peer.IsBound(now) && now >= peer.BoundUntil - s_channelMargin && peer.LastUsedAt > peer.BoundUntil - s_channelLifetime
        && now >= peer.RefusedUntil;

    /// <summary>When nothing that the server holds for the peer is left.</summary>
    private static Instant EndOf(TurnPeer peer) =>
        Instant.Max(Instant.Max(peer.ReservedUntil, peer.LastUsedAt + s_permissionLifetime), peer.Permission.ExpiresAt);

    private bool TryForgetOne()
    {
        TurnPeer? oldest = null;
        foreach (var peer in _peers.Values)
        {
            if (peer.Channel == 0 && !peer.IsAsked && (oldest is null || peer.LastUsedAt < oldest.LastUsedAt))
                oldest = peer;
        }

        return oldest is not null && _peers.Remove(oldest.Address);
    }
}
