using System.Runtime.InteropServices;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Devices.Ports.Interop;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Devices.Guard;

/// <summary>
/// <c>edgecam guard</c>: the agent's child that holds the ports, so that what hangs on them is made safe also when the agent is killed,
/// hangs or is stopped.
/// </summary>
internal static class GuardCommand
{
    private static readonly TimeSpan s_lastWords = TimeSpan.FromMilliseconds(200);

    /// <param name="socketPath">Where <c>edgecam safe</c> finds it; null: nowhere.</param>
    public static void Run(string? socketPath)
    {
        LibC.RaisePriority();
        using var input = new SafeFileHandle(0, ownsHandle: false);
        using var output = new SafeFileHandle(1, ownsHandle: false);
        using var errors = new SafeFileHandle(2, ownsHandle: false);
        var messages = new GuardOutput(output, "guard output");
        var lines = new GuardOutput(errors, "guard log");
        using var host = new GuardHost(input, messages, lines, PortFactory.Open);

        // Ctrl-C reaches the whole process group: the agent stops in order, and the guard ends with it.
        using var interrupt = Register(PosixSignal.SIGINT, () => host.Trip("interrupted at the terminal"));
        using var hangUp = Register(PosixSignal.SIGHUP, () => host.Trip("the terminal has gone"));
        using var terminate = Register(PosixSignal.SIGTERM, () => host.End("the guard was told to end"));
        using var demand = socketPath is null ? null : GuardSocket.TryListen(socketPath, host);
        host.Run();
        messages.End(s_lastWords);
        lines.End(s_lastWords);

        PosixSignalRegistration Register(PosixSignal signal, Action action) => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            host.Post(action);
        });
    }
}
