using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Fleet;

/// <summary><c>edgecam fleet</c>: an operator's commands to many devices over MQTT. Needs no device and no server but the broker.</summary>
internal static class FleetCommand
{
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors)
    {
        using var stop = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var ended = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        return await RunAsync(arguments, output, errors, TimeProvider.System, stop.Token);

        void End(PosixSignalContext signal)
        {
            signal.Cancel = true; // first a clean end
            stop.Cancel();
        }
    }

    /// <param name="width">Of the terminal; 0: none; null: as standard error is.</param>
    internal static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors, TimeProvider time, CancellationToken stop, int? width = null)
    {
        if (arguments is [] or ["help", ..] || arguments.Any(static word => word is "--help" or "-h"))
        {
            await (arguments is [] ? errors : output).WriteLineAsync(FleetHelp.Text);
            return arguments is [] ? ExitCode.Usage : ExitCode.Success;
        }

        try
        {
            return await DoAsync(arguments[0], arguments[1..], json => new(output, errors, time, json, width), time, stop);
        }
        catch (FleetException failure)
        {
            await errors.WriteLineAsync($"edgecam fleet: {failure.Message}");
            return failure.ExitCode;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await errors.WriteLineAsync("edgecam fleet: interrupted. What devices were asked for already, they do; fleet show tells how each stands.");
            return ExitCode.Interrupted;
        }
    }

    private static Task<int> DoAsync(string verb, string[] rest, Func<bool, FleetConsole> console, TimeProvider time, CancellationToken stop)
    {
        return (verb, rest) switch
        {
            ("list", _) => At(FleetArguments.ForBroker(rest, [], "--watch", "--offline"), ListCommand.RunAsync),
            ("show", _) => At(FleetArguments.ForBroker(rest, []), ShowCommand.RunAsync),
            ("call", _) => At(FleetArguments.ForBroker(rest, [.. DeviceNames.Options, "--parallel", "--params", "--method"], "--all"), CallCommand.RunAsync),
            ("logs", _) => At(FleetArguments.ForBroker(rest, ["--level", "--lines"], "--follow"), LogsCommand.RunAsync),
            ("update", _) => At(FleetArguments.ForBroker(rest, [.. DeviceNames.Options, "--manifest", "--url", "--parallel", "--stop-after-failures", "--limit"], "--all"), RolloutCommand.RunAsync),
            ("config", ["get", .. var words]) => At(FleetArguments.ForBroker(words, []), ConfigGetCommand.RunAsync),
            ("config", ["set", .. var words]) => At(FleetArguments.ForBroker(words, [.. DeviceNames.Options, "--parallel", "--file", "--revision"], "--all", "--dry-run", "--no-wait"), ConfigSetCommand.SetAsync),
            ("config", ["reset", .. var words]) => At(FleetArguments.ForBroker(words, [.. DeviceNames.Options, "--parallel", "--keys", "--revision"], "--all", "--dry-run", "--no-wait"), ConfigSetCommand.ResetAsync),
            ("config", ["desired", .. var words]) => At(FleetArguments.ForBroker(words, [.. DeviceNames.Options, "--parallel", "--file", "--valid"], "--all", "--clear", "--no-wait"), DesiredCommand.RunAsync),
            ("config", _) => throw FleetException.Usage("config get, config set, config reset or config desired"),
            ("token", _) => Here(FleetArguments.Parse(rest, ["--issuer", "--key", "--audience", "--scope", "--ttl", "--name", "--out", "--page", "--device", "--camera", "--identity"], ["--bearer", "--json"]), FleetTokenCommand.RunAsync),
            ("key", _) => Here(FleetArguments.Parse(rest, ["--out", "--jwks", "--kid", "--retire"], ["--json"]), FleetKeyCommand.RunAsync),
            _ => throw FleetException.Usage($"{PlainText.Of(verb, 40)} is no command"),
        };

        Task<int> At(FleetArguments arguments, Func<FleetArguments, FleetSession, Task<int>> command) =>
            FleetSession.RunAsync(arguments, console(arguments.IsJson), time, session => command(arguments, session), stop);

        Task<int> Here(FleetArguments arguments, Func<FleetArguments, FleetConsole, TimeProvider, Task<int>> command) => command(arguments, console(arguments.IsJson), time);
    }
}
