using EdgeCam.Agent.Cameras.Confinement;
using EdgeCam.Agent.Devices.Guard;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Fleet;
using EdgeCam.Agent.Peers.Checks;
using EdgeCam.Agent.Peers.Relays;
using EdgeCam.Agent.Settings;

namespace EdgeCam.Agent;

/// <summary>The commands of <c>edgecam</c>.</summary>
internal static class CommandLine
{
    private const string Help = """
        edgecam streams this device's cameras to browsers by WebRTC.

        edgecam run --config FILE      run until SIGTERM or Ctrl-C
        edgecam check --config FILE    name every mistake in a configuration, without starting
        edgecam check --origins --config FILE
                                       print every key with its value, and where that comes from: default,
                                       base (FILE) or remote (config.json in device.stateFolder)
        edgecam check --network --config FILE
                                       ask the configured STUN and TURN servers, too
        edgecam token --config FILE [--scope view,ptz] [--ttl 1h] [--name Ann] [--camera cam0] [--bearer]
                                       make a token, and a link to the viewer with it; scopes are
                                       view, ptz, gpio, record and manage; --bearer binds it to no key
        edgecam greet --config FILE [--ttl 24h]
                                       for a console: where the viewer's page is, and a link to it that
                                       may view, ptz and gpio
        edgecam safe --config FILE     make every device safe: heads stand still, outputs have their safe value
        edgecam setup --file FILE [--root /] [--check]
                                       set up a flashed device at its first boot, and shred the file;
                                       --check names every mistake in it, and writes nothing
        edgecam devices [--config FILE] [--json]
                                       list cameras and encoders, and what would be chosen of them and why
        edgecam devices --try NODE     prove a board's encoder: start, bitrate, key frames, drain, reset
        edgecam schema                 print the configuration's JSON Schema, for editors and fleets
        edgecam update status          what is installed, on trial and kept, and which keys updates may have
        edgecam fleet --help           an operator's commands to many devices over MQTT
        edgecam guard                  internal: the child of "run" that holds the devices' ports
        edgecam confine                internal: gives its rights away, and becomes what reads an IP camera
        edgecam version                print the version
        edgecam --help                 print this

        deploy/edgecam.json has every key of the configuration, with its default and a comment.

        Exit codes: 0 done, 1 mistakes in the configuration, 2 command line not understood,
                    3 could not start (a port is taken), 4 ended by a fault of edgecam,
                    5 a STUN or TURN server does not work, 6 a device could not be made safe,
                    7 an operator asked for a restart; edgecam fleet --help has those of its own
        """;

    /// <param name="plans">The ports of a configuration, with what makes each safe; null: those of heads and lines.</param>
    public static async Task<int> RunAsync(
        string[] arguments, MediaPlaneFactory media, TextWriter output, TextWriter errors, Func<AgentOptions, IReadOnlyList<PortPlan>>? plans = null)
    {
        switch (arguments)
        {
            case ["guard", .. var rest] when rest is [] or ["--socket", _]:
                GuardCommand.Run(rest is [_, var socket] ? socket : null);
                return ExitCode.Success;
            case ["confine", .. var rest]:
                return ConfineCommand.Run(rest, errors);
            case ["version" or "--version"]:
                await output.WriteLineAsync($"edgecam {ProductVersion.Text}");
                return ExitCode.Success;
            case ["schema"]:
                await output.WriteAsync(ConfigurationSchema.Read());
                return ExitCode.Success;
            case ["fleet", .. var rest]:
                return await FleetCommand.RunAsync(rest, output, errors);
            case ["help" or "--help" or "-h", ..] or [_, "--help" or "-h"]:
                await output.WriteLineAsync(Help);
                return ExitCode.Success;
            case ["devices", .. var rest]:
                return await DevicesCommand.RunAsync(rest, output, errors);
            case ["check", "--config", var file]:
                return await CheckCommand.RunAsync(file, showsOrigins: false, output, errors);
            case ["check", "--origins", "--config", var file]:
                return await CheckCommand.RunAsync(file, showsOrigins: true, output, errors);
            case ["check", "--network", "--config", var file]:
                return await ReadAsync(file, errors) is { } checkedOptions ? await CheckNetworkAsync(checkedOptions, output) : ExitCode.Configuration;
            case ["run", "--config", var file]:
                return await RunAsync(file, media, errors);
            case ["token", .. var rest]:
                return await TokenCommand.RunAsync(rest, output, errors);
            case ["greet", "--config", var file]:
                return await GreetCommand.RunAsync(file, GreetCommand.Usual, output, errors);
            case ["greet", "--config", var file, "--ttl", var ttl] when TokenCommand.Duration(ttl) is { } lifetime:
                return await GreetCommand.RunAsync(file, lifetime, output, errors);
            case ["greet", ..]:
                await errors.WriteLineAsync("edgecam greet needs a configuration, and takes a time such as 30m, 24h or 7d: edgecam greet --config FILE [--ttl 24h]");
                return ExitCode.Usage;
            case ["setup", .. var rest]:
                return await SetupCommand.RunAsync(rest, output, errors);
            case ["update", .. var rest]:
                return await UpdateCommand.RunAsync(rest, output, errors);
            case ["safe", "--config", var file]:
                return await ReadAsync(file, errors) is { } safeOptions ? await MakeSafeAsync(safeOptions, plans ?? DevicePlane.Plans, output) : ExitCode.Configuration;
            case ["run" or "check" or "safe", ..]:
                await errors.WriteLineAsync($"edgecam {arguments[0]} needs a configuration: edgecam {arguments[0]} --config FILE");
                return ExitCode.Usage;
            default:
                await errors.WriteLineAsync(arguments.Length == 0 ? Help : $"edgecam: {arguments[0]} is no command; edgecam --help lists them");
                return ExitCode.Usage;
        }
    }

    /// <summary>What is in force; null, and said why, where the operator's file has mistakes.</summary>
    internal static async Task<AgentOptions?> ReadAsync(string file, TextWriter errors)
    {
        var configuration = LayeredConfiguration.Load(file);
        if (configuration.Options is null)
            await CheckCommand.WriteAsync(file, configuration.Mistakes, errors);
        else
            await CheckCommand.WriteRemoteAsync(configuration, errors);
        return configuration.Options;
    }

    private static async Task<int> RunAsync(string file, MediaPlaneFactory media, TextWriter errors)
    {
        var settings = new SettingsKeeper(file, TimeProvider.System);
        if (settings.Current.Options is not null)
            return await AgentHost.RunAsync(settings, media, errors);
        await CheckCommand.WriteAsync(file, settings.Current.Mistakes, errors);
        return ExitCode.Configuration;
    }

    private static async Task<int> CheckNetworkAsync(AgentOptions options, TextWriter output) =>
        await NetworkCheck.RunAsync(options.Peers.StunServers, TurnServersRules.ToRelays(options), output, CancellationToken.None)
            ? ExitCode.Success
            : ExitCode.Network;

    private static async Task<int> MakeSafeAsync(AgentOptions options, Func<AgentOptions, IReadOnlyList<PortPlan>> plans, TextWriter output) =>
        await SafeCommand.RunAsync(options.Device.StateFolder, plans(options), output) ? ExitCode.Success : ExitCode.Unsafe;
}
