using System.Security.Cryptography;
using System.Text;
using EdgeCam.Agent.Security.Interop;

namespace EdgeCam.Agent.Management.Update.Install;

/// <summary>
/// Root's part of an update, run to its end each time the agent has laid something ready: takes a copy, checks the copy, unpacks it, tries
/// the program, and switches to it on trial. It believes nothing that the agent's user could have written. Ended at any point, it does the
/// rest when it is run again; what runs is the old version or the new one, never none.
/// </summary>
internal sealed class UpdateHelper(UpdatePaths paths, UpdateVersion packaged, string deviceClass, UpdateActions actions, TextWriter log)
{
    private const int MaxAttempts = 3;
    private const string Half = "~"; // no version ends so

    private readonly ProgramLink _link = new(paths, packaged);
    private readonly UpdateTrials _trials = new(paths, new(paths, packaged), actions, log);

    /// <exception cref="IOException">The disk is full where not even that could be noted, or the like.</exception>
    public void Run()
    {
        using var state = ForeignFolder.Open(paths.AgentState);
        using var spool = state?.OpenFolder(UpdatePaths.SpoolName);
        if (spool is null)
            return;
        Confirm(spool);
        using var ready = spool.OpenFolder(UpdatePaths.ReadyName);
        if (ready?.Read(UpdatePaths.RequestName, UpdateFile.MaxLength) is { } json)
            Take(ready, SmallJson.Parse(json, UpdateJson.Default.UpdateRequest));
        else
            ready?.Remove(UpdatePaths.RequestName); // too large, or no file: it would have us started for ever
    }

    private void Confirm(ForeignFolder spool)
    {
        if (spool.Read(UpdatePaths.HealthyName, UpdateFile.MaxLength) is { } json && SmallJson.Parse(json, UpdateJson.Default.UpdateSign) is { } sign
            && _trials.Current is { Failure: null } trial && sign.Id == trial.Id)
        {
            _trials.Confirm(trial);
            actions.StopTimer();
        }

        spool.Remove(UpdatePaths.HealthyName);
    }

    private void Take(ForeignFolder ready, UpdateRequest? request)
    {
        if (request is not { IsGood: true })
        {
            log.WriteLine("A request lay there that is none.");
            Clear(ready);
            return;
        }

        if (_trials.Current is { } trial && trial.Id == request.Id)
        {
            Finish(ready, trial); // an earlier run came so far
            return;
        }

        if (UpdateFile.Read(paths.Result, UpdateJson.Default.UpdateResult) is { } result && result.Id == request.Id && UpdateStates.IsLast(result.State))
        {
            Clear(ready); // it has come to its end since, and does not begin anew
            return;
        }

        string? version = null;
        UpdateRefusal? refusal;
        try
        {
            refusal = CountAttempt(request.Id) ?? Install(ready, request, out version);
        }
        catch (IOException full) when (UpdateRules.IsDiskFull(full))
        {
            refusal = UpdateRules.NoSpace(full.Message);
        }

        if (refusal is not null)
        {
            log.WriteLine($"Refused ({refusal.Reason}): {refusal.Problem}.");
            CleanUp(); // room for what says so
            _trials.WriteResult(UpdateResult.Of(request.Id, UpdateStates.Refused, version, refusal));
            Step("refusal written");
            Clear(ready);
        }
        else
        {
            Finish(ready, _trials.Current!);
        }
    }

    private void Finish(ForeignFolder ready, UpdateTrial trial)
    {
        if (trial.Failure is not null)
        {
            Clear(ready); // whoever starts the agent next rolls it back
            return;
        }

        _trials.WriteResult(new(trial.Id, UpdateStates.Trial, trial.Version));
        Step("trial told");
        if (trial.Starts == 0)
        {
            actions.StartTimer();
            actions.RestartAgent();
        }

        Step("restarted");
        Clear(ready);
        CleanUp();
    }

    private UpdateRefusal? CountAttempt(string id)
    {
        var before = UpdateFile.Read(paths.Attempt, UpdateJson.Default.UpdateAttempt) is { } attempt && attempt.Id == id ? attempt.Count : 0;
        if (before >= MaxAttempts)
            return new(UpdateReasons.HelperFailed, $"it was begun {MaxAttempts} times, and the helper ended in the middle of it each time", "See why: journalctl -u edgecam-update");
        UpdateFile.Write(paths.Attempt, new UpdateAttempt(id, before + 1), UpdateJson.Default.UpdateAttempt, isOpen: false);
        return null;
    }

    private UpdateRefusal? Install(ForeignFolder ready, UpdateRequest request, out string? version)
    {
        version = null;
        if (_trials.Current is { } other)
            return new(UpdateReasons.Busy, $"{other.Version} is on trial", "Wait until that is confirmed or rolled back, some minutes at most.");
        CleanUp();
        Directory.CreateDirectory(paths.Incoming);
        var (manifest, refusal) = Check(ready);
        version = manifest?.Version.Text;
        if (manifest is null || refusal is not null)
            return refusal;
        Step("checked");

        var folder = _link.Folder(manifest.Version.Text);
        if (UpdateRules.CheckRoom(paths.Programs, manifest.Size) is { } noRoom)
            return noRoom;
        if (UpdateArchive.Unpack(Path.Combine(paths.Incoming, UpdatePaths.ArchiveName), folder + Half) is { } mistake)
            return new(UpdateReasons.BadArchive, $"the archive is not good: {mistake}", "Make it with build-arm64.sh.");
        Step("unpacked");
        var (hasSaid, said) = actions.AskVersion(Path.Combine(folder + Half, UpdatePaths.Program));
        if (!hasSaid || said != $"edgecam {manifest.Version}")
            return new(UpdateReasons.SelfTestFailed, $"the new program does not say that it is {manifest.Version}: {(said.Length > 0 ? said : "it says nothing")}", "Build it for this device class and system.");
        Step("tried");

        if (Directory.Exists(folder)) // of an earlier trial
            Directory.Delete(folder, recursive: true);
        Directory.Move(folder + Half, folder);
        FolderSync.Flush(paths.Programs);
        Step("placed");
        if (ready.Read(UpdatePaths.RequestName, UpdateFile.MaxLength) is null)
            return new(UpdateReasons.Cancelled, "it was cancelled", "Install it again at any time.");
        _trials.Begin(new(request.Id, manifest.Version.Text, _link.Place ?? ProgramLink.Package, 0, manifest.RollbackIndex, request.Broker, request.Cameras ?? []));
        return null;
    }

    /// <summary>Copies first, then checks the copy.</summary>
    private (UpdateManifest? Manifest, UpdateRefusal? Refusal) Check(ForeignFolder ready)
    {
        using var keys = UpdateKeys.Load(paths.Keys);
        var text = ready.Read(UpdatePaths.ManifestName, UpdateManifest.MaxLength);
        var (manifest, refusal) = UpdateManifest.Open(text is null ? "" : Encoding.Latin1.GetString(text), keys);
        if (manifest is null)
            return (null, refusal);
        var index = UpdateFile.Read(paths.Installed, UpdateJson.Default.InstalledUpdate)?.RollbackIndex ?? 0;
        if ((UpdateRules.Check(manifest, deviceClass, _link.Version, index) ?? UpdateRules.CheckRoom(paths.Helper, manifest.Size)) is { } unfit)
            return (manifest, unfit);

        var copy = Path.Combine(paths.Incoming, UpdatePaths.ArchiveName);
        var length = ready.Copy(UpdatePaths.ArchiveName, copy, manifest.Size);
        if (length != manifest.Size)
            return (manifest, new(UpdateReasons.WrongSize, $"the archive has {(length is null ? "no" : length > manifest.Size ? "more" : "fewer")} bytes than the {manifest.Size} of its manifest", "Send it again."));
        using var file = File.OpenRead(copy);
        return Convert.ToHexStringLower(SHA256.HashData(file)) == manifest.Sha256
            ? (manifest, null)
            : (manifest, new(UpdateReasons.WrongHash, "the archive is not the one of its manifest: its SHA-256 differs", "Send it again; look at who could have changed it."));
    }

    private void Clear(ForeignFolder ready)
    {
        ready.Remove(UpdatePaths.RequestName); // first: without it the rest is of no meaning
        Step("request removed");
        ready.Remove(UpdatePaths.ManifestName);
        ready.Remove(UpdatePaths.ArchiveName);
        File.Delete(paths.Attempt);
    }

    /// <summary>Away with what earlier runs left in the middle.</summary>
    private void CleanUp()
    {
        if (Directory.Exists(paths.Incoming))
            Directory.Delete(paths.Incoming, recursive: true);
        foreach (var half in Directory.EnumerateDirectories(paths.Programs, "*" + Half))
            Directory.Delete(half, recursive: true);
    }

    private void Step(string name) => actions.Step?.Invoke(name);
}
