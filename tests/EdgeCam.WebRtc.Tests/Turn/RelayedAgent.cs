using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;
using EdgeCam.WebRtc.Turn;

namespace EdgeCam.WebRtc.Tests.Turn;

/// <summary>The engine and its relay as the agent's loop puts them together.</summary>
internal sealed class RelayedAgent : IVirtualNode
{
    private readonly VirtualAgent _agent;
    private readonly TransportAddress _server;
    private readonly byte[] _message = new byte[65536];

    public RelayedAgent(VirtualNetwork network, VirtualAgent agent, TransportAddress local, TransportAddress server)
    {
        (_agent, _server) = (agent, server);
        Relay = new(new(new(local, server), IsStream: false, "alice", "secret", new SeededRandom(9)), network.Now);
        network.Attach(this, local);
    }

    public TurnClient Relay { get; }

    public int BurstsThroughRelay { get; private set; }

    public Instant NextTimeout => Instant.Min(Relay.NextTimeout, _agent.NextTimeout);

    public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now)
    {
        if (path.Remote != _server)
        {
            _agent.HandleDatagram(datagram, path, now);
            return;
        }

        if (Relay.HandleDatagram(datagram, now, out var payload, out var peer) == TurnInput.Data)
            _agent.HandleDatagram(payload, new(Relay.RelayedAddress, peer), now);
        TakeEvents(now);
    }

    public void HandleTimeout(Instant now)
    {
        if (Relay.NextTimeout <= now)
            Relay.HandleTimeout(now);
        if (_agent.NextTimeout <= now)
            _agent.HandleTimeout(now);
        TakeEvents(now);
    }

    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        while (_agent.TryTransmit(_message, now, out transmit))
        {
            var isRelayed = transmit.Path.Local == Relay.RelayedAddress;
            Assert.Equal(isRelayed ? 4 : 0, transmit.Headroom);
            if (isRelayed && !Relay.TryFrame(_message, transmit, now, out transmit))
                continue;
            if (isRelayed && transmit.SegmentSize < transmit.Length)
                BurstsThroughRelay++;
            _message.AsSpan(0, transmit.Length).CopyTo(buffer);
            return true;
        }

        return Relay.TryTransmit(buffer, now, out transmit);
    }

    private void TakeEvents(Instant now)
    {
        while (Relay.TryGetEvent(out var turnEvent))
        {
            if (turnEvent is TurnEvent.Allocated allocated)
                _agent.Peer?.AddLocalAddress(new(allocated.Relayed, CandidateType.Relayed, allocated.Mapped), now);
            else if (turnEvent is TurnEvent.Failed)
                _agent.Peer?.RemoveLocalAddress(Relay.RelayedAddress, now);
        }
    }
}
