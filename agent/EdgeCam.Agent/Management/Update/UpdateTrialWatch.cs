using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Management.Update;

/// <summary>
/// The new version looks at itself: once it has had its broker and its cameras back for ten seconds on end it says so to the helper, and until
/// then what it waits for.
/// </summary>
internal sealed class UpdateTrialWatch(UpdatePaths paths, UpdateTrial trial, Func<UpdateHealth> health, TimeProvider time, ILogger log)
{
    public static readonly TimeSpan Steady = TimeSpan.FromSeconds(10);

    private readonly RecoveryWatch _recovery = new(time, trial.Broker, trial.Cameras, Steady);
    private string? _said;

    public bool IsHealthy { get; private set; }

    /// <summary>To be called each second.</summary>
    /// <exception cref="IOException">It could not be written; the next look tries again.</exception>
    public void Look()
    {
        if (IsHealthy)
            return;
        var now = health();
        if (!_recovery.Look(now.Broker, now.Cameras))
        {
            if (_recovery.Missing is { } missing)
                Say(missing);
            return;
        }

        Directory.CreateDirectory(paths.Spool);
        UpdateFile.Write(paths.Healthy, new UpdateSign(trial.Id), UpdateJson.Default.UpdateSign, isOpen: false);
        File.Delete(paths.Waiting);
        IsHealthy = true;
        log.Healthy();
    }

    private void Say(string missing)
    {
        if (missing == _said)
            return;
        Directory.CreateDirectory(paths.Spool);
        UpdateFile.Write(paths.Waiting, new UpdateSign(trial.Id, missing), UpdateJson.Default.UpdateSign, isOpen: false);
        _said = missing;
    }
}
