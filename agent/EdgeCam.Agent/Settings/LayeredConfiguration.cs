using System.Text.Json.Nodes;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Settings;

/// <summary>
/// The operator's file, and what was set remotely: <c>config.json</c> in the state folder, merged over it as RFC 7396 has it. A remote file
/// that cannot be used makes no dead device: it is left out as a whole, and its mistakes are an alarm.
/// </summary>
internal sealed class LayeredConfiguration
{
    public const string RemoteName = "config.json";

    private const int MaxRemote = 256 * 1024; // bytes

    private LayeredConfiguration(string file) => File = file;

    /// <summary>The operator's.</summary>
    public string File { get; }

    /// <summary>Null: the operator's file has mistakes.</summary>
    public AgentOptions? Options { get; private init; }

    /// <summary>Of the operator's file: nothing starts with one.</summary>
    public IReadOnlyList<ConfigurationMistake> Mistakes { get; private init; } = [];

    /// <summary>Null: there is none.</summary>
    public string? RemoteFile { get; private init; }

    /// <summary>Why the remote file is left out; none where it is not.</summary>
    public IReadOnlyList<ConfigurationMistake> RemoteMistakes { get; private init; } = [];

    /// <summary>What the operator's file says.</summary>
    public JsonObject Own { get; private init; } = [];

    /// <summary>What the remote file says; empty where it is left out.</summary>
    public JsonObject Remote { get; private init; } = [];

    /// <summary>How many keys the remote file sets or removes; a list is one.</summary>
    public int RemoteKeys => Count(Remote);

    /// <param name="path">The operator's file.</param>
    public static LayeredConfiguration Load(string path)
    {
        var file = ConfigurationFile.Load(path);
        var (options, mistakes) = AgentOptionsReader.Bind(file);
        if (options is null)
            return new(path) { Mistakes = [.. mistakes.Select(mistake => mistake.Problem.Contains(path, StringComparison.Ordinal) ? mistake : mistake with { File = path })] };

        var own = file.Content!;
        var remote = Path.Combine(options.Device.StateFolder, RemoteName);
        var (json, refusal) = Read(options.Device.StateFolder, remote);
        if (json is null && refusal is null)
            return new(path) { Options = options, Own = own };
        var (merged, said, remoteMistakes) = refusal is not null ? (null, null, [refusal]) : Merge(path, own, json!);
        return new(path)
        {
            Options = merged ?? options, Own = own, RemoteFile = remote, Remote = said ?? [], RemoteMistakes = [.. remoteMistakes.Select(mistake => mistake with { File = remote })],
        };
    }

    private static (AgentOptions? Options, JsonObject? Remote, IReadOnlyList<ConfigurationMistake> Mistakes) Merge(string path, JsonObject own, string json)
    {
        var remote = ConfigurationFile.Parse(json);
        // What a patch leaves out, the operator's file may have: that is found out below.
        ConfigurationMistake[] wrong = [.. remote.Mistakes];
        if (wrong.Length > 0 || remote.Content is null)
            return (null, null, wrong);

        var merged = MergePatch.Apply(own, remote.Content);
        var local = LocalKeys.Changes(own, merged, $"Remove it there, and set it in {path}.");
        if (local.Count > 0)
            return (null, null, local);
        var (options, mistakes) = AgentOptionsReader.Parse(merged.ToJsonString());
        return options is null ? (null, null, mistakes) : (options, remote.Content, []);
    }

    /// <summary>The same care as for the keys beside it: what others may write is not taken from there.</summary>
    private static (string? Json, ConfigurationMistake? Refusal) Read(string folder, string path)
    {
        const string Owner = "It has to be of the user who runs edgecam";
        try
        {
            var length = new FileInfo(path).Length; // throws where there is none, and tells that from a folder that may not be looked into
            if (!IsTrusted(folder, folder) || !IsTrusted(path, folder))
                return (null, new("", "belongs to another user, or lies in a folder that does", $"{Owner}, or of root: chown it, or remove it."));
            if (StateFile.IsWritableByOthers(path) || StateFile.IsWritableByOthers(folder))
                return (null, new("", "may be written by others than its owner, or be replaced by them", $"Run: chmod 600 {path} and chmod 700 {folder}; look at what is in it first."));
            if (length > MaxRemote)
                return (null, new("", "is larger than a configuration", $"It has at most {MaxRemote / 1024} KiB. Remove it."));
            return (System.IO.File.ReadAllText(path), null);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, null);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return (null, new("", "cannot be read", $"{Owner}; run this command as that user, or as root."));
        }
    }

    /// <summary>Ours or root's; and root looks at what belongs to the service, as the folder does.</summary>
    private static bool IsTrusted(string path, string folder) =>
        !StateFile.IsOfOthers(path) || (Environment.IsPrivilegedProcess && StateFile.HaveOneOwner(path, folder));

    private static int Count(JsonObject section) => section.Sum(static member => member.Value is JsonObject inner ? Count(inner) : 1);
}
