namespace EdgeCam.Agent.Security;

/// <summary>
/// What a viewer is told of ICE servers: the STUN servers; the TURN servers that share a secret with the device, each with credentials minted
/// for this viewer; and those with a standing password where the configuration gives it away.
/// </summary>
/// <param name="stunServers"><c>host</c> or <c>host:port</c>.</param>
internal sealed class ViewerIceServers(IReadOnlyList<string> stunServers, IReadOnlyList<TurnServer> turnServers, TimeSpan lifetime, TimeProvider time)
{
    private const int MaxName = 40;

    /// <param name="viewer">For the TURN server's log; what may not stand there is replaced.</param>
    /// <param name="until">When its access ends, and with it what is minted; null: never.</param>
    public IceServerGrant Grant(string viewer, Deadline? until)
    {
        var name = string.Create(Math.Min(viewer.Length, MaxName), viewer, static (span, viewer) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsAsciiLetterOrDigit(viewer[i]) || viewer[i] is '-' or '_' or '.' ? viewer[i] : '-';
        });
        var now = time.GetUtcNow();
        var span = until is { } end && end.Left(time) < lifetime ? end.Left(time) : lifetime;
        var servers = new List<IceServer>();
        if (stunServers.Count > 0)
            servers.Add(new([.. stunServers.Select(static server => $"stun:{server}")]));

        // Servers of one secret have one credential, and make one entry: browsers look askance at more than four.
        var ends = false;
        foreach (var server in turnServers.Where(static server => server.IsForViewers))
        {
            var credential = server.Mint(name, now, span);
            ends |= credential.ExpiresAt is not null;
            var same = servers.FindIndex(other => other.Username == credential.Username && other.Credential == credential.Password);
            if (same < 0)
                servers.Add(new([server.Address.ToString()], credential.Username, credential.Password));
            else
                servers[same] = servers[same] with { Urls = [.. servers[same].Urls, server.Address.ToString()] };
        }

        return new(servers, ends ? span : null);
    }
}
