using System.Text;
using EdgeCam.Agent.Management.Setup;

namespace EdgeCam.Agent.Settings;

/// <summary>
/// <c>edgecam setup</c>: takes over the file that somebody laid on a flashed card's boot partition. Nothing is written before all of it is
/// found good; what is written stands whole whenever the power goes; and then the file, which holds secrets, is shredded.
/// </summary>
internal static class SetupCommand
{
    public const string ErrorsFile = "edgecam-setup-errors.txt";

    private const string Usage = "edgecam setup --file /boot/firmware/edgecam-setup.json [--root /] [--check]";
    private const int MaxFile = 256 * 1024; // bytes

    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors)
    {
        string? file = null, root = "/";
        var isCheck = false;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--check")
                isCheck = true;
            else if (arguments[i] == "--file" && i + 1 < arguments.Length)
                file = arguments[++i];
            else if (arguments[i] == "--root" && i + 1 < arguments.Length)
                root = arguments[++i];
            else
                return await MisuseAsync(arguments[i] is "--file" or "--root" ? $"{arguments[i]} needs a value" : $"{arguments[i]} is not understood", errors);
        }

        if (file is null)
            return await MisuseAsync("it needs the file", errors);
        if (!Directory.Exists(root))
            return await MisuseAsync($"there is no folder {root}", errors);
        return await RunAsync(Path.GetFullPath(file), Path.GetFullPath(root), isCheck, output, errors);
    }

    private static async Task<int> RunAsync(string file, string root, bool isCheck, TextWriter output, TextWriter errors)
    {
        if (!File.Exists(file))
        {
            await output.WriteLineAsync($"There is no {file}: nothing to set up.");
            return ExitCode.Success;
        }

        try
        {
            var (json, isSpent) = ReadFile(file);
            if (isSpent)
            {
                if (!isCheck)
                    SetupWriter.Shred(file);
                await output.WriteLineAsync($"{file} was taken over before, and had only to be removed.");
                return ExitCode.Success;
            }

            var users = Environment.IsPrivilegedProcess ? SystemUsers.Read(root) : null; // others cannot give files away
            var (plan, mistakes) = json is null ? (null, [new("", "is larger than a setup file", $"Write at most {MaxFile / 1024} KiB.")]) : SetupFile.Read(json, root);
            if (users is { User: null } or { Group: null })
                mistakes = [.. mistakes, new("", $"cannot be taken over: {root} has no user and group {SystemUsers.Name}", "Install the package edgecam there first.")];
            if (mistakes.Count > 0)
                return await RefuseAsync(file, mistakes, isCheck, errors);
            if (!isCheck)
                Apply(file, root, plan!, users);
            await ReportAsync(file, plan!, isCheck, output);
            return ExitCode.Success;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"{file}: could not be taken over: {failure.Message}\n    Look for room on the disk, and run it as root; a further run begins anew.");
            return ExitCode.Start;
        }
    }

    private static void Apply(string file, string root, SetupPlan plan, SystemUsers? users)
    {
        new SetupWriter(root, users).Apply(plan);
        File.Delete(Path.Combine(Path.GetDirectoryName(file)!, ErrorsFile));
        SetupWriter.Shred(file);
    }

    /// <returns>Null: too large. And whether it holds nothing but the zeros that a shredding began with.</returns>
    private static (string? Json, bool IsSpent) ReadFile(string file)
    {
        if (new FileInfo(file).Length > MaxFile)
            return (null, false);
        var json = File.ReadAllText(file); // by its byte order mark UTF-16, too: editors of Windows write that
        return (json, json.Length > 0 && json.All(static letter => letter == '\0'));
    }

    private static async Task<int> RefuseAsync(string file, IReadOnlyList<ConfigurationMistake> mistakes, bool isCheck, TextWriter errors)
    {
        var text = new StringBuilder();
        foreach (var mistake in mistakes)
            text.Append(mistake).Append('\n');
        text.Append(mistakes.Count == 1 ? $"{file}: 1 mistake, nothing was set up\n" : $"{file}: {mistakes.Count} mistakes, nothing was set up\n");
        await errors.WriteAsync(text.ToString());
        if (isCheck)
            return ExitCode.Configuration;
        try
        {
            // Beside the file, where whoever wrote it finds it when the card is in a reader again; line ends as any editor there shows them.
            await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(file)!, ErrorsFile), text.Replace("\n", "\r\n").ToString());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"{ErrorsFile} could not be written beside it: {failure.Message}");
        }

        return ExitCode.Configuration;
    }

    private static async Task ReportAsync(string file, SetupPlan plan, bool isCheck, TextWriter output)
    {
        await output.WriteLineAsync(isCheck ? $"{file}: good, and it would write:" : $"{file} is taken over and removed. Written:");
        foreach (var written in plan.Files)
            await output.WriteLineAsync($"    /{written}");
        await output.WriteLineAsync(plan.HasSsh ? "SSH is on, for the keys named." : "SSH is left as it is: ssh.authorizedKeys names nobody.");
        if (plan.HasWifi)
            await output.WriteLineAsync("Wi-Fi comes up with NetworkManager's next start.");
    }

    private static async Task<int> MisuseAsync(string problem, TextWriter errors)
    {
        await errors.WriteLineAsync($"edgecam setup: {problem}\n    {Usage}");
        return ExitCode.Usage;
    }
}
