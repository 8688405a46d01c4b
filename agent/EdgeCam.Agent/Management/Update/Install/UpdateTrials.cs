namespace EdgeCam.Agent.Management.Update.Install;

/// <summary>
/// The trial of a version, in root's files: it begins with the switch of the link, and ends confirmed or rolled back. Every step is one write
/// that is whole or not at all, in an order after which whoever comes next, at whatever point the power went, finds what there is to do.
/// </summary>
internal sealed class UpdateTrials(UpdatePaths paths, ProgramLink link, UpdateActions actions, TextWriter log)
{
    private const int MaxWaiting = 300; // characters of what the agent said
    private const string Remedy = "The log of that time says more: journalctl -u edgecam. Nothing is tried again by itself.";

    /// <summary>The trial that is under way; null where none is, as when its switch never happened.</summary>
    public UpdateTrial? Current => Read() is { } trial && (IsInEffect(trial) || trial.Failure is not null) ? trial : null;

    /// <summary>From here on the version runs at the next start.</summary>
    public void Begin(UpdateTrial trial)
    {
        Write(trial); // before the link, so that no start of it goes uncounted
        Step("trial written");
        link.Switch(trial.Version);
        Step("switched");
    }

    /// <summary>Before a start of the agent: the fourth start of a version that was never healthy is one of the previous version.</summary>
    public void CountStart()
    {
        if (Current is not { } trial)
            MendLink();
        else if (trial.Failure is not null)
            FinishRollBack(trial);
        else if (trial.Starts < UpdateTrial.MaxStarts && link.IsWhole(trial.Version))
            Write(trial with { Starts = trial.Starts + 1 });
        else
            RollBack(trial, new(UpdateReasons.DidNotStart, $"{trial.Version} was started {trial.Starts} times and never found itself healthy{Ended()}", Remedy));
    }

    /// <summary>The time is over.</summary>
    /// <returns>Whether something else runs at the next start than before.</returns>
    public bool GiveUp()
    {
        if (Current is not { } trial)
            return false;
        if (trial.Failure is not null)
            FinishRollBack(trial);
        else
            RollBack(trial, new(UpdateReasons.NotHealthy, $"{trial.Version} was not healthy in time: {Waited(trial) ?? "it never said what it waited for"}", Remedy));
        return true;
    }

    /// <summary>The version on trial has said that it is healthy.</summary>
    public void Confirm(UpdateTrial trial)
    {
        WriteResult(new(trial.Id, UpdateStates.Confirmed, trial.Version));
        Step("result written");
        var before = UpdateFile.Read(paths.Installed, UpdateJson.Default.InstalledUpdate) ?? new();
        UpdateFile.Write(paths.Installed, new InstalledUpdate(Math.Max(before.RollbackIndex, trial.RollbackIndex), trial.Previous), UpdateJson.Default.InstalledUpdate, isOpen: true);
        Step("index written");
        File.Delete(paths.Trial);
        Step("trial removed");
        log.WriteLine($"{trial.Version} is confirmed.");
        Prune(trial.Version, trial.Previous);
    }

    public void WriteResult(UpdateResult result) => UpdateFile.Write(paths.Result, result, UpdateJson.Default.UpdateResult, isOpen: true);

    /// <summary>Versions that are neither these nor what runs go.</summary>
    private void Prune(params ReadOnlySpan<string> kept)
    {
        foreach (var folder in Directory.GetDirectories(paths.Programs))
        {
            var name = Path.GetFileName(folder);
            if (UpdateVersion.TryParse(name) is not null && name != link.Place && !kept.Contains(name))
                Directory.Delete(folder, recursive: true);
        }
    }

    private UpdateTrial? Read() => UpdateFile.Read(paths.Trial, UpdateJson.Default.UpdateTrial);

    private void Write(UpdateTrial trial) => UpdateFile.Write(paths.Trial, trial, UpdateJson.Default.UpdateTrial, isOpen: true);

    private bool IsInEffect(UpdateTrial trial) => link.Place == trial.Version;

    private void RollBack(UpdateTrial trial, UpdateRefusal why)
    {
        trial = trial with { Failure = why };
        try
        {
            Write(trial);
        }
        catch (IOException full) when (UpdateRules.IsDiskFull(full))
        {
            log.WriteLine($"{full.Message}: it is rolled back all the same.");
        }

        Step("failure written");
        FinishRollBack(trial);
    }

    private void FinishRollBack(UpdateTrial trial)
    {
        link.Switch(link.IsWhole(trial.Previous) ? trial.Previous : ProgramLink.Package);
        Step("switched back");
        WriteResult(UpdateResult.Of(trial.Id, UpdateStates.RolledBack, trial.Version, trial.Failure));
        Step("result written");
        File.Delete(paths.Trial);
        Step("trial removed");
        log.WriteLine($"{trial.Version} is rolled back to {trial.Previous}: {trial.Failure?.Problem}.");
        Prune(trial.Previous);
    }

    /// <summary>A link that leads nowhere would leave the device without a program.</summary>
    private void MendLink()
    {
        if (link.Place is { } place && link.IsWhole(place))
            return;
        link.Switch(ProgramLink.Package);
        log.WriteLine($"{paths.Current} led to no program: it leads to the package's now.");
    }

    private string Ended() => actions.LastEnd() is { } end ? $" (its last end: {end})" : "";

    /// <summary>The agent's own words about what is missing: for people, and believed no further.</summary>
    private string? Waited(UpdateTrial trial)
    {
        using var state = ForeignFolder.Open(paths.AgentState);
        using var spool = state?.OpenFolder(UpdatePaths.SpoolName);
        if (spool?.Read(UpdatePaths.WaitingName, UpdateFile.MaxLength) is not { } json || SmallJson.Parse(json, UpdateJson.Default.UpdateSign) is not { Waiting: { } waiting } sign || sign.Id != trial.Id)
            return null;
        return new([.. waiting.Take(MaxWaiting).Select(static letter => char.IsControl(letter) ? ' ' : letter)]);
    }

    private void Step(string name) => actions.Step?.Invoke(name);
}
