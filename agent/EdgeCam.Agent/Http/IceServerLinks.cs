using System.Text;
using EdgeCam.Agent.Security;
using Microsoft.Extensions.Primitives;

namespace EdgeCam.Agent.Http;

/// <summary>ICE servers as Link headers (RFC 9725 §4.6).</summary>
internal static class IceServerLinks
{
    public static StringValues Of(IceServerGrant grant) =>
        new([.. from server in grant.Servers where CanStand(server) from url in server.Urls select Link(url, server)]);

    /// <summary>A header carries ASCII only; a standing password may be anything.</summary>
    private static bool CanStand(IceServer server) => $"{server.Username}{server.Credential}".All(static letter => letter is >= ' ' and <= '~');

    private static string Link(string url, IceServer server) => server is { Username: { } username, Credential: { } credential }
        ? $"<{url}>; rel=\"ice-server\"; username={Quoted(username)}; credential={Quoted(credential)}; credential-type=\"password\""
        : $"<{url}>; rel=\"ice-server\"";

    /// <summary>RFC 9110 §5.6.4.</summary>
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var letter in text)
            quoted.Append(letter is '"' or '\\' ? "\\" : "").Append(letter);
        return quoted.Append('"').ToString();
    }
}
