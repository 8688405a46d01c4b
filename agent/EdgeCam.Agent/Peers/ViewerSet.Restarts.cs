using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>Further offers of live sessions, and the device's own addresses, which change beside running video.</summary>
internal sealed partial class ViewerSet
{
    private static readonly OfferResult s_otherSession =
        new(null, 409, "the offer is not this connection's: offer with the same certificate and media, or begin another session");

    private static readonly OfferResult s_tooMany = new(null, 429, "too many offers of one session; wait a few seconds");

    /// <summary>An offer that came through the viewer's own data channel: it restarts ICE, and never makes another connection.</summary>
    public OfferResult HandleOffer(ViewerChannel channel, string sdp, Instant now) =>
        _viewers.TryGetValue(channel.Viewer, out var viewer) && viewer.Channels.GetValueOrDefault(channel.Id) == channel
            ? Renegotiate(viewer, sdp, channel, now) ?? s_otherSession
            : s_otherSession;

    /// <summary>WHEP's way: credentials and candidates without an offer (RFC 9725 §4.3.3).</summary>
    public OfferResult RestartIce(LoopOrder.RestartIce order, Instant now)
    {
        if (!_viewers.TryGetValue(order.Viewer, out var viewer)
            || Restart(viewer, peer => peer.TryRestartIce(order.Credentials, now, out var fragment) ? fragment : null, now) is not { } result)
            return s_otherSession;
        if (result.Answer is not null)
        {
            foreach (var candidate in order.Candidates)
                AddCandidate(new(order.Viewer, candidate), now);
        }

        return result;
    }

    /// <summary>
    /// The device has other addresses than before. Connections use the new ones at once; a viewer whose path began at one that is gone is
    /// asked to restart, for it may know no way to the new ones.
    /// </summary>
    public void HandleAddresses(IReadOnlyList<TransportAddress> addresses, Instant now)
    {
        TransportAddress[] added = [.. addresses.Except(_hosts)], gone = [.. _hosts.Except(addresses)];
        _hosts = addresses;
        if (added.Length + gone.Length == 0)
            return;
        log.AddressesChanged(ToText(addresses));
        if (options.IsRelayOnly)
            return; // the relays' own connections notice

        foreach (var viewer in _viewers.Values)
        {
            Guard(viewer, (added, gone, now), (target, change) =>
            {
                var former = target.Peer.SelectedPath?.Local;
                foreach (var address in change.added)
                    target.Peer.AddLocalAddress(new(address), change.now);
                foreach (var address in change.gone)
                    target.Peer.RemoveLocalAddress(address, change.now);
                if (former is { } local && change.gone.Contains(local))
                    AskForRestart(target, "the device's address is gone", $"the device's address {local.ToIPAddress()} is gone");
            });
        }
    }

    /// <returns>Null where the offer is not that connection's.</returns>
    private OfferResult? Renegotiate(Viewer viewer, string sdp, ViewerChannel? channel, Instant now)
    {
        var result = Restart(viewer, peer => peer.TryHandleOffer(sdp, now, out var answer) ? answer : null, now);
        if (result?.Answer is not null)
            viewer.SignalsBy = channel;
        return result;
    }

    /// <summary>Lets a live connection begin another generation of ICE, if it has not done so too often.</summary>
    /// <param name="answer">What the connection answers; null where it was not asked for what it can do.</param>
    /// <returns>The same, or that it was asked too often.</returns>
    private OfferResult? Restart(Viewer viewer, Func<PeerConnection, string?> answer, Instant now)
    {
        if (!viewer.TryTakeOffer(now))
            return s_tooMany;
        OfferResult? result = null;
        Guard(viewer, answer, (target, answer) =>
        {
            var former = target.Peer.UsernameFragment;
            if (answer(target.Peer) is not { } text)
                return;
            _routes.HandleRestart(target, former);
            result = new(text);
        });
        return result;
    }

    /// <summary>The address behind a name comes back as a candidate of the same generation.</summary>
    private void Ask(Viewer viewer, Candidate candidate) => names.Resolve(viewer.Key, candidate.HostName!, found =>
    {
        log.NameFound(viewer.Key, candidate.HostName!, found);
        inbox.TryPost(new LoopOrder.Candidate(
            viewer.Key, (candidate with { HostName = null, Address = TransportAddress.From(found, candidate.Address.Port) }).ToString()));
    });

    /// <param name="reason">For the viewer, which may not be meant to know our addresses.</param>
    /// <param name="detail">For the log.</param>
    private void AskForRestart(Viewer viewer, string reason, string? detail = null)
    {
        log.RestartAsked(viewer.Key, detail ?? reason);
        viewer.Observer.OnRestart(reason);
        foreach (var channel in viewer.Channels.Values)
            channels.OnRestart(channel, reason);
    }

    /// <summary>A candidate of ours goes the way that the latest offer came.</summary>
    private void Tell(Viewer viewer, string candidate)
    {
        if (viewer.SignalsBy is { } channel)
            channels.OnCandidate(channel, candidate);
        else
            viewer.Observer.OnCandidate(candidate);
    }

    private static string ToText(IEnumerable<TransportAddress> addresses)
    {
        var text = string.Join(", ", addresses.Select(address => address.ToIPAddress()));
        return text.Length > 0 ? text : "none";
    }
}
