using EdgeCam.Agent.Devices.Ports;

namespace EdgeCam.Agent.Devices.Guard;

/// <summary>What <c>edgecam safe</c> prints.</summary>
internal static class SafeReport
{
    private const string Safe = "safe";

    public static readonly DeviceFault NoAnswer = new("it does not answer", "Switch its power off where that is possible.");

    /// <param name="fault">Null where it is safe.</param>
    public static string Line(PortPlan plan, DeviceFault? fault) =>
        fault is null ? $"{Safe}: {plan.Name} ({plan.Uri})" : $"not {Safe}: {plan.Name} ({plan.Uri}): {fault.What}. {fault.Remedy}".ReplaceLineEndings(" ");

    public static bool IsSafe(string line) => line.StartsWith(Safe, StringComparison.Ordinal);
}
