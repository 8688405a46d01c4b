using System.Runtime.InteropServices;
using EdgeCam.Sims.Common;

namespace EdgeCam.Sims.Fleet;

/// <summary>The verb <c>fleet</c>: many devices at a broker, with everything that it sees of real ones.</summary>
internal static class FleetCommand
{
    private const string HelpText = """
        Usage: edgecam-sims fleet --broker URL [OPTIONS]    many devices at an MQTT 5 broker, until SIGTERM

          --broker URL           mqtt://HOST[:PORT], or mqtts:// with --ca FILE where the authority is your own
          --username {device}    and --password-file FILE: {device} in either becomes the device's id; none without them
          --devices 100          50000 at most, named by --name-prefix sim: sim-00001, sim-00002, ...
          --prefix edgecam/v1    of the topics
          --cameras 1            of each device
          --telemetry 30         seconds, and --keep-alive 30
          --device-class linux-arm64    that updates have to be for
          --failing 0.05         of the devices take no update: no room, a damaged archive, or not healthy by it
          --start-rate 200       devices switched on in a second
          --seed 1               what differs between devices follows from it
          --duration SECONDS     ends by itself
          --report 10            seconds between two lines of JSON with what happened; a table follows at the end

        "ready" is printed once every device has been connected. Rpc requests are taken as they are: neither tokens nor
        signatures are checked. Offers are answered with 480, for there is no picture.
        """;

    public static int Run(ReadOnlySpan<string> words)
    {
        string[] all = [.. words];
        return SimulationHost.Guard("fleet", HelpText, () => Run(Options.Parse(all, FleetOptions.Names, [])));
    }

    private static int Run(Options given)
    {
        if (given.Help)
        {
            Console.WriteLine(HelpText);
            return 0;
        }

        var options = FleetOptions.Read(given);
        OpenFiles.MustAllow(options.Devices);
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        if (options.Duration is { } duration)
            stop.CancelAfter(duration);
        var dialer = new FleetDialer(options);
        new DeviceFleet(options, dialer, Console.Out).RunAsync(stop.Token).GetAwaiter().GetResult();
        return 0;

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }
}
