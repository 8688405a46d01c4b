using EdgeCam.Agent.Peers.Relays;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>What relays give to and take from all viewers.</summary>
internal sealed partial class ViewerSet : IRelayUsers
{
    /// <summary>Set once, before the first offer; null where there are none.</summary>
    public RelaySet? Relays { get; set; }

    public int Count => _viewers.Count;

    public void AddRelayedAddress(LocalAddress address, Instant now)
    {
        foreach (var viewer in _viewers.Values)
            Guard(viewer, (address, now), static (target, added) => target.Peer.AddLocalAddress(added.address, added.now));
    }

    /// <summary>A viewer whose path went there keeps asking the dead relay for a while, and is asked to check anew.</summary>
    public void RemoveRelayedAddress(TransportAddress address, Instant now)
    {
        foreach (var viewer in _viewers.Values)
        {
            Guard(viewer, (address, now), (target, removed) =>
            {
                var former = target.Peer.SelectedPath?.Local;
                target.Peer.RemoveLocalAddress(removed.address, removed.now);
                if (former == removed.address)
                    AskForRestart(target, "the relay is gone");
            });
        }
    }

    public void EndRelayedAddresses(Instant now)
    {
        foreach (var viewer in _viewers.Values)
            Guard(viewer, now, static (target, now) => target.Peer.EndLocalAddresses(now));
    }
}
