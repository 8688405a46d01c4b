namespace EdgeCam.Agent.Settings;

/// <summary>From the file to the options, or to the whole list of what is wrong with it.</summary>
internal static class AgentOptionsReader
{
    /// <summary>Lists whose sections have keys without default.</summary>
    private static readonly string[] s_lists = ["cameras", "ptz", "gpio.lines", "gpio.pwm", "peers.turnServers", "security.issuers", "publish"];

    /// <summary>One file alone; <see cref="LayeredConfiguration"/> has what was set remotely, too.</summary>
    public static (AgentOptions? Options, IReadOnlyList<ConfigurationMistake> Mistakes) Read(string path) => Bind(ConfigurationFile.Load(path));

    public static (AgentOptions? Options, IReadOnlyList<ConfigurationMistake> Mistakes) Parse(string json, bool mayHoldSecrets = false) => Bind(ConfigurationFile.Parse(json), mayHoldSecrets);

    /// <param name="mayHoldSecrets">False: of the operator's file, which others may read; it names files that hold them.</param>
    public static (AgentOptions? Options, IReadOnlyList<ConfigurationMistake> Mistakes) Bind(ConfigurationFile file, bool mayHoldSecrets = false)
    {
        // A camera without name or source cannot be bound at all, nor a TURN server without URL; the rest is bound and checked in spite of
        // mistakes, to name them all.
        var unbound = s_lists.Where(list => file.Mistakes.Any(mistake => mistake.Key.StartsWith(list, StringComparison.Ordinal)))
            .Select(list => list.Replace(".", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)).ToArray();
        var values = file.Values.Where(value => !unbound.Any(list => value.Key.StartsWith(list, StringComparison.OrdinalIgnoreCase)));
        var options = new ConfigurationBuilder().AddInMemoryCollection(values).Build().Get<AgentOptions>() ?? new AgentOptions();

        ConfigurationMistake[] mistakes = [.. file.Mistakes, .. AgentOptionsValidator.Check(options, file.Find), .. mayHoldSecrets ? [] : Secrets(file)];
        return mistakes.Length == 0 ? (options, []) : (null, mistakes);
    }

    private static IEnumerable<ConfigurationMistake> Secrets(ConfigurationFile file) => ConfigurationKeys.All
        .Where(key => key.IsSecret && file.Find(key.Path) is not null)
        .Select(static key => new ConfigurationMistake(key.Path, "is a secret, and stands in a file that others may read", $"Write it into a file of its own, and name that in {key.Path}File; here it is null."));
}
