using EdgeCam.Agent.Control;

namespace EdgeCam.Agent.Settings;

/// <summary>Why settings are not taken, as JSON-RPC errors.</summary>
internal static class SettingsRefusals
{
    /// <summary>So many are named; whoever has more knows where to look.</summary>
    public const int MaxMistakes = 32;

    public static readonly ControlError Leaving = ControlError.Unavailable("the agent begins anew by other settings", "Ask again in a few seconds");

    /// <summary>Of the program: the same code, since it is awaited the same way.</summary>
    public static readonly ControlError Updating = new(-32011, "On trial: another version of the agent is being installed, or has not been confirmed yet", "Wait until it is confirmed or rolled back, some minutes at most; event/update tells it");

    public static ControlError Conflict(string revision) =>
        new(-32010, $"Conflict: the revision is {revision}", "Read the settings again by config.get, and decide anew", Revision: revision);

    public static ControlError OnTrial(string revision, TimeSpan left) =>
        new(-32011, "On trial: other settings have not been confirmed yet", "Wait until they are confirmed or rolled back; event/config tells it", ExpiresIn: (long)left.TotalMilliseconds, Revision: revision);

    /// <param name="mistakes">None of them quotes a secret.</param>
    public static ControlError Invalid(IReadOnlyList<ConfigurationMistake> mistakes) => ControlError.BadParameters(mistakes.Count == 1 ? "1 mistake" : $"{mistakes.Count} mistakes") with
    {
        Mistakes = [.. mistakes.Take(MaxMistakes).Select(static mistake => new ErrorMistake(mistake.Key, mistake.Problem, mistake.Remedy))],
    };

    public static ControlError NotWritten(string problem) => ControlError.Unavailable($"the settings cannot be written: {problem}", "Look for room and rights in device.stateFolder; nothing has changed");
}
