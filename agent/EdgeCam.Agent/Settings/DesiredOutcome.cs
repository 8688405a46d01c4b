using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Settings;

/// <summary>
/// What became of a document of desired settings. Kept over restarts: the broker hands a retained document out at each connection, and one that
/// was taken, refused or rolled back is not taken again.
/// </summary>
/// <param name="Document">A name made of its content.</param>
/// <param name="State"><c>applied</c>, <c>refused</c> or <c>rolledBack</c>.</param>
internal sealed record DesiredOutcome(string Document, string State, string? Reason = null)
{
    public const string Applied = "applied";
    public const string Refused = "refused";

    public static DesiredOutcome? TryParse(string json)
    {
        try
        {
            return JsonNode.Parse(json) is JsonObject all && all["document"]?.GetValue<string>() is { } document && all["state"]?.GetValue<string>() is { } state
                ? new(document, state, all["reason"]?.GetValue<string>())
                : null;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return null; // then the document is looked at once more
        }
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["document"] = Document, ["state"] = State };
        if (Reason is not null)
            json["reason"] = Reason;
        return json;
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(ToJson().ToJsonString());
}
