using System.Text;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Settings;

/// <summary>
/// The operator's file, and what was set remotely: a layer in the state folder, merged over it as RFC 7396 has it. A layer that cannot be used
/// makes no dead device: it is left out as a whole, the one before it is taken, and its mistakes are an alarm.
/// </summary>
internal sealed class LayeredConfiguration
{
    private LayeredConfiguration(string file) => File = file;

    /// <summary>The operator's.</summary>
    public string File { get; }

    /// <summary>Null: the operator's file has mistakes.</summary>
    public AgentOptions? Options { get; private init; }

    /// <summary>Of the operator's file: nothing starts with one.</summary>
    public IReadOnlyList<ConfigurationMistake> Mistakes { get; private init; } = [];

    public SettingsLayer Layer { get; private init; }

    /// <summary>Where the layer in force lies; null: there is none.</summary>
    public string? RemoteFile { get; private init; }

    /// <summary>Why remote files are left out; none where they are not.</summary>
    public IReadOnlyList<ConfigurationMistake> RemoteMistakes { get; private init; } = [];

    /// <summary>What the operator's file says.</summary>
    public JsonObject Own { get; private init; } = [];

    /// <summary>What the remote layer says; empty where none is in force.</summary>
    public JsonObject Remote { get; private init; } = [];

    /// <summary>How many keys the remote layer sets or removes; a list is one.</summary>
    public int RemoteKeys => Count(Remote);

    /// <param name="path">The operator's file.</param>
    /// <param name="skipsTrial">What is on trial is passed over.</param>
    public static LayeredConfiguration Load(string path, bool skipsTrial = false)
    {
        var file = ConfigurationFile.Load(path);
        var (options, mistakes) = AgentOptionsReader.Bind(file);
        if (options is null)
            return new(path) { Mistakes = [.. mistakes.Select(mistake => mistake.Problem.Contains(path, StringComparison.Ordinal) ? mistake : mistake with { File = path })] };

        var (own, folder) = (file.Content!, new SettingsFolder(options.Device.StateFolder));
        List<ConfigurationMistake> leftOut = [];
        (SettingsLayer Layer, string File)[] layers = [(SettingsLayer.Trial, folder.Trial), (SettingsLayer.Confirmed, folder.Confirmed), (SettingsLayer.LastGood, folder.LastGood)];
        foreach (var (layer, remote) in layers.Skip(skipsTrial ? 1 : 0))
        {
            var (json, refusal) = folder.Read(remote);
            if (json is null && refusal is null && layer == SettingsLayer.Trial)
                continue;
            if (json is null && refusal is null)
                break; // nothing was ever set: a copy of it would be of nothing
            var (merged, said, wrong) = refusal is not null ? (null, null, [refusal]) : Read(path, own, json!, layer);
            if (merged is not null)
                return new(path) { Options = merged, Own = own, Layer = layer, RemoteFile = remote, Remote = said!, RemoteMistakes = leftOut };
            leftOut.AddRange(wrong.Select(mistake => mistake with { File = remote }));
        }

        return new(path) { Options = options, Own = own, RemoteMistakes = leftOut };
    }

    /// <summary>What comes out where another remote layer is put in the place of this one; without options, and with all mistakes, where it cannot be.</summary>
    /// <param name="layer">Where it is meant to lie.</param>
    public LayeredConfiguration With(JsonObject remote, SettingsLayer layer, string? file)
    {
        var (options, mistakes) = Merge(File, Own, remote);
        return new(File) { Options = options, Own = Own, Layer = layer, RemoteFile = file, Remote = remote, RemoteMistakes = mistakes };
    }

    private static (AgentOptions? Options, JsonObject? Remote, IReadOnlyList<ConfigurationMistake> Mistakes) Read(string path, JsonObject own, string json, SettingsLayer layer)
    {
        if (layer == SettingsLayer.Trial)
        {
            if (TrialRecord.TryParse(json) is not { } trial)
                return (null, null, [new("", "is broken", "Remove it, and set again what was on trial.")]);
            json = trial.Values.ToJsonString();
        }

        var remote = ConfigurationFile.Parse(json);
        // What a patch leaves out, the operator's file may have: that is found out below.
        ConfigurationMistake[] wrong = [.. remote.Mistakes];
        if (wrong.Length > 0 || remote.Content is null)
            return (null, null, wrong);
        var (options, mistakes) = Merge(path, own, remote.Content);
        return (options, remote.Content, mistakes);
    }

    private static (AgentOptions? Options, IReadOnlyList<ConfigurationMistake> Mistakes) Merge(string path, JsonObject own, JsonObject remote)
    {
        if (Encoding.UTF8.GetByteCount(remote.ToJsonString()) > SettingsFolder.MaxLayer)
            return (null, [new("", "is larger than a configuration", $"It has at most {SettingsFolder.MaxLayer / 1024} KiB.")]);
        var merged = MergePatch.Apply(own, remote);
        var local = LocalKeys.Changes(own, merged, $"Remove it there, and set it in {path}.");
        if (local.Count > 0)
            return (null, local);
        if (BrokerCredentials.Separate(own, remote, merged) is { } told)
            return (null, [told]);
        return AgentOptionsReader.Parse(merged.ToJsonString(), mayHoldSecrets: true);
    }

    private static int Count(JsonObject section) => section.Sum(static member => member.Value is JsonObject inner ? Count(inner) : 1);
}
