namespace EdgeCam.Agent.Settings;

/// <summary><c>edgecam check</c>: names every mistake, in the operator's file and in what was set remotely.</summary>
internal static class CheckCommand
{
    public static async Task<int> RunAsync(string file, bool showsOrigins, TextWriter output, TextWriter errors)
    {
        var configuration = LayeredConfiguration.Load(file);
        if (configuration.Options is null)
        {
            await WriteAsync(file, configuration.Mistakes, errors);
            return ExitCode.Configuration;
        }

        if (showsOrigins)
        {
            foreach (var (path, value, origin) in EffectiveConfiguration.List(configuration))
                await output.WriteLineAsync($"{Word(origin),-7} {path} = {value}");
        }
        else
        {
            await output.WriteLineAsync($"{file}: good");
        }

        return await CheckRemoteAsync(configuration, showsOrigins, output, errors) ? ExitCode.Success : ExitCode.Configuration;
    }

    /// <summary>Each mistake, and their number.</summary>
    public static async Task WriteAsync(string file, IReadOnlyList<ConfigurationMistake> mistakes, TextWriter errors)
    {
        foreach (var mistake in mistakes)
            await errors.WriteLineAsync(mistake.ToString());
        await errors.WriteLineAsync(mistakes.Count == 1 ? $"{file}: 1 mistake" : $"{file}: {mistakes.Count} mistakes");
    }

    /// <summary>The same of each remote file that is left out.</summary>
    public static async Task WriteRemoteAsync(LayeredConfiguration configuration, TextWriter errors)
    {
        foreach (var file in configuration.RemoteMistakes.GroupBy(static mistake => mistake.File!))
        {
            await WriteAsync(file.Key, [.. file], errors);
            await errors.WriteLineAsync($"{file.Key} is left out: {(configuration.RemoteFile is { } remote ? $"{remote} is" : $"what {configuration.File} says is")} in force.");
        }
    }

    private static async Task<bool> CheckRemoteAsync(LayeredConfiguration configuration, bool isBrief, TextWriter output, TextWriter errors)
    {
        await WriteRemoteAsync(configuration, errors);
        if (!isBrief && configuration.RemoteFile is { } remote)
        {
            var trial = configuration.Layer == SettingsLayer.Trial ? "on trial, " : "";
            await output.WriteLineAsync($"{remote}: good, {trial}it sets {(configuration.RemoteKeys == 1 ? "1 key" : $"{configuration.RemoteKeys} keys")}");
        }

        return configuration.RemoteMistakes.Count == 0;
    }

    private static string Word(ConfigurationOrigin origin) => origin switch
    {
        ConfigurationOrigin.Remote => "remote",
        ConfigurationOrigin.Base => "base",
        _ => "default",
    };
}
