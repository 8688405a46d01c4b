namespace EdgeCam.Agent.Publishing;

/// <summary>A session that a WHIP server has made (RFC 9725 §4.2).</summary>
/// <param name="Resource">Where it is ended and changed; null where the server named none.</param>
/// <param name="EntityTag">Of its ICE session; null where the server restarts none (RFC 9725 §4.3.1).</param>
/// <param name="NamesRelays">It told TURN servers of its own in <c>Link</c> headers (RFC 9725 §4.6).</param>
/// <param name="Token">Sent along; null where there is none.</param>
internal sealed record WhipSession(string Answer, Uri? Resource, string? EntityTag, string? Token, bool NamesRelays = false)
{
    /// <summary>That of the present ICE session: a restart changes it.</summary>
    public string? EntityTag { get; set; } = EntityTag;
}
