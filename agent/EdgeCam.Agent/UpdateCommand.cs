using System.Text.Json;
using EdgeCam.Agent.Management.Setup;
using EdgeCam.Agent.Management.Update;
using EdgeCam.Agent.Management.Update.Install;

namespace EdgeCam.Agent;

/// <summary>
/// <c>edgecam update</c>: root's part of updates. <c>apply</c> installs what the agent has laid ready, and confirms a version that is healthy;
/// <c>guard</c> comes before each start of a version on trial, and <c>deadline</c> when its time is over; <c>status</c> is for people. It is
/// always the package's own program that does this, never one that came by an update.
/// </summary>
internal static class UpdateCommand
{
    private const string Usage = "edgecam update status|apply|guard|deadline [--root /]";

    // The helper holds the lock while it unpacks; no trial is under way then, and nobody waits.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors)
    {
        if (arguments is not [var verb and ("status" or "apply" or "guard" or "deadline"), .. var rest] || rest is not ([] or ["--root", _]))
        {
            await errors.WriteLineAsync($"edgecam update: {Usage}");
            return ExitCode.Usage;
        }

        var paths = new UpdatePaths(rest is [_, var root] ? Path.GetFullPath(root) : "/");
        var packaged = UpdateVersion.TryParse(ProductVersion.Text);
        if (packaged is null || !Directory.Exists(paths.Helper) || !Directory.Exists(paths.Programs))
        {
            await errors.WriteLineAsync(packaged is null ? $"edgecam update: {ProductVersion.Text} is no version to compare with" : $"edgecam update: there is no {paths.Helper} or no {paths.Programs}; the package edgecam makes both");
            return ExitCode.Start;
        }

        try
        {
            if (verb == "status")
                await WriteStatusAsync(paths, packaged, output);
            else
                Run(verb, paths, packaged, output);
            return ExitCode.Success;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"edgecam update {verb}: {failure.Message}\n    Look for room on the disk, and run it as root; a further run goes on where it ended.");
            return ExitCode.Start;
        }
    }

    private static void Run(string verb, UpdatePaths paths, UpdateVersion packaged, TextWriter output)
    {
        var user = Environment.IsPrivilegedProcess && SystemUsers.Read(paths.Root).User is not null ? SystemUsers.Name : null;
        var actions = paths.Root == "/" ? UpdateActions.OfSystem(user) : UpdateActions.OfFolder(user);
        using var held = UpdateLock.Take(paths, s_patience);
        var trials = new UpdateTrials(paths, new(paths, packaged), actions, output);
        if (verb == "guard")
            trials.CountStart(); // whoever has the lock: a device without a start is worse
        else if (held is null)
            output.WriteLine("Another of these programs has not ended for long; this one leaves it to the next.");
        else if (verb == "apply")
            new UpdateHelper(paths, packaged, UpdateRules.DeviceClass, actions, output).Run();
        else if (trials.GiveUp())
            actions.RestartAgent();
    }

    private static async Task WriteStatusAsync(UpdatePaths paths, UpdateVersion packaged, TextWriter output)
    {
        var link = new ProgramLink(paths, packaged);
        await output.WriteLineAsync($"runs: {link.Version} ({link.Place ?? "no link, or one that leads elsewhere"}), packaged: {packaged}, class: {UpdateRules.DeviceClass}");
        var installed = UpdateFile.Read(paths.Installed, UpdateJson.Default.InstalledUpdate) ?? new();
        await output.WriteLineAsync($"rollback index: {installed.RollbackIndex}, kept: {installed.Previous ?? "nothing"}");
        if (UpdateFile.Read(paths.Trial, UpdateJson.Default.UpdateTrial) is { } trial)
            await output.WriteLineAsync($"on trial: {trial.Version}, {trial.Starts} of {UpdateTrial.MaxStarts} starts");
        if (UpdateFile.Read(paths.Result, UpdateJson.Default.UpdateResult) is { } result)
            await output.WriteLineAsync($"last: {JsonSerializer.Serialize(result, UpdateJson.Default.UpdateResult)}");
        using var keys = UpdateKeys.Load(paths.Keys);
        await output.WriteLineAsync(keys.Missing()?.Problem ?? $"keys: {string.Join(", ", keys.Thumbprints)}");
        foreach (var problem in keys.Problems)
            await output.WriteLineAsync($"    {problem}");
    }
}
