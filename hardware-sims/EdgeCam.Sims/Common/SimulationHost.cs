using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace EdgeCam.Sims.Common;

/// <summary>Runs a device model with its sockets until SIGTERM or SIGINT.</summary>
internal static class SimulationHost
{
    public const int Mistake = 2;

    /// <param name="control">The path of the control socket, or null.</param>
    /// <param name="ready">What to print on stdout once everything can be used.</param>
    /// <param name="services">What serves the device's own wire until it is told to stop.</param>
    public static int Run(ISimulatedDevice device, string? control, string ready, params Func<SimulationLoop, CancellationToken, Task>[] services)
    {
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var loop = new SimulationLoop(device);
        using var listener = control is null ? null : new UnixListener(control);

        var running = services.Select(service => service(loop, stop.Token)).ToList();
        if (listener is not null)
            running.Add(listener.ServeAsync((stream, ending) => ControlServer.ServeAsync(stream, loop, device, ending), stop.Token));
        Console.Out.WriteLine(ready);
        Console.Out.Flush();
        loop.Run(stop.Token);
        Task.WhenAll(running).GetAwaiter().GetResult();
        return 0;

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    /// <summary>Runs a verb; what is wrong with its command line or its paths becomes a sentence and an exit code.</summary>
    public static int Guard(string verb, string help, Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception mistake) when (mistake is FormatException or IOException or UnauthorizedAccessException or SocketException)
        {
            Console.Error.WriteLine($"edgecam-sims {verb}: {mistake.Message}");
            if (mistake is FormatException)
                Console.Error.WriteLine(help);
            return Mistake;
        }
    }
}
