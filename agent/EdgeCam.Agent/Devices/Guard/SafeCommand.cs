using System.Diagnostics;
using EdgeCam.Agent.Devices.Ports;

namespace EdgeCam.Agent.Devices.Guard;

/// <summary>
/// <c>edgecam safe</c>: makes safe whatever hangs on the ports, by the running agent's guard, or by itself where there is none.
/// </summary>
internal sealed class SafeCommand : IGuardEvents
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private SafeCommand()
    {
    }

    /// <param name="stateFolder">Where a running guard is found.</param>
    /// <returns>True where everything is safe.</returns>
    public static async Task<bool> RunAsync(string stateFolder, IReadOnlyList<PortPlan> plans, TextWriter output)
    {
        // Both wait, for a bounded time, on this thread: the command has nothing else to do.
        var lines = GuardSocket.TryAsk(Path.Combine(stateFolder, GuardSocket.Name)) ?? MakeSafe(plans, s_patience);
        foreach (var line in lines)
            await output.WriteLineAsync(line);
        if (lines.Count == 0)
            await output.WriteLineAsync("safe: no port is configured");
        return lines.All(SafeReport.IsSafe);
    }

    public void OnOpened(GuardPort port)
    {
    }

    public void OnFault(GuardPort port, DeviceFault fault)
    {
    }

    public void OnReply(GuardPort port, int tag, DeviceFault? fault, byte[] data)
    {
    }

    public void OnReceived(GuardPort port, byte[] data)
    {
    }

    public void Log(string line)
    {
    }

    /// <summary>By this process itself; waits on this thread.</summary>
    /// <returns>A line per port.</returns>
    public static IReadOnlyList<string> MakeSafe(IReadOnlyList<PortPlan> plans, TimeSpan patience)
    {
        var began = Stopwatch.GetTimestamp();
        List<GuardPort> ports = [.. plans.Select((plan, index) => new GuardPort((ushort)index, plan, isArmed: false, PortFactory.Open, new SafeCommand()))];
        var lines = new List<string>();
        foreach (var port in ports)
        {
            var rest = patience - Stopwatch.GetElapsedTime(began);
            var isSettled = port.WaitSettled(rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
            lines.Add(SafeReport.Line(port.Plan, isSettled ? port.Unsafe : SafeReport.NoAnswer));
        }

        GuardPort.CloseAll(ports);
        return lines;
    }
}
