using System.ComponentModel.DataAnnotations;

namespace EdgeCam.Agent.Security;

/// <summary>Who may watch and control.</summary>
/// <param name="Access">
/// <c>tokens</c>: whoever has a token and its key, which signs the offer; <c>bearer</c>: whoever has a token; <c>open</c>: whoever reaches
/// the device, which then binds loopback only.
/// </param>
/// <param name="PageUrl">What links to the viewer begin with; null: https under the first of http.hosts, or where http.bind says.</param>
internal sealed record SecurityOptions(
    [property: RegularExpression("^(tokens|bearer|open)$", ErrorMessage = "{0} must be tokens, bearer or open")] string Access = "tokens",
    string? PageUrl = null)
{
    public AccessMode Mode => Access switch { "open" => AccessMode.Open, "bearer" => AccessMode.Bearer, _ => AccessMode.Tokens };
}
