using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Settings;

/// <summary>How it stands with settings on trial: where the device is not back where it was in time, they are given up.</summary>
/// <param name="began">When the settings were set, in ticks of the clock.</param>
internal sealed class TrialWatch(TimeProvider time, long began, bool awaitsBroker, IReadOnlyCollection<string> cameras, TrialLimits limits)
{
    private readonly RecoveryWatch _recovery = new(time, awaitsBroker, cameras, limits.Proof);

    /// <summary>What is missing now, for people; null while nothing is.</summary>
    public string? Missing => _recovery.Missing;

    /// <summary>Until it is given up.</summary>
    public TimeSpan Left => limits.Longest - time.GetElapsedTime(began) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>To be called about once a second.</summary>
    /// <param name="broker">Null: there is none to be connected to.</param>
    public TrialVerdict Look(BrokerCondition? broker, IReadOnlyList<CameraReport> now)
    {
        if (_recovery.Look(broker, now))
            return TrialVerdict.Good;
        return Left == TimeSpan.Zero ? TrialVerdict.Bad : TrialVerdict.Open;
    }
}
