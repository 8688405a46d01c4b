namespace EdgeCam.Agent;

/// <summary>From the file to the options, or to the whole list of what is wrong with it.</summary>
internal static class AgentOptionsReader
{
    /// <summary>Lists whose sections have keys without default.</summary>
    private static readonly string[] s_lists = ["cameras", "ptz", "gpio.lines", "gpio.pwm", "peers.turnServers", "security.issuers"];

    /// <summary>One file alone; <see cref="LayeredConfiguration"/> has what was set remotely, too.</summary>
    public static (AgentOptions? Options, IReadOnlyList<ConfigurationMistake> Mistakes) Read(string path) => Bind(ConfigurationFile.Load(path));

    public static (AgentOptions? Options, IReadOnlyList<ConfigurationMistake> Mistakes) Parse(string json) => Bind(ConfigurationFile.Parse(json));

    public static (AgentOptions? Options, IReadOnlyList<ConfigurationMistake> Mistakes) Bind(ConfigurationFile file)
    {
        // A camera without name or source cannot be bound at all, nor a TURN server without URL; the rest is bound and checked in spite of
        // mistakes, to name them all.
        var unbound = s_lists.Where(list => file.Mistakes.Any(mistake => mistake.Key.StartsWith(list, StringComparison.Ordinal)))
            .Select(list => list.Replace(".", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)).ToArray();
        var values = file.Values.Where(value => !unbound.Any(list => value.Key.StartsWith(list, StringComparison.OrdinalIgnoreCase)));
        var options = new ConfigurationBuilder().AddInMemoryCollection(values).Build().Get<AgentOptions>() ?? new AgentOptions();

        ConfigurationMistake[] mistakes = [.. file.Mistakes, .. AgentOptionsValidator.Check(options, file.Find)];
        return mistakes.Length == 0 ? (options, []) : (null, mistakes);
    }
}
