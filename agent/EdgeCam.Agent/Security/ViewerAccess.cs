using System.Collections.Concurrent;

namespace EdgeCam.Agent.Security;

/// <summary>What each live viewer may do. Used from any thread.</summary>
internal sealed class ViewerAccess
{
    private static readonly AccessGrant s_nothing = new("", AccessScope.None);

    private readonly ConcurrentDictionary<string, AccessGrant> _grants = new(StringComparer.Ordinal);

    /// <param name="viewer">Its session.</param>
    public AccessGrant Of(string viewer) => _grants.GetValueOrDefault(viewer, s_nothing);

    public void Set(string viewer, AccessGrant grant) => _grants[viewer] = grant;

    public void Remove(string viewer) => _grants.TryRemove(viewer, out _);
}
