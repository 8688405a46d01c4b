using System.Net;

namespace EdgeCam.Agent.Publishing;

/// <summary>What a server's refusal means, and what the operator can do.</summary>
internal static class WhipWords
{
    public static string Refused(HttpStatusCode status, bool hadToken, bool lostToken) => (int)status switch
    {
        401 when lostToken => "asks for a token (401), and was told none, since the address in publish[].to leads on to another server: name that one in publish[].to",
        401 when hadToken => "does not take the token (401): put a valid one into the file of publish[].bearerTokenFile, which is read for each attempt",
        401 => "asks for a token (401): put one into a file and name that in publish[].bearerTokenFile",
        403 => "does not let this device publish there (403): the token is wrong or is for something else, or somebody publishes there already",
        404 => "has no such address (404): check the path in publish[].to, and that the stream or room exists there",
        405 or 501 => $"takes no streams at this address ({(int)status}): publish[].to must name the WHIP endpoint, not a page or a player",
        406 or 415 => $"takes no SDP ({(int)status}): publish[].to must name a WHIP endpoint",
        409 => "says that somebody publishes there already (409): end that, or publish under another path",
        400 or 422 => $"does not take the offer ({(int)status}): allow H.264 there; the server's log says more",
        413 => "says that the offer is too large (413): look at its limits",
        429 => "says that it was asked too often (429)",
        503 => "is overloaded or not ready (503)",
        >= 300 and < 400 => $"leads on in a way that is not followed ({(int)status}): only 307 and 308 keep a POST what it is; name the place itself in publish[].to",
        >= 500 => $"has a fault ({(int)status}): its log says more",
        _ => $"answers {(int)status}, where 201 belongs: publish[].to must name a WHIP endpoint",
    };
}
