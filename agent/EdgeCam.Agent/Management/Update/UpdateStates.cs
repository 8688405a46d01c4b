namespace EdgeCam.Agent.Management.Update;

/// <summary>The states of an update, in events, results and the agent's own file.</summary>
internal static class UpdateStates
{
    public const string Idle = "idle";
    public const string Downloading = "downloading";

    /// <summary>Laid ready for the helper.</summary>
    public const string Staged = "staged";

    /// <summary>The new version runs, and has to prove itself.</summary>
    public const string Trial = "trial";

    public const string Confirmed = "confirmed";
    public const string RolledBack = "rolledBack";
    public const string Refused = "refused";

    /// <summary>Nothing further comes.</summary>
    public static bool IsLast(string state) => state is Confirmed or RolledBack or Refused;
}
