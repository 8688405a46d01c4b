using System.Buffers.Binary;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Ice;

namespace EdgeCam.Agent.Peers;

/// <summary>
/// Finds the viewer of a datagram on the shared port: a STUN request by its username fragment, a STUN response by the transaction that it
/// answers, all else by the path that a connectivity check has validated. What fits none of them is nobody's.
/// </summary>
internal sealed class PeerRoutes
{
    private const int MaxTransactions = 2048; // policy: of those that nobody answers, the latest 2048 to 4096 are kept
    private const int MaxPaths = 128; // of one viewer; its check list has fewer
    private const int StunHeader = 20;
    private const ushort BindingRequest = 1;
    private const ushort ResponseBit = 0x100; // RFC 8489 §5: success and error responses have it, requests and indications not

    private readonly Dictionary<string, Viewer> _byUsernameFragment = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Viewer>.AlternateLookup<ReadOnlySpan<char>> _byFragmentSpan;
    private readonly Dictionary<NetworkPath, Viewer> _validated = [];
    private Dictionary<(ulong, uint), Viewer> _asking = [];
    private Dictionary<(ulong, uint), Viewer> _askedBefore = [];

    public PeerRoutes() => _byFragmentSpan = _byUsernameFragment.GetAlternateLookup<ReadOnlySpan<char>>();

    public void Add(Viewer viewer) => _byUsernameFragment[viewer.Peer.UsernameFragment] = viewer;

    /// <summary>After a restart both fragments lead to the viewer, for the former path goes on until a new one is valid (RFC 8445 §9).</summary>
    /// <param name="former">The fragment before; the present one where nothing was restarted.</param>
    public void HandleRestart(Viewer viewer, string former)
    {
        if (former == viewer.Peer.UsernameFragment)
            return;
        if (viewer.FormerFragment is { } older)
            _byUsernameFragment.Remove(older);
        viewer.FormerFragment = former;
        Add(viewer);
    }

    public void Remove(Viewer viewer)
    {
        _byUsernameFragment.Remove(viewer.Peer.UsernameFragment);
        if (viewer.FormerFragment is { } former)
            _byUsernameFragment.Remove(former);
        foreach (var path in viewer.Paths)
            Forget(viewer, path);
        foreach (var table in new[] { _asking, _askedBefore })
        {
            foreach (var (transaction, owner) in table)
            {
                if (owner == viewer)
                    table.Remove(transaction); // .NET allows removing while enumerating
            }
        }
    }

    public Viewer? Find(ReadOnlySpan<byte> datagram, NetworkPath path)
    {
        if (!IsStun(datagram))
            return _validated.GetValueOrDefault(path);
        if (datagram.Length >= StunHeader && (BinaryPrimitives.ReadUInt16BigEndian(datagram) & ResponseBit) != 0)
            return _asking.GetValueOrDefault(TransactionOf(datagram)) ?? _askedBefore.GetValueOrDefault(TransactionOf(datagram));
        if (!IceAgent.TryGetUsernameFragment(datagram, out var fragment))
            return _validated.GetValueOrDefault(path); // an indication (a keepalive), or nothing that STUN knows
        Span<char> text = stackalloc char[fragment.Length];
        System.Text.Encoding.ASCII.GetChars(fragment, text);
        return _byFragmentSpan.TryGetValue(text, out var viewer) ? viewer : null;
    }

    /// <summary>
    /// Gives a viewer the datagram that was found to be its own. A request that is answered by it is forgotten; a response that the viewer
    /// refuses, forged perhaps, changes nothing: the right one may still come.
    /// </summary>
    public void Deliver(Viewer viewer, Span<byte> datagram, NetworkPath path, Instant now)
    {
        var isStun = IsStun(datagram);
        var wasAwaited = isStun && viewer.Peer.IsResponseToUs(datagram);
        viewer.Peer.HandleDatagram(datagram, path, now);
        if (isStun && viewer.Peer.IsValidated(path))
            Validate(viewer, path);
        if (!wasAwaited || viewer.Peer.IsResponseToUs(datagram))
            return;
        _asking.Remove(TransactionOf(datagram));
        _askedBefore.Remove(TransactionOf(datagram));
    }

    /// <summary>
    /// Takes note of a request that goes out, by whose transaction the response will be known. The path would not do: two viewers may ask one
    /// STUN server, and a hostile one may name another's address as its candidate.
    /// </summary>
    public void HandleSent(Viewer viewer, ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < StunHeader || BinaryPrimitives.ReadUInt16BigEndian(datagram) != BindingRequest)
            return;
        if (_asking.Count >= MaxTransactions)
        {
            (_asking, _askedBefore) = (_askedBefore, _asking);
            _asking.Clear();
        }

        _asking[TransactionOf(datagram)] = viewer;
    }

    /// <summary>
    /// A path on which the viewer's checks came. It stays with its viewer, so that nobody takes it over by a forged source address; but
    /// one who is seen to receive on it has it now: the port was given to a new socket while the old viewer's consent still ran.
    /// </summary>
    private void Validate(Viewer viewer, NetworkPath path)
    {
        var owner = _validated.GetValueOrDefault(path);
        if (owner == viewer || (owner is not null && !viewer.Peer.IsConfirmed(path)))
            return;
        if (viewer.Paths.Count >= MaxPaths)
            ForgetUnused(viewer);
        _validated[path] = viewer;
        viewer.Paths.Add(path);
    }

    /// <summary>RFC 7983 §7.</summary>
    private static bool IsStun(ReadOnlySpan<byte> datagram) => datagram[0] <= 3;

    /// <summary>A viewer may check from any number of ports: what its check list has let go of is not kept here either.</summary>
    private void ForgetUnused(Viewer viewer)
    {
        viewer.Paths.RemoveWhere(path =>
        {
            if (viewer.Peer.IsValidated(path))
                return false;
            Forget(viewer, path);
            return true;
        });
    }

    private void Forget(Viewer viewer, NetworkPath path)
    {
        if (_validated.GetValueOrDefault(path) == viewer)
            _validated.Remove(path);
    }

    private static (ulong High, uint Low) TransactionOf(ReadOnlySpan<byte> message) =>
        (BinaryPrimitives.ReadUInt64BigEndian(message[8..]), BinaryPrimitives.ReadUInt32BigEndian(message[16..]));
}
