using EdgeCam.Sims.Common;
using EdgeCam.Sims.Ptz.Interop;
using EdgeCam.Sims.World;

namespace EdgeCam.Sims.Ptz;

/// <summary>The verb <c>ptz</c>: a pan-tilt head with a zoom lens on a pseudo terminal.</summary>
internal static class PtzCommand
{
    private const string HelpText = """
        Usage: edgecam-sims ptz --link PATH [OPTIONS]    a pan-tilt-zoom head on a pseudo terminal, until SIGTERM

          --link PATH            becomes a symbolic link to the terminal; "ready PATH" is printed once it is there
          --protocol pelco-d     pelco-d, visca or both
          --address 1            the head's own
          --view FILE            shares where it looks with the other simulations
          --control SOCKET       answers state, log, fault noreply|stuck-pan|stuck-tilt|garbage|off, power on|off
          --speed 60             degrees per second at most (Pelco-D's turbo is half as much again)
          --acceleration 200     degrees per second squared
          --pan -170:170, --tilt -30:90    degrees between the mechanical ends
          --zoom 1:10            factors, and --zoom-seconds 4 from end to end
          --backlash 0           degrees
          --general-reply        confirm each Pelco-D command with four bytes
          --tilt-up              Pelco-D tilt positions count upwards, not downwards as in the manual
        """;

    public static int Run(ReadOnlySpan<string> words)
    {
        string[] all = [.. words];
        return SimulationHost.Guard("ptz", HelpText, () => Run(Options.Parse(
            all,
            ["link", "protocol", "address", "view", "control", "speed", "acceleration", "pan", "tilt", "zoom", "zoom-seconds", "backlash"],
            ["general-reply", "tilt-up"])));
    }

    private static int Run(Options options)
    {
        if (options.Help)
        {
            Console.WriteLine(HelpText);
            return 0;
        }

        var protocol = (options.Text("protocol") ?? "pelco-d") switch
        {
            "pelco-d" => WireProtocol.PelcoD,
            "visca" => WireProtocol.Visca,
            "both" => WireProtocol.Both,
            var other => throw new FormatException($"no such protocol {other} (pelco-d, visca, both)"),
        };
        var address = options.Integer("address", 1, 0, protocol == WireProtocol.PelcoD ? 255 : 7);
        var head = new Head(new(
            options.Number("speed", 60, 0.01, 1000),
            options.Number("acceleration", 200, 0.1, 100_000),
            options.Range("pan", -170, 170),
            options.Range("tilt", -30, 90),
            options.Range("zoom", 1, 10),
            options.Number("zoom-seconds", 4, 0.1, 100),
            options.Number("backlash", 0, 0, 30)));
        var link = options.Required("link");
        using var view = options.Text("view") is { } path ? ViewFile.Open(path) : null;
        using var terminal = new PseudoTerminal(link);
        var device = new PtzDevice(
            head, protocol, (byte)address, bytes => terminal.Write(bytes.Span), view, options.Has("general-reply"), options.Has("tilt-up"));
        return SimulationHost.Run(device, options.Text("control"), $"ready {link}", (loop, stop) => Task.Factory.StartNew(
            () => Read(terminal, device, loop, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
    }

    private static void Read(PseudoTerminal terminal, PtzDevice device, SimulationLoop loop, CancellationToken stop)
    {
        var buffer = new byte[1024];
        while (!stop.IsCancellationRequested)
        {
            var length = terminal.Read(buffer, milliseconds: 100);
            if (length <= 0)
                continue;
            var bytes = buffer[..length];
            loop.Do(now => device.Receive(bytes, now));
        }
    }
}
