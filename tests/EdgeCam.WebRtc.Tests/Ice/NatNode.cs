using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Ice;

/// <summary>A NAT in front of one node: rewrites its address, and lets in what answers to something it sent (address- and port-dependent filter).</summary>
/// <param name="isSymmetric">A mapping of its own for each destination, instead of one for all.</param>
internal sealed class NatNode(IVirtualNode inner, TransportAddress outside, bool isSymmetric) : IVirtualNode
{
    private readonly Dictionary<(TransportAddress Inside, TransportAddress Destination), TransportAddress> _mappings = [];
    private readonly HashSet<(TransportAddress Outside, TransportAddress Source)> _permitted = [];
    private int _ports;

    /// <summary>Datagrams that the filter kept out.</summary>
    public int Blocked { get; private set; }

    public Instant NextTimeout => inner.NextTimeout;

    /// <summary>Puts the node behind a NAT with this address, which has ports for sixteen mappings.</summary>
    public static NatNode Attach(VirtualNetwork network, IVirtualNode inner, string outside, bool isSymmetric = false)
    {
        var address = IceNode.Address(outside, 40000);
        var nat = new NatNode(inner, address, isSymmetric);
        network.Attach(nat, [.. Enumerable.Range(40000, 16).Select(port => address.WithPort((ushort)port))]);
        return nat;
    }

    /// <summary>Forgets every mapping, as after a reboot or when the provider changes the address.</summary>
    public void Rebind()
    {
        _mappings.Clear();
        _permitted.Clear();
    }

    public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now)
    {
        if (!_permitted.Contains((path.Local, path.Remote)))
        {
            Blocked++;
            return;
        }

        var inside = _mappings.First(mapping => mapping.Value == path.Local).Key.Inside;
        inner.HandleDatagram(datagram, new(inside, path.Remote), now);
    }

    public void HandleTimeout(Instant now) => inner.HandleTimeout(now);

    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        if (!inner.TryTransmit(buffer, now, out transmit))
            return false;

        var key = (transmit.Path.Local, isSymmetric ? transmit.Path.Remote : default);
        if (!_mappings.TryGetValue(key, out var mapped))
        {
            mapped = outside.WithPort((ushort)(outside.Port + _ports++));
            _mappings.Add(key, mapped);
        }

        _permitted.Add((mapped, transmit.Path.Remote));
        transmit = transmit with { Path = new(mapped, transmit.Path.Remote) };
        return true;
    }
}
