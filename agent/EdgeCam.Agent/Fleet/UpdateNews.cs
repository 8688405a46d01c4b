using System.Text.Json;

namespace EdgeCam.Agent.Fleet;

/// <summary>How an update stands at a device, out of <c>event/update</c> or the result of <c>update.check</c>.</summary>
/// <param name="State">As the device words it: <c>downloading</c>, <c>staged</c>, <c>trial</c>, <c>confirmed</c>, <c>rolledBack</c>, <c>refused</c>.</param>
/// <param name="Percent">Of the download.</param>
/// <param name="Why">It went wrong for this reason.</param>
internal sealed record UpdateNews(string State, int? Percent, string? Version, string? Why)
{
    private const string Confirmed = "confirmed";

    public bool IsGood => State == Confirmed;

    public bool IsLast => State is Confirmed or "rolledBack" or "refused";

    /// <param name="id">Of the update that is followed; other ones are not meant.</param>
    /// <returns>Null where it is not of that update.</returns>
    public static UpdateNews? Of(string id, JsonElement said)
    {
        if (said.Text("id") == id && said.Text("state") is { } state)
            return new(state, (int?)said.Integer("percent"), said.Text("kind") is null ? said.Text("update") : said.Text("version"), Reason(said));
        return said.Member("lastResult") is { } last && last.Text("id") == id && last.Text("state") is { } end ? new(end, null, last.Text("version"), Reason(last)) : null;
    }

    private static string? Reason(JsonElement said) => said.Text("reason") is not { } reason
        ? null
        : $"{reason}{(said.Text("detail") is { } detail ? $": {detail}" : "")}{(said.Text("remedy") is { } remedy ? $". {remedy}" : "")}";
}
