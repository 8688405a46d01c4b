using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Settings;

/// <summary>What <c>config.trial.json</c> holds: settings that are in force until they have proved themselves, and are gone by themselves if not.</summary>
/// <param name="Starts">How often the agent has started with them: one that they crash takes the confirmed ones again.</param>
/// <param name="Since">When they were set; null where the clock was not set then.</param>
/// <param name="By">Who set them, for people.</param>
/// <param name="AwaitsBroker">They are confirmed only with a connection to the broker.</param>
/// <param name="Cameras">And with pictures of these cameras: those that were live before.</param>
/// <param name="Values">The whole remote layer.</param>
internal sealed record TrialRecord(int Starts, DateTimeOffset? Since, string By, bool AwaitsBroker, IReadOnlyList<string> Cameras, JsonObject Values)
{
    /// <summary>With the start after these it is given up.</summary>
    public const int MaxStarts = 3;

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = 20 };

    /// <returns>Null: it is broken.</returns>
    public static TrialRecord? TryParse(string json)
    {
        try
        {
            if (JsonNode.Parse(json, documentOptions: s_strict) is not JsonObject all || all["values"] is not JsonObject values)
                return null;
            var cameras = all["cameras"] is JsonArray list ? list.Select(static name => name!.GetValue<string>()).ToArray() : [];
            DateTimeOffset? since = all["since"] is { } text ? DateTimeOffset.Parse(text.GetValue<string>(), CultureInfo.InvariantCulture) : null;
            return new(all["starts"]!.GetValue<int>(), since, all["by"]?.GetValue<string>() ?? "", all["awaitsBroker"]?.GetValue<bool>() ?? false, cameras, values.DeepClone().AsObject());
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or FormatException or NullReferenceException)
        {
            return null;
        }
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["starts"] = Starts,
        ["since"] = Since?.ToString("O", CultureInfo.InvariantCulture),
        ["by"] = By,
        ["awaitsBroker"] = AwaitsBroker,
        ["cameras"] = new JsonArray([.. Cameras.Select(static name => (JsonNode)name)]),
        ["values"] = Values.DeepClone(),
    }.ToJsonString());
}
