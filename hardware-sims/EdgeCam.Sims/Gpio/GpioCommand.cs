using EdgeCam.Sims.Common;
using EdgeCam.Sims.World;

namespace EdgeCam.Sims.Gpio;

/// <summary>The verb <c>gpio</c>: a chip of GPIO lines behind a unix stream socket.</summary>
internal static class GpioCommand
{
    private const string HelpText = """
        Usage: edgecam-sims gpio --socket PATH [OPTIONS]    a chip of GPIO lines, until SIGTERM

          --socket PATH          the chip; "ready PATH" is printed once it is there
          --lines 8              how many lines it has
          --view FILE            line n, where it is an output, lights lamp n for the other simulations
          --lamps-active-low     a lamp is lit while its line is low
          --control SOCKET       answers state, log, input N 0|1|float (the raw level), bounce N TIMES MICROSECONDS, fault N io|busy|off
        """;

    public static int Run(ReadOnlySpan<string> words)
    {
        string[] all = [.. words];
        return SimulationHost.Guard("gpio", HelpText, () => Run(Options.Parse(all, ["socket", "lines", "view", "control"], ["lamps-active-low"])));
    }

    private static int Run(Options options)
    {
        if (options.Help)
        {
            Console.WriteLine(HelpText);
            return 0;
        }

        var path = options.Required("socket");
        using var view = options.Text("view") is { } file ? ViewFile.Open(file) : null;
        using var listener = new UnixListener(path);
        var connections = new Dictionary<int, GpioConnection>(); // touched on the loop only
        var last = 0;
        var chip = new GpioChip(
            options.Integer("lines", 8, 1, 64), (owner, line, at) => connections.GetValueOrDefault(owner)?.Tell(line, at), view, options.Has("lamps-active-low"));
        return SimulationHost.Run(chip, options.Text("control"), $"ready {path}", (loop, stop) => listener.ServeAsync(
            async (stream, ending) =>
            {
                var number = Interlocked.Increment(ref last);
                var connection = new GpioConnection(number, stream, chip, loop);
                loop.Do(_ => connections[number] = connection);
                try
                {
                    await connection.RunAsync(ending);
                }
                finally
                {
                    loop.Do(_ => connections.Remove(number));
                }
            },
            stop));
    }
}
