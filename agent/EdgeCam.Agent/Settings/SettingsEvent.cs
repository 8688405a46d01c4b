using System.Text;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Settings;

/// <summary>Something that happened to the settings, as <c>event/config</c> tells it.</summary>
/// <param name="State"><c>trial</c>, <c>confirmed</c> or <c>rolledBack</c>; or <c>refused</c>, of a document of desired settings.</param>
/// <param name="Revision">Of the settings that it happened to; where some are refused, of those in force.</param>
/// <param name="By">Who set them.</param>
/// <param name="Reason">Why they were rolled back or refused, and what to do.</param>
internal sealed record SettingsEvent(string State, string Revision, string By, string? Reason = null)
{
    public const string Trial = "trial";
    public const string Confirmed = "confirmed";
    public const string RolledBack = "rolledBack";

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["v"] = 1, ["state"] = State, ["revision"] = Revision, ["by"] = By };
        if (Reason is not null)
            json["reason"] = Reason;
        return json;
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(ToJson().ToJsonString());
}
