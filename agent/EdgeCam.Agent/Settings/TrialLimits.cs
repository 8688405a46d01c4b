namespace EdgeCam.Agent.Settings;

/// <summary>How long settings are on trial.</summary>
/// <param name="Proof">For so long all has to be well in one piece.</param>
/// <param name="Longest">After so long they are given up.</param>
internal sealed record TrialLimits(TimeSpan Proof, TimeSpan Longest)
{
    /// <summary>What is left of five minutes is for the way back.</summary>
    public static TrialLimits Usual { get; } = new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(270));
}
