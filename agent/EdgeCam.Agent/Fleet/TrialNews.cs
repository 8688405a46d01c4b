using System.Text.Json;

namespace EdgeCam.Agent.Fleet;

/// <summary>Reads out of <c>event/config</c> and <c>config/reported</c> what became of settings that were put on trial.</summary>
internal static class TrialNews
{
    private const string Confirmed = "confirmed";
    private const string RolledBack = "rolledBack";

    /// <param name="revision">Of those settings.</param>
    /// <returns>Null: nothing yet. Else whether they were confirmed, and why not.</returns>
    public static (bool IsConfirmed, string? Reason)? Of(string revision, JsonElement message)
    {
        // config/reported has what happened last in it, beside the state of what is in force.
        if (message.Member("last") is { } last && last.Text("state") == RolledBack && last.Text("revision") == revision)
            return (false, last.Text("reason"));
        if (message.Text("revision") != revision)
            return null;
        return message.Text("state") switch
        {
            Confirmed => (true, null),
            RolledBack => (false, message.Text("reason")),
            _ => null,
        };
    }

    /// <summary>What became of a document of <c>config/desired</c>, by <c>config/reported</c>.</summary>
    /// <param name="document">Its name.</param>
    /// <returns>As above; and while it is on trial nothing yet.</returns>
    public static (bool IsConfirmed, string? Reason)? OfDesired(string document, JsonElement reported)
    {
        if (reported.Member("desired") is not { } desired || desired.Text("document") != document)
            return null;
        return desired.Text("state") switch
        {
            "applied" when reported.Text("state") == Confirmed => (true, null),
            "applied" => null,
            _ => (false, desired.Text("reason")),
        };
    }
}
