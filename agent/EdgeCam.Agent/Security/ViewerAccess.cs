using System.Collections.Concurrent;

namespace EdgeCam.Agent.Security;

/// <summary>What each live viewer may do. Used from any thread.</summary>
internal sealed class ViewerAccess
{
    private readonly ConcurrentDictionary<string, ViewerSession> _sessions = new(StringComparer.Ordinal);

    /// <summary>All that are live, as they are now.</summary>
    public IEnumerable<(string Viewer, ViewerSession Session)> All => _sessions.Select(static session => (session.Key, session.Value));

    /// <param name="viewer">Its session.</param>
    public AccessGrant Of(string viewer) => Find(viewer)?.Grant ?? AccessGrant.Nothing;

    public ViewerSession? Find(string viewer) => _sessions.GetValueOrDefault(viewer);

    public void Set(string viewer, AccessGrant grant, string fingerprint = "") => _sessions[viewer] = new(grant, fingerprint);

    /// <summary>Puts a grant in the place of the one before; false where the viewer has gone.</summary>
    public bool TryRenew(string viewer, AccessGrant grant)
    {
        while (_sessions.TryGetValue(viewer, out var session))
        {
            if (_sessions.TryUpdate(viewer, session with { Grant = grant }, session))
                return true;
        }

        return false;
    }

    public void Remove(string viewer) => _sessions.TryRemove(viewer, out _);
}
