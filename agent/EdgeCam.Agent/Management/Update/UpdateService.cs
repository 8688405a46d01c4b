using System.Text;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Management.Update;

/// <summary>
/// The agent's part of updates: takes an order, downloads, lays it ready for the helper, and tells how it goes. What it is at stands in a file,
/// so that a start goes on from there. The helper's answer decides; this part has no right to install anything.
/// </summary>
/// <param name="fetch">Downloads (<see cref="UpdateDownload.FetchAsync"/>).</param>
/// <param name="tell">Publishes <c>event/update</c>. Must not wait.</param>
/// <param name="areSettingsTried">
/// Settings are on trial. No update is installed meanwhile: what it is to find again would be what a trial leaves, and of two ways back each would
/// undo the other's. Null: never.
/// </param>
internal sealed class UpdateService(
    UpdateDevice device, Func<Uri, UpdateManifest, string, Action<long>, CancellationToken, Task<UpdateRefusal?>> fetch, Func<UpdateHealth> health, Action<UpdateEvent> tell,
    TimeProvider time, ILogger log, Progress? progress = null, Func<bool>? areSettingsTried = null)
{
    /// <summary>So long what lies ready may be left alone: the helper comes within seconds, and unpacks within a minute on a slow card.</summary>
    public static readonly TimeSpan HelperPatience = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private readonly UpdatePaths _paths = device.Paths;
    private readonly Lock _gate = new(); // over all below: orders come on other threads than the loop's
    private UpdateMemory _memory = new();
    private UpdateTrialWatch? _watch;
    private CancellationTokenSource? _cancel;
    private long _stagedAt;
    private int _percent;
    private int _toldPercent; // each twentieth is told, and each second at most
    private long _toldAt;

    /// <summary>Takes an order; null where it is taken. The same one a second time is the same one.</summary>
    public UpdateRefusal? Install(string url, string manifest)
    {
        if (device.Unfit() is { } unfit)
            return unfit;
        if (UpdateDownload.CheckUrl(url, out _) is { } bad)
            return bad;
        using var keys = UpdateKeys.Load(_paths.Keys);
        var (wanted, refusal) = UpdateManifest.Open(manifest, keys);
        refusal ??= UpdateRules.Check(wanted!, device.DeviceClass, device.Version!, Installed().RollbackIndex);
        if (refusal is not null)
            return refusal;
        lock (_gate)
        {
            if (_memory.Job is { } job)
            {
                return job.Manifest == manifest.Trim()
                    ? null
                    : new(UpdateReasons.Busy, $"{job.Version} is under way ({job.State})", job.State == UpdateStates.Downloading ? "Wait, or stop it: update.cancel." : "Wait: some minutes at most.");
            }

            if (_watch is { IsHealthy: false })
                return new(UpdateReasons.Busy, "what runs is on trial itself", "Wait: some minutes at most.");
            if (areSettingsTried?.Invoke() == true)
                return new(UpdateReasons.Busy, "settings are on trial", "Wait until they are confirmed or rolled back, five minutes at most: event/config tells it.");
            try
            {
                StateFile.CreateFolder(_paths.Spool);
                if (UpdateRules.CheckRoom(_paths.Spool, wanted!.Size) is { } full)
                    return full;
                File.Delete(_paths.Download); // of another
                var memory = new UpdateMemory(new(Guid.NewGuid().ToString("N"), UpdateStates.Downloading, wanted.Version.Text, url, manifest.Trim()), _memory.Last);
                UpdateFile.Write(_paths.Job, memory, UpdateJson.Default.UpdateMemory, isOpen: false);
                _memory = memory;
                return null;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return UpdateRules.NoSpace($"the order could not be noted: {failure.Message}");
            }
        }
    }

    /// <summary>Stops what is downloading, or what the helper has not taken yet.</summary>
    public UpdateRefusal? Cancel()
    {
        lock (_gate)
        {
            switch (_memory.Job)
            {
                case null:
                    return new(UpdateReasons.TooLate, "no update is under way", "There is nothing to do.");
                case { State: UpdateStates.Downloading } job:
                    End(job, UpdateStates.Refused, Cancelled());
                    _cancel?.Cancel();
                    return null;
                case { State: UpdateStates.Staged } job when File.Exists(_paths.Request) && !File.Exists(_paths.Attempt):
                    File.Delete(_paths.Request);
                    End(job, UpdateStates.Refused, Cancelled());
                    return null;
                default:
                    return new(UpdateReasons.TooLate, "it is being installed", "Wait: it is rolled back by itself where it does not find itself healthy.");
            }
        }
    }

    /// <summary>Does what must not happen while a version is being installed or on trial; false where one is, and nothing was done. From any thread.</summary>
    public bool TryApart(Action work)
    {
        lock (_gate)
        {
            if (_memory.Job is { State: UpdateStates.Staged or UpdateStates.Trial } || _watch is { IsHealthy: false })
                return false;
            work();
            return true;
        }
    }

    public UpdateReport Report()
    {
        using var keys = UpdateKeys.Load(_paths.Keys);
        var installed = Installed();
        var trial = UpdateFile.Read(_paths.Trial, UpdateJson.Default.UpdateTrial);
        IReadOnlyList<string> problems = [.. (device.Unfit() ?? keys.Missing()) is { } unfit ? [unfit.Problem] : Array.Empty<string>(), .. keys.Problems];
        lock (_gate)
        {
            var job = _memory.Job;
            return new(
                device.Version?.Text ?? "unknown", device.DeviceClass, job?.State ?? UpdateStates.Idle, job?.Id, trial?.Previous ?? installed.Previous, job?.Version,
                job?.State == UpdateStates.Downloading ? _percent : null, trial?.Starts, keys.Thumbprints, installed.RollbackIndex, problems.Count > 0 ? problems : null, _memory.Last);
        }
    }

    public async Task RunAsync(CancellationToken stop)
    {
        Begin();
        using var timer = new PeriodicTimer(s_interval, time);
        Task? downloading = null;
        try
        {
            do
            {
                progress?.Within(s_interval + s_patience);
                if (downloading is { IsCompleted: true })
                {
                    await downloading;
                    downloading = null;
                }

                if (downloading is null && Job is { State: UpdateStates.Downloading } job)
                    downloading = DownloadAsync(job, stop);
                Look();
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        if (downloading is not null)
            await downloading;
        progress?.Rest();
    }

    /// <summary>Where the last run ended.</summary>
    internal void Begin()
    {
        lock (_gate)
        {
            _memory = UpdateFile.Read(_paths.Job, UpdateJson.Default.UpdateMemory) ?? new();
            _stagedAt = time.GetTimestamp();
            if (_memory.Job is null)
                Forget();
            if (_memory.Job is { State: UpdateStates.Staged } job && !File.Exists(_paths.Request) && UpdateFile.Read(_paths.Result, UpdateJson.Default.UpdateResult)?.Id != job.Id)
                Save(_memory with { Job = job with { State = UpdateStates.Downloading } }); // the last run ended just before it asked
            if (UpdateFile.Read(_paths.Trial, UpdateJson.Default.UpdateTrial) is { Failure: null } trial && trial.Version == device.Version?.Text)
            {
                _watch = new(_paths, trial, health, time, log);
                log.OnTrial(string.Join(", ", trial.Cameras.Prepend(trial.Broker ? "a broker" : "no broker")));
            }
        }
    }

    /// <summary>What is to be done each second beside the download: the helper's answer, and the trial.</summary>
    internal void Look()
    {
        try
        {
            _watch?.Look();
            lock (_gate)
                HearHelper();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log.NotWritten(_paths.Spool, failure.Message); // and tried again with the next look
        }
    }

    private UpdateJob? Job
    {
        get
        {
            lock (_gate)
                return _memory.Job;
        }
    }

    private static UpdateRefusal Cancelled() => new(UpdateReasons.Cancelled, "it was cancelled", "Install it again at any time.");

    private InstalledUpdate Installed() => UpdateFile.Read(_paths.Installed, UpdateJson.Default.InstalledUpdate) ?? new();

    private async Task DownloadAsync(UpdateJob job, CancellationToken stop)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stop);
        lock (_gate)
        {
            if (_memory.Job != job)
                return; // cancelled in between
            _cancel = cancel;
            (_toldPercent, _toldAt) = (_percent = 0, time.GetTimestamp());
            Tell(job, UpdateStates.Downloading, percent: 0);
        }

        try
        {
            using var keys = UpdateKeys.Load(_paths.Keys);
            var (manifest, refusal) = UpdateManifest.Open(job.Manifest, keys); // keys may have changed since
            if (!File.Exists(_paths.Download) && File.Exists(_paths.Archive))
                File.Move(_paths.Archive, _paths.Download); // the last run ended when it was about to lay it ready
            if (manifest is not null)
                refusal = await fetch(new Uri(job.Url), manifest, _paths.Download, had => Had(job, had, manifest.Size), cancel.Token);
            while (!TryEnd(job, refusal))
                await Task.Delay(s_interval, time, cancel.Token);
        }
        catch (OperationCanceledException)
        {
            if (!stop.IsCancellationRequested)
                Forget();
        }
#pragma warning disable CA1031 // a full disk, or our own bug, costs this update and never the agent
        catch (Exception failure)
#pragma warning restore CA1031
        {
            lock (_gate)
                Downloaded(job, new(UpdateReasons.DownloadFailed, $"{failure.GetType().Name}: {failure.Message}", "Look for room on the disk; then install it again."));
        }
        finally
        {
            lock (_gate)
                _cancel = null;
        }
    }

    /// <summary>Away with what was downloaded, wherever it lies.</summary>
    private void Forget()
    {
        foreach (var path in (ReadOnlySpan<string>)[_paths.Download, _paths.Archive])
        {
            try
            {
                if (File.Exists(path))
                    File.Delete(path);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                log.NotWritten(path, failure.Message);
            }
        }
    }

    private void Had(UpdateJob job, long had, long size)
    {
        var percent = (int)(had * 100 / size);
        lock (_gate)
        {
            if (_memory.Job != job)
                return;
            _percent = percent;
            if (percent / 5 == _toldPercent / 5 || time.GetElapsedTime(_toldAt) < s_interval)
                return;
            (_toldPercent, _toldAt) = (percent, time.GetTimestamp());
            Tell(job, UpdateStates.Downloading, percent: percent);
        }
    }

    /// <summary>False: settings are on trial, and what was downloaded waits for their end.</summary>
    private bool TryEnd(UpdateJob job, UpdateRefusal? refusal)
    {
        lock (_gate)
        {
            if (refusal is null && areSettingsTried?.Invoke() == true)
                return false;
            Downloaded(job, refusal);
            return true;
        }
    }

    /// <summary>Under the gate. Lays it ready, the request last: with that the helper begins.</summary>
    private void Downloaded(UpdateJob job, UpdateRefusal? refusal)
    {
        if (_memory.Job != job)
            return; // cancelled in between
        if (refusal is not null)
        {
            End(job, UpdateStates.Refused, refusal);
            return;
        }

        var now = health();
        StateFile.CreateFolder(_paths.Ready);
        File.Move(_paths.Download, _paths.Archive, overwrite: true);
        StateFile.Write(Path.Combine(_paths.Ready, UpdatePaths.ManifestName), Encoding.ASCII.GetBytes(job.Manifest));
        var staged = job with { State = UpdateStates.Staged };
        _stagedAt = time.GetTimestamp();
        Save(_memory with { Job = staged }); // before the request: who has that, has an answer to wait for
        Tell(staged, UpdateStates.Staged);
        UpdateFile.Write(_paths.Request, new UpdateRequest(job.Id, now.Broker is { IsConnected: true }, now.Live), UpdateJson.Default.UpdateRequest, isOpen: false);
    }

    /// <summary>Under the gate.</summary>
    private void HearHelper()
    {
        if (_memory.Job is not { State: UpdateStates.Staged or UpdateStates.Trial } job)
            return;
        var result = UpdateFile.Read(_paths.Result, UpdateJson.Default.UpdateResult);
        if (result is null || result.Id != job.Id)
        {
            if (job.State == UpdateStates.Staged && time.GetElapsedTime(_stagedAt) > HelperPatience)
            {
                File.Delete(_paths.Request);
                End(job, UpdateStates.Refused, new(UpdateReasons.HelperSilent, $"nothing took it within {HelperPatience.TotalMinutes:F0} minutes", "See why: systemctl status edgecam-update.path edgecam-update.service"));
            }
        }
        else if (UpdateStates.IsLast(result.State))
        {
            End(job, result.State, result.Reason is null ? null : new(result.Reason, result.Detail ?? "", result.Remedy ?? ""));
        }
        else if (job.State != result.State)
        {
            Save(_memory with { Job = job with { State = result.State } });
            Tell(job, result.State);
        }
    }

    /// <summary>Under the gate.</summary>
    private void End(UpdateJob job, string state, UpdateRefusal? refusal)
    {
        Save(new(null, UpdateResult.Of(job.Id, state, job.Version, refusal)));
        Forget();
        Tell(job, state, refusal);
    }

    /// <summary>Under the gate. On a full disk it holds until the next start, which then goes on from an earlier state.</summary>
    private void Save(UpdateMemory memory)
    {
        _memory = memory;
        try
        {
            UpdateFile.Write(_paths.Job, memory, UpdateJson.Default.UpdateMemory, isOpen: false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            log.NotWritten(_paths.Job, failure.Message);
        }
    }

    private void Tell(UpdateJob job, string state, UpdateRefusal? refusal = null, int? percent = null)
    {
        if (refusal is not null)
            log.Failed(job.Version, state, refusal.Reason, refusal.Problem, refusal.Remedy);
        else if (percent is null or 0)
            log.Advanced(job.Version, state);
        DateTimeOffset? at = DeviceClock.IsSet(time) ? time.GetUtcNow() : null;
        tell(new(1, at, "update", job.Id, state, job.Version, percent, refusal?.Reason, refusal?.Problem, refusal?.Remedy));
    }
}
