using System.Diagnostics.CodeAnalysis;

namespace EdgeCam.Agent.Publishing;

/// <summary>Where an output goes: <c>whip:</c> and the address of a WHIP endpoint (RFC 9725 §4.1).</summary>
internal static class WhipAddress
{
    private const string Scheme = "whip:";
    private const int MaxLength = 4096;

    /// <param name="problem">What is wrong, to follow the key's name; it quotes nothing of the address, which may be a secret.</param>
    /// <param name="remedy">A sentence.</param>
    public static bool TryParse(string text, bool allowPlaintext, [NotNullWhen(true)] out Uri? endpoint, out string problem, out string remedy)
    {
        (problem, remedy) = ("is no address of a WHIP server", "Write whip:https:// and what the server calls its WHIP endpoint, such as whip:https://sfu.example/whip/porch.");
        var isWhip = text.StartsWith(Scheme, StringComparison.Ordinal) && text.Length <= MaxLength;
        if (!Uri.TryCreate(isWhip ? text[Scheme.Length..] : "", UriKind.Absolute, out endpoint) || endpoint.Scheme is not ("http" or "https") || endpoint.Host.Length == 0)
            return false;
        if (endpoint.UserInfo.Length > 0)
            (problem, remedy) = ("holds a user's name or password", "Leave it out, and put a token into a file for bearerTokenFile.");
        else if (endpoint.Scheme == "http" && !endpoint.IsLoopback && !allowPlaintext)
            (problem, remedy) = ("is http beyond this machine: the token and the session could be read and changed on the way", "Write https, or set allowPlaintext where that network is your own.");
        else
            return true;
        return false;
    }
}
