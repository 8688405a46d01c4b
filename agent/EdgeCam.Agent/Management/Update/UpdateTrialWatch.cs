namespace EdgeCam.Agent.Management.Update;

/// <summary>
/// The new version looks at itself: once it has had its broker and its cameras back for ten seconds on end it says so to the helper, and until
/// then what it waits for.
/// </summary>
internal sealed class UpdateTrialWatch(UpdatePaths paths, UpdateTrial trial, Func<UpdateHealth> health, TimeProvider time, ILogger log)
{
    public static readonly TimeSpan Steady = TimeSpan.FromSeconds(10);

    private long? _goodSince;
    private string? _said;

    public bool IsHealthy { get; private set; }

    /// <summary>To be called each second.</summary>
    /// <exception cref="IOException">It could not be written; the next look tries again.</exception>
    public void Look()
    {
        if (IsHealthy)
            return;
        if (health().Missing(trial.Broker, trial.Cameras) is { } missing)
        {
            _goodSince = null;
            Say(missing);
            return;
        }

        _goodSince ??= time.GetTimestamp();
        if (time.GetElapsedTime(_goodSince.Value) < Steady)
            return;
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
