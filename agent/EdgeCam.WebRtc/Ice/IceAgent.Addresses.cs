using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Ice;

/// <summary>Addresses of ours that come and go: interfaces and relay allocations.</summary>
public sealed partial class IceAgent
{
    /// <summary>An address that we can send from now: a candidate of its own, told by an event, and pairs with what the peer has told.</summary>
    public void AddLocalAddress(LocalAddress address, Instant now)
    {
        if (_local.Add(address) is not { } local)
            return;
        _gatherer.Add(local);
        _remoteCandidates.AddLocal(local);
        if (!_hasFailed && _selection.Selected is null && _remoteCredentials is not null)
            BeginPatience(now);
        Settle(now);
    }

    /// <summary>
    /// We can no longer send from the address. Where it carried the selected pair, another valid one is taken, else the checks go on for as
    /// long as at the start.
    /// </summary>
    public void RemoveLocalAddress(TransportAddress address, Instant now)
    {
        if (_local.Remove(address) is not { } local)
            return;
        _gatherer.Remove(local);
        _checkList.Remove(local);
        if (_selection.Selected?.Local == local)
        {
            _selection.HandleLost(_checks.Credential, now);
            _checkList.Renew(_selection.Selected);
            BeginPatience(now);
        }

        Settle(now);
    }

    /// <summary>The owner brings no more addresses: gathering is completed once the STUN servers have answered.</summary>
    /// <seealso cref="IceAgentOptions.MoreAddressesFollow"/>
    public void EndLocalAddresses(Instant now)
    {
        _mayGetAddresses = false;
        Settle(now);
    }

    private void BeginPatience(Instant now)
    {
        _giveUpAt = now + s_patience;
        _isPatienceOver = false;
    }
}
