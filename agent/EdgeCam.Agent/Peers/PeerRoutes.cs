using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Ice;

namespace EdgeCam.Agent.Peers;

/// <summary>
/// Finds the viewer of a datagram on the shared port: a connectivity check by its username fragment, the answer to one by its transaction,
/// all else by the path that a check has validated. What fits none of them is nobody's.
/// </summary>
internal sealed class PeerRoutes
{
    private const int MaxCheckedPaths = 4096; // policy: the table of unvalidated paths starts anew when full; checks are repeated anyway

    private readonly Dictionary<string, Viewer> _byUsernameFragment = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Viewer>.AlternateLookup<ReadOnlySpan<char>> _byFragmentSpan;
    private readonly Dictionary<NetworkPath, Viewer> _validated = [];
    private readonly Dictionary<NetworkPath, Viewer> _checked = [];

    public PeerRoutes() => _byFragmentSpan = _byUsernameFragment.GetAlternateLookup<ReadOnlySpan<char>>();

    public void Add(Viewer viewer) => _byUsernameFragment[viewer.Peer.UsernameFragment] = viewer;

    public void Remove(Viewer viewer)
    {
        _byUsernameFragment.Remove(viewer.Peer.UsernameFragment);
        foreach (var path in viewer.Paths)
        {
            if (_validated.GetValueOrDefault(path) == viewer)
                _validated.Remove(path);
        }

        foreach (var (path, owner) in _checked)
        {
            if (owner == viewer)
                _checked.Remove(path);
        }
    }

    public Viewer? Find(ReadOnlySpan<byte> datagram, NetworkPath path)
    {
        if (IceAgent.TryGetUsernameFragment(datagram, out var fragment))
        {
            Span<char> text = stackalloc char[fragment.Length];
            System.Text.Encoding.ASCII.GetChars(fragment, text);
            return _byFragmentSpan.TryGetValue(text, out var viewer) ? viewer : null;
        }

        var owner = _validated.GetValueOrDefault(path);
        if (datagram[0] > 3)
            return owner;
        if (owner?.Peer.IsResponseToUs(datagram) == true)
            return owner;
        var asking = _checked.GetValueOrDefault(path);
        return asking?.Peer.IsResponseToUs(datagram) == true ? asking : null;
    }

    /// <summary>
    /// A path on which the viewer's checks came. It stays with its viewer, so that nobody takes it over by a forged source address; but
    /// one who is seen to receive on it has it now: the port was given to a new socket while the old viewer's consent still ran.
    /// </summary>
    public void Validate(Viewer viewer, NetworkPath path)
    {
        var owner = _validated.GetValueOrDefault(path);
        if (owner == viewer || (owner is not null && !viewer.Peer.IsConfirmed(path)))
            return;
        _validated[path] = viewer;
        viewer.Paths.Add(path);
    }

    /// <summary>A path to which the viewer's connection sends: where the answers to its own checks come from.</summary>
    public void Check(Viewer viewer, NetworkPath path)
    {
        if (_validated.GetValueOrDefault(path) == viewer || _checked.GetValueOrDefault(path) == viewer)
            return;
        if (_checked.Count >= MaxCheckedPaths)
            _checked.Clear();
        _checked[path] = viewer;
    }
}
